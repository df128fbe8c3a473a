"""Segments become structures by their names."""

from pathlib import Path

import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.sources.segments import by_names

FILE, CLASSES = Path("a.seg.nrrd"), ("L5", "L4", "L3")
VALUES = np.array([[0, 1], [7, 1]])


def test_values_become_the_numbers_of_their_names():
    labels, named = by_names({7: "L5", 1: " l4"}, CLASSES)(FILE, VALUES)
    np.testing.assert_array_equal(labels, [[0, 2], [1, 2]])
    assert (labels.dtype, named) == (np.uint8, ("L5", "L4"))


def test_two_segments_of_one_name_are_one_structure():
    np.testing.assert_array_equal(by_names({7: "L4", 1: "L4"}, CLASSES)(FILE, VALUES)[0], [[0, 2], [2, 2]])


def test_without_known_names_or_with_one_class_numbers_stay():
    assert by_names({1: "Segment_1", 7: "Segment_2"}, CLASSES) is None
    assert by_names({1: "L5"}, ("L5",)) is None
    assert by_names({}, CLASSES) is None


@pytest.mark.parametrize(("names", "words"), [({1: "L5", 7: "cyst"}, "cyst"), ({1: "L5"}, "number 7")])
def test_voxels_of_no_known_segment_are_refused_where_others_are_known(names, words):
    with pytest.raises(BadInput, match=words) as error:
        by_names(names, CLASSES)(FILE, VALUES)
    assert "labels.csv" in error.value.remedy
