import numpy as np
import pytest

from spinelib.cases.drawing import RING, draw_quadrilaterals
from spinelib.cases.outlines import area, corners_of_outlines, region_outline

from .films import spine

CORNERS = spine(bend=50)
TRIANGLE = np.array([[0.0, 0], [4, 0], [0, 4]])


def rings(corners):
    return [quad[RING] for quad in corners]


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("way", [1, -1])
def test_a_quadrilateral_keeps_its_corners_wherever_it_was_begun(turn, way):
    outlines = [np.roll(ring, turn, 0)[::way] for ring in rings(CORNERS)]
    np.testing.assert_array_equal(corners_of_outlines(outlines), CORNERS)


def test_corners_are_found_among_many_points():
    shares = np.linspace(0, 1, 12, endpoint=False)[:, None]
    outlines = [
        np.concatenate([a + shares * (b - a) for a, b in zip(ring, np.roll(ring, -1, 0), strict=True)])
        for ring in rings(CORNERS)
    ]
    np.testing.assert_allclose(corners_of_outlines(outlines), CORNERS, atol=1e-9)


def test_hollow_sides_do_not_move_the_corners():
    ring = np.array([[0, 0], [10, 1.5], [20, 0], [18.5, 5], [20, 10], [10, 8.5], [0, 10], [1.5, 5]], float)
    np.testing.assert_array_equal(corners_of_outlines([ring])[0], [[0, 0], [20, 0], [0, 10], [20, 10]])


def test_a_column_that_leans_turns_left_and_right_with_it():
    turn = np.radians(70)
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    turned = CORNERS @ rotation.T
    np.testing.assert_allclose(corners_of_outlines([np.roll(ring, 2, 0) for ring in rings(turned)]), turned)


def test_what_has_no_four_corners_has_none():
    turn = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], 1)
    found = corners_of_outlines([circle, CORNERS[3][RING], TRIANGLE, np.zeros((5, 2))])
    assert np.isnan(found[[0, 2, 3]]).all()
    assert np.isfinite(found[1]).all()
    assert corners_of_outlines([]).shape == (0, 4, 2)


def test_the_outline_of_a_region_of_pixels():
    corners = np.array([[[2.6, 1.6], [12.4, 1.6], [2.6, 7.4], [12.4, 7.4]]])
    region = draw_quadrilaterals(corners, (10, 15)) > 0
    ring = region_outline(region, 100, 50)
    assert area(ring) == region.sum() == 60
    np.testing.assert_array_equal(ring.min(0), [102.5, 51.5])
    np.testing.assert_array_equal(ring.max(0), [112.5, 57.5])
