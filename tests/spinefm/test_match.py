"""Which predicted vertebra belongs to which labelled one, on masks small enough to count."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from spinelib.spinefm.instances import Instance, instances_of
from spinelib.spinefm.match import overlaps, pair, unlabelled

from .made import STEP, lateral


def block(first, last):
    mask = np.zeros((4, 12), bool)
    mask[:, first:last] = True
    return mask


def test_overlaps_by_hand():
    references, predictions = [block(0, 4), block(6, 8)], [block(0, 4), block(2, 6), block(11, 12)]
    dice, iou = overlaps(references, predictions)
    np.testing.assert_allclose(dice, [[1, 0.5, 0], [0, 0, 0]])
    np.testing.assert_allclose(iou, [[1, 1 / 3, 0], [0, 0, 0]])


def test_no_mask_or_empty_masks_overlap_with_nothing():
    assert [part.shape for part in overlaps([], [block(0, 2)])] == [(0, 1), (0, 1)]
    assert [part.shape for part in overlaps([block(0, 2)], [])] == [(1, 0), (1, 0)]
    dice, iou = overlaps([block(0, 0)], [block(0, 0)])
    assert dice.item() == iou.item() == 0


def test_pairs_have_the_greatest_sum_not_the_greatest_single_score():
    score = np.array([[0.9, 0.8], [0.8, 0.1]])
    assert pair(score, 0.4) == [(0, 1), (1, 0)]
    assert pair(score, 0.85) == [(0, 0)]
    assert pair(np.zeros((0, 3)), 0.4) == []


def test_pairs_are_one_to_one_and_above_the_limit():
    random = np.random.default_rng(0)
    for _ in range(20):
        score = random.random((4, 6))
        found = pair(score, 0.4)
        rows, columns = zip(*found, strict=True)
        assert sorted(rows) == list(rows)
        assert len(set(columns)) == len(columns)
        assert all(score[i, j] > 0.4 for i, j in found)
        high = np.where(score > 0.4, score, 0)
        assert sum(score[i, j] for i, j in found) == pytest.approx(high[linear_sum_assignment(-high)].sum())


X = 22.5  # the middle of the column of squares


@pytest.mark.parametrize(
    ("levels", "y", "expected"),
    [
        # The squares lie at 12.5, 22.5, 32.5.
        (("C3", "C4", "C5"), 2.5, True),
        (("C3", "C4", "C5"), 42.5, True),
        (("C3", "C4", "C5"), 27.5, False),
        (("C2", "C3", "C4"), 2.5, False),
        (("C2", "C3", "C4"), 42.5, True),
        (("L4", "L5", "S1"), 2.5, True),
        (("L4", "L5", "S1"), 42.5, False),
    ],
)
def test_beyond_an_open_end_there_is_a_vertebra_without_label_and_beyond_c2_and_s1_none(levels, y, expected):
    chain = instances_of(lateral(levels), 0)
    assert unlabelled(np.array([X, y]), chain) is expected
    assert unlabelled(np.array([X + 3 * STEP, y]), chain) is False, "far aside"


def test_a_gap_in_the_labels_may_hold_a_vertebra():
    data = lateral(("C3", "C4", "C5", "C6"))
    data.labels[data.labels == 2] = 0
    chain = instances_of(data, 0)
    assert unlabelled(np.array([X, 22.5]), chain) is True
    assert unlabelled(np.array([X, 37.5]), chain) is False


def test_without_any_label_nothing_is_known_to_be_wrong():
    assert unlabelled(np.zeros(2), []) is True
    assert unlabelled(np.zeros(2), [Instance("C3", block(0, 0), known=False)]) is True


def test_a_single_vertebra_may_have_neighbours_above_and_below_but_not_beside():
    chain = instances_of(lateral(("C3", "C4")), 0)[:1]
    assert [unlabelled(chain[0].centroid + offset, chain) for offset in ([0, -8], [0, 8], [8, 0])] == [
        True,
        True,
        False,
    ]
