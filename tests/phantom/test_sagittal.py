import numpy as np
import pytest

from spinelib.phantom import sample_anatomy
from spinelib.phantom.sagittal import C2, C3, C7, L1, L5, LATERAL_LEVELS, S1, body_ring, corners, lateral_spine


def test_c2_stands_on_c3_with_a_dens():
    side = lateral_spine(sample_anatomy(1, 3)[0], 1, 0.1)
    gap = np.linalg.norm(side.centre[C2] - side.centre[C3]) - side.half[C2, 2] - side.half[C3, 2]
    assert 2 < gap < 8
    ring = body_ring(side, C2)
    assert ring[:, 1].max() > 2 * side.half[C2, 2]
    # The dens stands on the body, not before or behind it.
    tip = ring[ring[:, 1].argmax()]
    assert abs(tip[0]) < side.half[C2, 1]
    assert (np.diff(side.centre[:, 2]) < 0).all()


def test_turning_the_patient_mirrors_the_spine():
    patient = sample_anatomy(1, 3)[0]
    right, left = lateral_spine(patient, 1), lateral_spine(patient, -1)
    np.testing.assert_allclose(right.centre * (-1, 1, 1), left.centre)
    np.testing.assert_allclose(corners(right, L1)[[1, 0, 3, 2]] * (-1, 1, 1), corners(left, L1))


def test_flexion_bends_the_cervical_spine_alone():
    patient = sample_anatomy(1, 3)[0]
    a, b = lateral_spine(patient, 1, 0.0), lateral_spine(patient, 1, 0.3)
    np.testing.assert_array_equal(a.up[C7 + 1 :], b.up[C7 + 1 :])
    assert b.centre[C2, 0] > a.centre[C2, 0] + 5
    assert a.up[L5] @ a.front[L5] == pytest.approx(0)
    assert a.half.shape == (len(LATERAL_LEVELS), 3)
    assert len(LATERAL_LEVELS) - 1 == S1
