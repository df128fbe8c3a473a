"""Scores of hand-made volumes: known structures, means by group, and chains that are named a level off."""

from math import sqrt

import numpy as np
import pytest

from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.measures.volumes import moved_up, volume_rows

SPACING = (4.0, 1.0, 0.5)
LABEL = {name: k + 1 for k, name in enumerate(STRUCTURES)}


def chain(*names):
    """Blocks of 3 x 4 x 6 voxels, one below the other."""
    labels = np.zeros((5, 6 * len(names), 12), np.uint8)
    for i, name in enumerate(names):
        labels[1:4, 6 * i : 6 * i + 4, 3:9] = LABEL[name]
    return labels


def scored(prediction, reference, known=None, classes=STRUCTURES):
    mask = None if known is None else np.array([name in known for name in classes])
    rows = volume_rows(prediction, reference, classes, SPACING, mask)
    found = {(row["structure"], row["metric"], row["unit"]): (row["value"], row["status"]) for row in rows}
    assert len(found) == len(rows), "no row twice"
    return found


def value(found, structure, metric="dice", unit="1"):
    return found[structure, metric, unit][0]


def test_a_perfect_answer_scores_as_one():
    reference = chain("L3", "L3/L4", "L4", "L4/L5", "L5")
    found = scored(reference, reference)
    for structure in ("L3", "L4/L5", "vertebrae", "discs", "all"):
        assert value(found, structure) == value(found, structure, "iou") == 1
        assert value(found, structure, "hd95", "mm") == value(found, structure, "assd", "mm") == 0
    assert found["T9", "dice", "1"][1] == "absent"
    assert value(found, "all", "level_shift", "levels") == 0
    assert value(found, "all", "dice_unshifted") == 1


def test_distances_are_in_mm_of_each_axis():
    reference, prediction = chain("L4"), chain("L4")
    prediction[4] = prediction[3]
    found = scored(prediction, reference)
    # One slice more, 4 mm thick: its rim and face are 4 mm off; three blocks of four are shared.
    assert value(found, "L4") == pytest.approx(6 / 7)
    assert value(found, "L4", "hd95", "mm") == pytest.approx(4)


def test_means_of_a_group_are_over_what_is_there():
    reference = chain("L3", "L3/L4", "L4", "L4/L5", "L5")
    prediction = reference.copy()
    prediction[:, :, 6:][prediction[:, :, 6:] == LABEL["L4"]] = 0
    prediction[prediction == LABEL["L4/L5"]] = 0
    found = scored(prediction, reference)
    assert value(found, "L4") == pytest.approx(2 / 3)
    assert found["L4/L5", "dice", "1"] == (0, "empty_prediction")
    assert value(found, "vertebrae") == pytest.approx((2 + 2 / 3) / 3)
    assert value(found, "discs") == pytest.approx(1 / 2)
    assert value(found, "all") == pytest.approx((3 + 2 / 3) / 5)


def test_a_missed_structure_costs_its_own_length():
    reference = chain("L3", "L4")
    prediction = np.where(reference == LABEL["L4"], 0, reference).astype(np.uint8)
    found = scored(prediction, reference)
    length = sqrt((3 * 4) ** 2 + 4**2 + (6 * 0.5) ** 2)
    for metric in ("hd95", "assd"):
        assert found["L4", metric, "mm"] == (pytest.approx(length), "empty_prediction")
        assert value(found, "L4", metric, "%") == 100
        assert value(found, "vertebrae", metric, "mm") == pytest.approx(length / 2)
    assert value(found, "vertebrae") == pytest.approx(1 / 2)
    assert ("discs", "dice", "1") not in found


def test_an_invented_structure_counts_against_the_case():
    reference = chain("L3", "L4")
    prediction = reference.copy()
    prediction[0, 0, :2] = LABEL["T9"]
    found = scored(prediction, reference)
    assert found["T9", "dice", "1"] == (0, "empty_reference")
    assert value(found, "vertebrae") == pytest.approx(2 / 3)


