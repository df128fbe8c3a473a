"""The tables of applied runs: what a row says, when a film is done, and that tables are read as they were written."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from spinelib.apply.folder import ResultsFolder
from spinelib.apply.table import (
    COLUMNS,
    CORNER_COLUMNS,
    ResultsTable,
    cobb_facts,
    failed,
    file_digest,
    level_remark,
    region_facts,
    vertebra_rows,
)
from spinelib.cases import LEVELS
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.reading import from_corners
from tests.measures.cobb.spines import c_curve, s_curve


def row(name="a.png", **changes):
    given = {"file": name, "status": "ok", "network_digest": "r", "file_digest": "f", "mask": "masks/a.png"}
    return given | {"height": 90, "an1": 12.345} | changes


def test_the_digest_is_that_of_bytes_and_of_a_folder_that_of_names_and_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "1").write_bytes(b"one")
    (tmp_path / "f").write_bytes(b"one")
    (tmp_path / "g").write_bytes(b"one")
    assert file_digest(tmp_path / "f") == file_digest(tmp_path / "g")
    assert file_digest(tmp_path / "a") == file_digest(tmp_path / "b") != file_digest(tmp_path / "f")
    (tmp_path / "b" / "1").rename(tmp_path / "b" / "2")
    assert file_digest(tmp_path / "a") != file_digest(tmp_path / "b")


def test_a_failed_film_has_a_reason_and_a_remedy_whatever_went_wrong():
    known = failed("a.png", BadInput("a.png", "is empty", "Copy it again."))
    assert (known["reason"], known["remedy"]) == ("is empty", "Copy it again.")
    other = failed("a.png", ZeroDivisionError("division\nby   zero" + "x" * 300))
    assert other["reason"].startswith("could not be outlined (ZeroDivisionError: division by zerox")
    assert "\n" not in other["reason"]
    assert len(other["reason"]) < 180
    assert other["remedy"]


def test_a_reading_becomes_angles_in_degrees_and_a_row_for_every_vertebra():
    reading = from_corners(c_curve(40), (0.0, 256.0))
    facts = cobb_facts(reading)
    assert facts["an1"] == pytest.approx(40, abs=0.01)
    assert (facts["vertebrae"], facts["cobb_status"], facts["confidence"]) == (17, "ok", 1)
    rows = vertebra_rows("a.png", reading)
    assert [line["vertebra"] for line in rows] == list(LEVELS)
    assert tuple(rows[0]) == CORNER_COLUMNS
    np.testing.assert_allclose(
        [rows[3]["tl_x"], rows[3]["br_y"]], [c_curve(40)[3, 0, 0], c_curve(40)[3, 3, 1]], atol=0.01
    )
    few = from_corners(c_curve(40)[:2], (0.0, 256.0))
    assert "an1" not in cobb_facts(few)
    assert cobb_facts(None) == {}
    assert vertebra_rows("a.png", None) == []


def test_curves_stand_in_the_columns_of_their_region():
    row = region_facts(from_corners(s_curve(40), (0.0, 256.0)))
    assert set(row) <= set(COLUMNS)
    assert row["pt_angle"] == pytest.approx(36)
    assert (row["pt_upper"], row["pt_lower"], row["pt_apex"], row["pt_convex"]) == ("T1", "T9", "T5", "left")
    assert "mt_angle" not in row
    assert row["tl_upper"] == "T9"
    assert row["tl_convex"] == "right"
    assert region_facts(None) == {}


def test_levels_that_are_not_certain_are_said_to_be_so():
    whole, short = (from_corners(s_curve(40)[k:], (0.0, 256.0)) for k in (0, 1))
    assert level_remark(whole) == level_remark(None) == ""
    assert level_remark(short) == "levels are not certain: 16 vertebrae were found, numbered from the top"
    assert "share the column evenly" in level_remark(replace(whole, method="centreline"))
    assert [line["vertebra"] for line in vertebra_rows("a.png", short)][:2] == ["1", "2"]


def test_a_film_is_done_with_its_bytes_and_its_mask(tmp_path):
    table = ResultsTable(ResultsFolder(tmp_path, tmp_path.parent / "films"))
    table.put(row())
    assert not table.done("a.png", "f"), "the mask is not there"
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.png").touch()
    assert table.done("a.png", "f")
    assert not table.done("a.png", "other")
    assert not table.done("b.png", "f")
    table.put(row(status="failed"))
    assert not table.done("a.png", "f")


def test_tables_are_read_as_they_were_written_in_the_order_asked_for(tmp_path):
    ResultsFolder(tmp_path, tmp_path.parent / "films").claim()
    table = ResultsTable(ResultsFolder(tmp_path, tmp_path.parent / "films"))
    corners = vertebra_rows("a.png", from_corners(c_curve(40), (0.0, 256.0)))
    table.put(row(), corners)
    table.put(row("01.png", an1=None))
    table.put(row("gone.png"))
    table.keep(["01.png", "a.png"])
    written = table.write()
    assert list(written.columns) == list(COLUMNS)
    assert written["file"].tolist() == ["01.png", "a.png"]
    assert written["height"].tolist() == [90, 90]
    assert np.isnan(written["an1"][0])
    again = ResultsTable(ResultsFolder(tmp_path, tmp_path.parent / "films"))
    pd.testing.assert_frame_equal(again.write(), written)
    assert len(pd.read_csv(tmp_path / "corners.csv")) == 17
    (tmp_path / "results.csv").write_text("file,somebody\na.png,changed\n")
    assert not ResultsFolder(tmp_path, tmp_path.parent / "films").trusted("results.csv")
    assert ResultsTable(ResultsFolder(tmp_path, tmp_path.parent / "films")).rows == {}


def test_a_name_that_a_spreadsheet_would_run_is_text_there_and_itself_when_it_is_read_back(tmp_path):
    name = '=HYPERLINK("http://somewhere").png'
    ResultsFolder(tmp_path, tmp_path.parent / "films").claim()
    table = ResultsTable(ResultsFolder(tmp_path, tmp_path.parent / "films"))
    corners = vertebra_rows(name, from_corners(c_curve(40), (0.0, 256.0)))
    table.put(row(name, patient="@SUM(A1)", remark="-"), [{**corners[0], "tl_x": -3.5}])
    table.write()
    (found,) = pd.read_csv(tmp_path / "results.csv", dtype=str, keep_default_na=False).to_dict("records")
    assert (found["file"], found["patient"], found["remark"]) == (f"'{name}", "'@SUM(A1)", "'-")
    assert pd.read_csv(tmp_path / "corners.csv")["tl_x"].tolist() == [-3.5]
    for _ in range(2):
        again = ResultsTable(ResultsFolder(tmp_path, tmp_path.parent / "films"))
        assert list(again.rows) == list(again.corners) == [name]
        assert again.rows[name]["patient"] == "@SUM(A1)"
        again.write()
    assert pd.read_csv(tmp_path / "corners.csv")["tl_x"].tolist() == [-3.5]
