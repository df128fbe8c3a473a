"""Curves as a surgeon names them: region, side, translation, flexibility."""

import numpy as np
import pytest

from spinelib.measures.cobb.reading import from_corners
from spinelib.measures.cobb.table import read_maps
from spinelib.questions import cobb
from tests.measures.cobb.spines import GRID, spine


def test_curves_are_named_and_sides_compared(one, read):
    rows = cobb.coronal_rows(cobb.curve_rows(read, one.films))
    assert (rows["side"] == rows["true_side"]).all()
    assert (rows["region"] == rows["true_region"]).all()
    np.testing.assert_allclose(rows["translation"], rows["true_translation"], atol=1.5)
    turned = rows.assign(side="none", region="not named", translation=0.0)
    table = cobb.curve_table({"read": rows, "none": turned})
    # The curve of 6 degrees is no scoliosis.
    assert table["scolioses"].tolist() == [3, 3]
    assert table["same side %"].str.partition(" ")[0].tolist() == ["100.0", "0.0"]
    assert table["named"].tolist() == [3, 0]
    assert table.loc["none", "same region %"] == "none"
    assert cobb.region_matrix(turned)["not named"].sum() == 3


def test_a_spine_read_as_straight_has_no_side(one):
    straight = from_corners(spine([0] * 17), (0.0, float(GRID[0])))
    row = cobb.curve_rows([straight], one.films.subset([0])).iloc[0]
    assert (row["angle"], row["side"], row["translation"]) == (0, "none", 0)


def test_flexibility_is_that_of_the_same_curve_in_both_films(one, read):
    truth = cobb.true_readings(one.films)
    exact = cobb.flexibility_rows(truth, one.films)
    assert exact["patient"].tolist() == ["p0", "p1", "p2"]
    np.testing.assert_allclose(exact[["true_flexibility", "flexibility"]], 50, atol=0.5)
    np.testing.assert_allclose(cobb.flexibility_rows(read, one.films)["flexibility"], 50, atol=15)
    first = list(one.films.table["case"]).index("p0_coronal")
    missed = read_maps(one.maps["unet/full"][first : first + 1], one.films.subset([first]))
    unet = cobb.flexibility_rows([*read[:first], *missed, *read[first + 1 :]], one.films)
    assert unet.set_index("patient").loc["p0", "reason"] == "a film without angles"
    table = cobb.flexibility_table({"exact": exact, "unet/full": unet})
    assert table[["pairs", "with a value"]].to_numpy().tolist() == [[3, 3], [3, 2]]
    assert table.loc["exact", "error"].startswith("0.0 [")


def test_best_median_and_worst_film_come_with_their_answers(one, read):
    drawn = cobb.picked_films(one, read, "seg4regplus/full", "network")
    assert drawn["titles"][2].startswith("worst: error 20.0")
    assert drawn["titles"][2].endswith("p2_coronal")
    assert drawn["answers"][2] == 0
    assert drawn["truth"][2].angles[0] == pytest.approx(20, abs=0.1)
    assert cobb.picked_films(one, read, "seg4regplus/full", "mask")["answers"] is None
