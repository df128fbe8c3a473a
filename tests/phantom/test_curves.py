import numpy as np
import pytest

from spinelib.phantom.curves import TYPES, bent_angles, sample_curves, share_below


def test_curves_come_in_every_type_and_stay_within_their_ranges():
    many = [sample_curves(np.random.default_rng(k)) for k in range(200)]
    assert {int(one["kind"]) for one in many} == set(range(len(TYPES)))
    assert max(np.abs(one["angle"]).max() for one in many) <= 110
    assert all((one["flexibility"] > 0).all() and (one["flexibility"] < 1).all() for one in many)
    without = [np.abs(one["angle"]).max() for one in many if TYPES[int(one["kind"])] == "none"]
    assert max(without) <= 10


def test_the_share_of_a_curve_rises_from_its_lower_to_its_upper_end():
    levels = np.linspace(4, 16, 61)
    share = share_below(levels, apex=10.0, extent=3.0)
    assert share[levels <= 7].tolist() == pytest.approx([1.0] * (levels <= 7).sum())
    assert share[levels >= 13].tolist() == pytest.approx([0.0] * (levels >= 13).sum())
    assert (np.diff(share) <= 1e-12).all()
    assert share_below(np.array(10.0), 10.0, 3.0) == pytest.approx(0.5)


def test_bending_corrects_curves_that_are_convex_to_that_side():
    angle, flexibility = np.array([30.0, -20.0]), np.array([0.5, 0.5])
    np.testing.assert_allclose(bent_angles(angle, flexibility, 1), [15.0, -21.0])
    np.testing.assert_allclose(bent_angles(angle, flexibility, -1), [31.5, -10.0])
    assert bent_angles(angle, flexibility, 0) is angle
