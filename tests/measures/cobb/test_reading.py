import dataclasses

import numpy as np
import pytest

from spinelib.measures.cobb.reading import NO_ANGLE, STATUSES, from_corners
from spinelib.measures.cobb.rules import aasce_angles
from tests.measures.cobb.spines import c_curve, s_curve, spine

FILM = (0.0, 256.0)


def test_good_corners_give_the_angles_of_the_rule():
    corners = s_curve(40)
    reading = from_corners(corners, FILM)
    np.testing.assert_array_equal(reading.angles, aasce_angles(corners[None], [256])[0])
    assert (reading.status, reading.confidence) == ("ok", 1)
    np.testing.assert_allclose(reading.tilts[[0, -1]], [20, 12], atol=1e-6)
    assert set(NO_ANGLE) < set(STATUSES)
    with pytest.raises(dataclasses.FrozenInstanceError):
        reading.status = "merged"


def test_a_straight_spine_has_its_ends_in_order():
    reading = from_corners(spine([0] * 17), FILM)
    assert (reading.angles.tolist(), reading.ends) == ([0, 0, 0], (0, 1))


def test_the_top_of_the_film_is_taken_off():
    corners = s_curve(40)
    np.testing.assert_allclose(
        from_corners(corners + np.array([0, 500]), (500.0, 256.0)).angles, from_corners(corners, FILM).angles, atol=1e-5
    )


@pytest.mark.parametrize("order", [[1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]])
def test_mirrored_corners_are_turned_back_and_named(order):
    corners = c_curve(40)
    one = corners.copy()
    one[4] = corners[4, order]
    for wrong, count in ((corners[:, order], 17), (one, 1)):
        reading = from_corners(wrong, FILM)
        assert reading.status == "mirrored"
        assert reading.reason.startswith(f"{count} vertebrae")
        np.testing.assert_allclose(reading.corners, corners)
        assert reading.angles[0] == pytest.approx(40)


def test_unknown_vertebrae_are_left_out_and_named():
    corners = c_curve(40)
    corners[5, 2, 0] = np.nan
    reading = from_corners(corners, FILM)
    assert (reading.status, len(reading.corners)) == ("missing", 16)
    assert reading.angles[0] == pytest.approx(40)
    assert from_corners(c_curve(40)[:12], FILM, count=None).status == "ok"
    assert from_corners(corners, FILM, count=None).status == "missing"


def test_too_few_flat_and_wild_ones_have_no_angle():
    flat = c_curve(40)
    flat[3] = flat[3, 0]
    for corners, status in (
        (c_curve(40)[:2], "few_vertebrae"),
        (np.empty((0, 4, 2)), "few_vertebrae"),
        (flat, "few_vertebrae"),
        (spine(np.linspace(70, -70, 17)), "out_of_range"),
    ):
        reading = from_corners(corners, FILM)
        assert reading.status == status
        assert reading.reason
        assert np.isnan(reading.angles).all()


def test_other_shapes_are_refused():
    with pytest.raises(ValueError, match=r"\[V, 4, 2\]"):
        from_corners(np.zeros((1, 17, 4, 2)), FILM)
