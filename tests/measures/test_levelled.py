"""Single vertebrae in class maps are found or not, whatever their name, as those of a walk are."""

import numpy as np
import pytest

from spinelib.measures.levelled import IDENTIFIED, are_levels, best_dice, found_rows
from spinelib.measures.tables import score_maps
from spinelib.spinefm.instances import Instance
from spinelib.spinefm.score import vertebra_table
from tests.spinefm.films import LEVELS, column

POOLED = ["identified_pooled", "dice_identified_pooled"]


def test_levels_are_told_from_other_structures():
    assert are_levels(("C2", "C3"))
    assert are_levels(("L5", "S"))
    assert not are_levels(("spine",))
    assert not are_levels(("L5",)), "one class is one outline"
    assert not are_levels(("lung", "heart"))


def test_the_best_of_any_class_counts():
    reference = np.array([[1, 1, 1, 1, 2, 2, 0, 0]])
    prediction = np.array([[3, 3, 3, 0, 2, 0, 0, 3]])
    # Class 1 shares three of four pixels with class 3 of four; class 2 one of two with one; class 3 is not labelled.
    assert best_dice(prediction, reference, 3).tolist() == pytest.approx([6 / 8, 2 / 3])


def test_what_is_not_identified_counts_nothing():
    rows = {row["metric"]: row for row in found_rows(np.array([0.9, IDENTIFIED, 0.7, 0.0]))}
    assert rows["identified"]["value"] == 0.5
    assert rows["dice_identified"]["value"] == pytest.approx(0.8)
    assert rows["dice"]["value"] == pytest.approx(0.4)
    missed = {row["metric"]: row["status"] for row in found_rows(np.zeros(2))}
    assert missed == {"identified": "empty_prediction", "dice_identified": "absent", "dice": "empty_prediction"}
    assert {row["status"] for row in found_rows(np.zeros(0))} == {"absent"}
    assert [row["metric"] for row in found_rows(np.ones(1), "_pooled")] == POOLED


def test_a_class_map_scores_as_the_walk_that_finds_the_same_masks():
    films = column(4)
    maps = np.roll(films.labels, 3, axis=1)
    maps[0][maps[0] == 2] = 4  # named wrong, found all the same
    maps[1] = 0
    found = [[Instance("", film == k + 1) for k in range(len(LEVELS))] for film in maps]
    tables = score_maps(maps, films), vertebra_table(found, films)
    assert tables[0]["structure"].iloc[0] == "vertebrae"
    keys = ["split", "case", "metric", "structure"]
    own, theirs = (table[table["structure"] == "vertebrae"].set_index(keys)[["value", "status"]] for table in tables)
    assert len(own) == 4 * 3 + len(POOLED)
    assert own.equals(theirs.loc[own.index])
