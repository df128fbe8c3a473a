import numpy as np
import pytest

from spinelib.cases import draw_quadrilaterals
from spinelib.measures.cobb.bodies import outline, quadrilaterals
from tests.measures.cobb.spines import GRID, s_curve, spine


def tilts(corners):
    across = corners[:, [1, 3]].sum(1) - corners[:, [0, 2]].sum(1)
    return np.degrees(np.arctan2(across[:, 1], across[:, 0]))


def test_corners_come_back_from_drawn_bodies():
    true = s_curve(50)
    found, rough = quadrilaterals(draw_quadrilaterals(true, GRID), np.zeros(17))
    assert np.abs(found - true).max() < 1.2
    assert np.abs(tilts(found) - tilts(true)).mean() < 0.7
    assert rough.max() < 0.3


def test_a_wedge_is_no_rectangle():
    wedge = np.array([[[20, 20], [60, 28], [20, 50], [60, 42]]], float)
    found, _ = quadrilaterals(draw_quadrilaterals(wedge, (70, 80)), np.zeros(1))
    np.testing.assert_allclose(found, wedge, atol=0.7)


def test_a_rough_start_is_good_enough():
    true = spine([25.0], width=20)
    labels = draw_quadrilaterals(true, GRID)
    for start in (5, 25, 45):
        found, _ = quadrilaterals(labels, np.radians([start]))
        assert tilts(found)[0] == pytest.approx(25, abs=1.5)


def test_ragged_outlines_are_rougher():
    clean = draw_quadrilaterals(spine([0] * 17), GRID)
    rng = np.random.default_rng(0)
    edge = (clean != np.roll(clean, 1, 1)) | (clean != np.roll(clean, 1, 0))
    ragged = np.where(edge & (rng.random(GRID) < 0.5), 0, clean)
    _, smooth = quadrilaterals(clean, np.zeros(17))
    _, rough = quadrilaterals(ragged, np.zeros(17))
    assert np.median(rough) > np.median(smooth) + 0.1


def test_absent_and_tiny_bodies_are_unknown():
    labels = draw_quadrilaterals(spine([0, 0, 0]), GRID)
    labels[labels == 2] = 0
    labels[5, 5:8] = 4
    found, rough = quadrilaterals(labels, np.zeros(4))
    assert np.isfinite(found[[0, 2]]).all()
    assert np.isnan(found[[1, 3]]).all()
    assert np.isnan(rough[[1, 3]]).all()


def test_touching_bodies_both_have_the_border():
    labels = np.zeros((4, 6), int)
    labels[1:3, 1:3], labels[1:3, 3:5] = 1, 2
    body, points = outline(labels)
    assert np.bincount(body).tolist() == [8, 8]
    for k in (0, 1):
        assert [2.5, 1] in points[body == k].tolist()
