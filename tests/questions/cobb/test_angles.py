"""Angles of a study: both routes on the same films, no film dropped, and only what the data can answer."""

import numpy as np
import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.questions import cobb
from spinelib.questions.cobb.angles import COLUMNS, REFERENCE_ENTRY, read_rows, unread
from tests.measures.cobb.spines import GRID


def test_every_run_by_both_routes_on_the_same_films(one, found):
    assert list(one.rows.columns) == list(COLUMNS)
    sizes = one.rows.groupby(["run", "route"]).size().to_dict()
    assert sizes == {("one", "mask"): 7, ("two", "mask"): 7, ("joint", "mask"): 7, ("joint", "network"): 7}
    assert one.left_out == {"coarse": "was scored on 128 x 64"}
    assert found.absent == {"bare": "has no test film with all of its corners"}
    assert list(one.maps) == ["unet/full", "seg4regplus/full"]
    standing = one.rows.query("case == 'p1_coronal' and run == 'two'").iloc[0]
    assert standing["true_an1"] == pytest.approx(50, abs=0.1)
    assert standing["an1"] == pytest.approx(50, abs=3)


def test_a_film_without_angles_counts_as_straight_and_says_why(one):
    line = one.rows.query("case == 'p0_coronal' and run == 'one'").iloc[0]
    assert (line["status"], line["major"], line["smape"]) == ("empty", 0, 100)
    assert np.isnan(line["an1"])
    assert line["cobb_error"] == line["mae_an1"] == pytest.approx(40, abs=0.1)
    answer = one.rows.query("case == 'p2_coronal' and route == 'network'").iloc[0]
    assert (answer["status"], answer["read_from"]) == ("out_of_range", "network")
    assert answer["cobb_error"] == pytest.approx(20, abs=0.1)
    assert unread(one.rows).sum() == 2


def test_the_floor_is_the_reading_of_the_reference_masks(one):
    assert set(one.floor["name"]) == {REFERENCE_ENTRY}
    own = one.rows[one.rows["run"] == "two"]
    np.testing.assert_allclose(one.floor[["an1", "smape"]], own[["an1", "smape"]])


def test_the_tables_survive_the_file(found, tmp_path):
    found.rows.to_csv(tmp_path / "angles.csv", index=False)
    rows = read_rows(tmp_path / "angles.csv")
    pd.testing.assert_frame_equal(rows, found.rows, check_dtype=False)
    with pytest.raises(BadInput, match="no table of angles"):
        read_rows(tmp_path / "absent.csv")
    table = cobb.study_boards(found)
    assert set(table["near_duplicate"]) == {"all", "excluded"}
    assert (table["name"] == REFERENCE_ENTRY).sum() == 1


def test_a_study_without_results_says_what_to_do(tmp_path):
    with pytest.raises(BadInput, match="make study"):
        cobb.study_angles(tmp_path, GRID)
