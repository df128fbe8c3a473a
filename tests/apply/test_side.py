"""Films from the side: one mask with a number for each vertebra, its level in the table, and no Cobb angle."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from spinelib.apply.film import outline_film
from spinelib.apply.gate.answers import SIDE_ANSWER
from spinelib.apply.loop import apply_run
from spinelib.apply.picture import film_thumbnail
from spinelib.apply.side import numbered_levels

from ..spinefm.films import LEVELS, column
from .gate.gates import wants
from .sides import knowing, save_sides


@pytest.fixture
def films():
    return column(2)


@pytest.fixture
def predictor(films, tmp_path):
    return knowing(films, tmp_path / "lateral")


def test_every_vertebra_has_its_number_its_level_and_its_corners(films, predictor, tmp_path):
    found = outline_film(predictor, save_sides(films, tmp_path / "films") / "0.png")
    assert found.reading is None
    assert list(found.names.values()) == list(LEVELS)
    assert list(found.names) == [2, 3, 4, 23, 24, 26]
    true = np.select([films.labels[0] == k for k in range(1, 7)], list(found.names), 0).repeat(3, 0).repeat(3, 1)
    for number in found.names:
        mine, own = found.labels == number, true == number
        assert 2 * (mine & own).sum() / (mine.sum() + own.sum()) > 0.9
    for one in found.side:
        rows, columns = np.nonzero(true == one.number)
        box = [columns.min(), rows.min(), columns.max(), rows.max()]
        corners = [*one.corners[0], *one.corners[3]]
        assert np.abs(np.array(corners) - box).max() < 4


def test_the_table_names_levels_and_holds_no_angle(films, predictor, tmp_path):
    source, out = save_sides(films, tmp_path / "films"), tmp_path / "out"
    assert apply_run(predictor, source, out, progress=False).made == 2
    rows = pd.read_csv(out / "results.csv", dtype=str, keep_default_na=False).set_index("file")
    assert rows.loc["0.png", "structures"] == ";".join(LEVELS)
    assert rows.loc["0.png", ["an1", "cobb_status", "mt_angle", "remark"]].tolist() == ["", "", "", ""]
    corners = pd.read_csv(out / "corners.csv")
    own = corners[corners["file"] == "0.png"]
    assert own["vertebra"].tolist() == list(LEVELS)
    mask = np.asarray(Image.open(out / "masks" / "0.png"))
    for _, row in own.iterrows():
        x, y = (row[[f"{k}_{axis}" for k in ("tl", "tr", "bl", "br")]].mean() for axis in "xy")
        assert mask[round(y), round(x)] == row["in_mask"]
    assert "C2, C3, C4, L4, L5, S1" in (out / "overlays.html").read_text(encoding="utf-8")


def test_names_stand_on_the_overlay(films, predictor, tmp_path):
    found = outline_film(predictor, save_sides(films, tmp_path / "films") / "0.png")
    assert (np.asarray(film_thumbnail(found)) == 255).all(-1).sum() > 50


def test_unknown_and_repeated_levels_have_numbers_of_their_own():
    assert numbered_levels(["", "C3", "", "C3", "S1"]) == [101, 3, 102, 103, 26]


def test_an_answer_that_the_gate_refuses_has_an_overlay_a_reason_and_no_mask(films, predictor, tmp_path):
    source, out, digest = save_sides(films, tmp_path / "films"), tmp_path / "out", predictor.card.weights
    for least, status in ((len(LEVELS), "ok"), (len(LEVELS) + 1, "doubtful"), (len(LEVELS) + 4, "refused")):
        wants(SIDE_ANSWER, digest, "found", least).write(predictor.folder)
        applied = apply_run(predictor, source, out, progress=False)
        assert applied.results["status"].tolist() == [status, status]
        assert (out / "overlays" / "0.jpg").is_file()
        assert (out / "masks" / "0.png").is_file() == (status != "refused")
        # Another gate says otherwise of the same answer.
        assert (applied.made, applied.before) == (2, 0)
    row = applied.results.iloc[0]
    assert row["reason"].startswith("6 vertebrae found")
    assert row["remedy"] == SIDE_ANSWER.remedy
    assert row["structures"] == ""
    assert row["confidence"] < 0.01
    assert pd.read_csv(out / "corners.csv").empty
    assert "Refused: 6 vertebrae found" in (out / "overlays.html").read_text(encoding="utf-8")


def test_a_picture_without_vertebrae_is_refused_by_any_gate(films, predictor, tmp_path):
    wants(SIDE_ANSWER, predictor.card.weights, "found", 1).write(predictor.folder)
    (tmp_path / "films").mkdir()
    Image.fromarray(np.add.outer(np.arange(256), np.arange(300)).astype(np.uint8)).save(tmp_path / "films" / "a.png")
    predictor.network.pipeline.detector.detect = lambda films: [[] for _ in films]
    row = apply_run(predictor, tmp_path / "films", tmp_path / "out", progress=False).results.iloc[0]
    assert (row["status"], row["confidence"]) == ("refused", 0)
    assert row["reason"].startswith("no row of vertebrae: 0 found; the picture is wider than high")
