"""Entries of single vertebrae: they are what is computed of films and of volumes under these names."""

import numpy as np

from spinelib.core.structures import STRUCTURES
from spinelib.measures.entries.vertebrae import OF_LEVELS, OF_VERTEBRAE
from spinelib.measures.metric import Table
from spinelib.measures.volumes import volume_rows


def test_levels_are_computed_of_volumes_in_the_units_of_their_entries():
    labels = np.zeros((3, 24, 16), np.uint8)
    for k in range(len(STRUCTURES)):
        labels[:, k : k + 2, 4:12] = k + 1
    rows = volume_rows(labels, labels, STRUCTURES, (4.0, 1.0, 1.0))
    found = {row["metric"]: (row["value"], row["unit"]) for row in rows}
    assert {entry.name: entry.unit for entry in OF_LEVELS} == {"level_shift": "levels", "dice_unshifted": "1"}
    assert found["level_shift"] == (0, "levels")
    assert found["dice_unshifted"] == (1, "1")


def test_errors_are_better_when_they_are_few_and_shares_of_what_is_right_when_they_are_large():
    better_low = {entry.name for entry in (*OF_LEVELS, *OF_VERTEBRAE) if not entry.higher_is_better}
    assert better_low == {"level_shift", "off_by_one", "false_detections"}
    assert all(Table.VERTEBRAE in entry.shown for entry in OF_VERTEBRAE)
