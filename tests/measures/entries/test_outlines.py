"""Entries of outlines: the words of a definition are what its function computes."""

import numpy as np
import pytest

from spinelib.measures.entries.outlines import OF_OUTLINES, OF_PIXELS
from spinelib.measures.metric import LENGTH
from spinelib.measures.pair import Pair
from tests.measures.masks import box

TP, FP, FN, TN = 6.0, 2.0, 1.0, 11.0
DEFINED = {
    "dice": 2 * TP / (2 * TP + FP + FN),
    "iou": TP / (TP + FP + FN),
    "miou": (TP / (TP + FP + FN) + TN / (TN + FP + FN)) / 2,
    "sensitivity": TP / (TP + FN),
    "precision": TP / (TP + FP),
    "pixel_accuracy": (TP + TN) / (TP + FP + FN + TN),
}


@pytest.mark.parametrize("entry", OF_PIXELS, ids=lambda entry: entry.name)
def test_shares_of_pixels_are_as_defined(entry):
    assert entry.compute(*map(np.asarray, (TP, FP, FN, TN))) == pytest.approx(DEFINED[entry.name])
    assert entry.units == ("1",)
    assert entry.higher_is_better


@pytest.mark.parametrize("entry", OF_OUTLINES, ids=lambda entry: entry.name)
def test_a_perfect_outline_has_the_best_value_and_a_missed_one_the_worst(entry):
    mask = box((20, 16), (4, 16), (4, 12))
    scales = {"px": (1.0, 1.0), "mm": (0.5, 0.5)}
    best, moved = (Pair(np.roll(mask, k, axis=0), mask, scales, (20, 16), (12, 8)) for k in (0, 3))
    assert entry.penalty == (0.0 if entry.higher_is_better else LENGTH)
    for unit in entry.units:
        perfect, worse = entry.compute(best, unit), entry.compute(moved, unit)
        assert perfect == (1.0 if entry.higher_is_better else 0.0)
        assert (worse < perfect) == entry.higher_is_better
