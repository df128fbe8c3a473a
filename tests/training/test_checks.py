"""Cases that cannot serve for a training are refused with what to do."""

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.training.checks import check_angles, check_known, check_split

KNOWN = np.array([[True, True], [True, False], [True, True], [False, False]])
CLASSES = ("low", "high")


@pytest.mark.parametrize(
    ("train", "validation", "words"),
    [
        ([], [1], "training cases: there are none.*smaller number of folds"),
        ([0], [], "validation cases: there are none"),
        ([0, 5], [1], r"training cases: lie outside 0\.\.4"),
        ([0], [-1], r"validation cases: lie outside 0\.\.4"),
        ([0, 1, 2], [3, 2, 1], "validation cases: 2 also serve for training.*by patient"),
    ],
)
def test_sides_that_are_empty_outside_or_shared(train, validation, words):
    with pytest.raises(BadInput, match=words):
        check_split(np.array(train, int), np.array(validation, int), 5)


def test_sides_that_are_apart_need_not_cover_all_cases():
    check_split(np.array([4, 0]), np.array([2]), 5)


def test_a_structure_must_be_labelled_in_a_training_case_or_known_already():
    check_known(KNOWN, np.array([0, 1]), np.array([2]), CLASSES, False)
    with pytest.raises(BadInput, match=r"training cases: none labels high\. Add cases"):
        check_known(KNOWN, np.array([1]), np.array([2]), CLASSES, False)
    check_known(KNOWN, np.array([1]), np.array([2]), CLASSES, True)


@pytest.mark.parametrize(("train", "validation"), [([0, 3], [2]), ([0], [3])])
def test_a_case_without_any_label_is_refused_even_where_all_is_known_already(train, validation):
    with pytest.raises(BadInput, match=r"1 of them label no structure.*labelled\.csv"):
        check_known(KNOWN, np.array(train), np.array(validation), CLASSES, True)


def test_angles_need_a_film_with_corners_on_both_sides_and_no_shear():
    angles = np.array([[20.0, 10.0, 5.0], [np.nan] * 3, [12.0, np.nan, np.nan]])
    check_angles(angles, np.array([0, 1]), np.array([2]), 0.0)
    with pytest.raises(BadInput, match=r"recipe geometry: shear changes the angles.* Set shear to 0"):
        check_angles(angles, np.array([0]), np.array([2]), 3.0)
    with pytest.raises(BadInput, match="validation cases: have no Cobb angles"):
        check_angles(angles, np.array([0, 2]), np.array([1]), 0.0)
    with pytest.raises(BadInput, match="training cases: have no Cobb angles"):
        check_angles(angles, np.array([1]), np.array([0, 2]), 0.0)