def test_an_unlabelled_structure_is_neither_hit_nor_error():
    full = chain("L3", "L3/L4", "L4", "L4/L5", "L5")
    known = ("L3", "L4", "L5")
    reference = np.where(np.isin(full, [LABEL[name] for name in known]), full, 0).astype(np.uint8)
    found, plain = scored(full, reference, known), scored(reference, reference, known)
    assert found == plain
    assert {structure for structure, *_ in found} == {*known, "vertebrae", "all"}
    assert value(found, "all") == 1
    assert value(scored(full, reference), "all") == pytest.approx(3 / 5), "the same labels as a full answer"


def test_a_known_structure_that_is_predicted_as_an_unlabelled_one_is_missed():
    reference, prediction = chain("L3", "L4"), chain("T9", "L4")
    found = scored(prediction, reference, ("L3", "L4"))
    assert found["L3", "dice", "1"] == (0, "empty_prediction")
    assert ("T9", "dice", "1") not in found


@pytest.mark.parametrize("shift", [-2, -1, 1, 2])
def test_a_chain_named_a_level_off_is_found(shift):
    names = ("L1", "L1/L2", "L2", "L2/L3", "L3")
    reference = chain(*names)
    prediction = moved_up(-shift)[reference]
    found = scored(prediction, reference)
    assert value(found, "all", "level_shift", "levels") == shift
    assert value(found, "all", "dice_unshifted") == 1
    assert value(found, "all") < 0.5


def test_a_shift_is_found_where_only_some_levels_are_labelled():
    reference = chain("L2", "L3", "L4")
    # One level too high: L2 is called L1, which this case does not label.
    prediction = moved_up(1)[reference]
    found = scored(prediction, reference, ("L2", "L3", "L4"))
    assert value(found, "all", "level_shift", "levels") == -1
    assert value(found, "all", "dice_unshifted") == 1
    assert value(found, "all") == 0


def test_a_bad_outline_is_no_shift():
    reference = chain("L3", "L3/L4", "L4", "L4/L5", "L5")
    prediction = np.roll(reference, 2, axis=2)
    found = scored(prediction, reference)
    assert value(found, "all", "level_shift", "levels") == 0
    assert value(found, "all", "dice_unshifted") == pytest.approx(value(found, "all"))
    empty = scored(np.zeros_like(reference), reference)
    assert value(empty, "all", "level_shift", "levels") == value(empty, "all", "dice_unshifted") == 0


def test_the_sacrum_is_the_lowest_level_and_nothing_lies_past_the_ends():
    up, down = moved_up(1), moved_up(-1)
    assert (up[LABEL["S"]], down[LABEL["L5"]]) == (LABEL["L5"], LABEL["S"])
    assert (up[LABEL["L5/S"]], down[LABEL["L4/L5"]]) == (LABEL["L4/L5"], LABEL["L5/S"])
    assert up[LABEL["T9"]] == up[LABEL["T9/T10"]] == down[LABEL["S"]] == down[LABEL["L5/S"]] == 0
    np.testing.assert_array_equal(moved_up(0), np.arange(len(STRUCTURES) + 1))
    for table in (up, down):
        moved = [STRUCTURES[k - 1] for k in table[1:11] if k]
        assert set(moved) <= set(VERTEBRAE)
        assert {STRUCTURES[k - 1] for k in table[11:] if k} <= set(DISCS)


def test_other_structures_have_no_levels():
    reference = (chain("L5") > 0).astype(np.uint8)
    found = scored(reference, reference, classes=("spine",))
    assert value(found, "all") == value(found, "spine") == 1
    assert not [key for key in found if key[1] in ("level_shift", "dice_unshifted")]


def test_a_case_without_anything_has_no_means():
    nothing = np.zeros((3, 8, 8), np.uint8)
    found = scored(nothing, nothing, ("L3", "L4"))
    assert {structure for structure, *_ in found} == {"L3", "L4"}
    assert {status for _, status in found.values()} == {"absent"}


def test_maps_that_do_not_fit_are_refused():
    reference = chain("L3", "L4")
    with pytest.raises(ValueError, match="differ in shape"):
        scored(reference[1:], reference)
    too_high = np.where(reference > 0, 20, 0).astype(np.uint8)
    for known in (None, ("L3",)):
        with pytest.raises(ValueError, match="class 20 in a map of 19 structures"):
            scored(too_high, reference, known)
