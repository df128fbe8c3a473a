from dataclasses import replace

import numpy as np
import pytest

from spinelib.cases import LEVELS
from spinelib.core.errors import BadInput
from spinelib.spinefm.instances import ends_of, has_landmarks, has_vertebrae, instances_of

from .made import coronal, lateral


def test_corners_become_one_mask_per_vertebra_from_above():
    found = instances_of(coronal(), 0)
    assert [instance.level for instance in found] == list(LEVELS)
    centres = np.stack([instance.centroid for instance in found])
    assert (np.diff(centres[:, 1]) > 0).all()
    for instance in found:
        assert instance.mask.dtype == bool
        np.testing.assert_allclose(instance.centroid, instance.corners.mean(0), atol=0.6)


def test_an_unlabelled_vertebra_inside_the_chain_is_unknown_and_outside_it_is_not_there():
    data = coronal()
    data.landmarks[0, [0, 1, 7]] = np.nan
    found = instances_of(data, 0)
    assert [instance.level for instance in found] == list(LEVELS[2:])
    assert [instance.level for instance in found if not instance.known] == ["T8"]
    assert not found[5].mask.any()
    assert np.isnan(found[5].centroid).all()


def test_classes_that_are_levels_become_instances_in_anatomical_order():
    data = lateral(("L5", "S", "L4"))
    found = instances_of(data, 0)
    assert [instance.level for instance in found] == ["L4", "L5", "S1"]
    for instance, value in zip(found, (3, 1, 2), strict=True):
        np.testing.assert_array_equal(instance.mask, data.labels[0] == value)
        assert instance.corners is None


def test_a_class_that_no_pixel_of_the_film_has_is_left_out():
    data = lateral(("C2", "C3", "C4"))
    data.labels[0][data.labels[0] == 1] = 0
    assert [instance.level for instance in instances_of(data, 0)] == ["C3", "C4"]
    data.labels[0] = 0
    assert instances_of(data, 0) == []


def test_only_named_vertebrae_can_be_told_apart(toy_cases):
    assert not has_vertebrae(toy_cases)
    with pytest.raises(BadInput, match="marks no single vertebrae"):
        instances_of(toy_cases, 0)
    assert has_vertebrae(coronal())
    assert not has_landmarks(coronal())
    assert has_landmarks(lateral(("C2", "C3")))
    assert has_landmarks(lateral(("L5", "S1")))
    assert not has_landmarks(lateral(("L4", "L5")))


def test_ends_are_c2_and_s1_or_extrapolated_beyond_t1_and_l5():
    chain = instances_of(coronal(), 0)
    above, below = ends_of(chain)
    assert (above.level, below.level) == ("above T1", "below L5")
    assert not above.known
    np.testing.assert_allclose(below.corners - chain[-1].corners, chain[-1].corners - chain[-2].corners)
    assert above.centroid[1] < chain[0].centroid[1]
    assert not (above.mask & chain[0].mask).any()
    upper, lower = ends_of(instances_of(lateral(("C2", "C3")), 0))
    assert upper.level == "C2"
    assert lower is None
    assert ends_of(instances_of(lateral(("L5", "S1")), 0))[1].level == "S1"
    lumbar = instances_of(lateral(("L3", "L4", "L5")), 0)
    upper, lower = ends_of(lumbar)
    assert upper is None
    assert lower.level == "below L5"
    np.testing.assert_allclose(lower.centroid - lumbar[2].centroid, lumbar[2].centroid - lumbar[1].centroid)
    assert ends_of(chain[2:-2]) == (None, None)
    assert ends_of([]) == (None, None)


def test_a_vertebra_beyond_the_edge_of_the_grid_is_no_end():
    data = coronal()
    moved = replace(data, landmarks=data.landmarks - np.float32([0, data.landmarks[0, 0, 0, 1]]))
    assert ends_of(instances_of(moved, 0))[0] is None
