import numpy as np
import pytest
from PIL import Image, ImageDraw

from spinelib.cases import draw_column, draw_quadrilaterals

from .films import spine


def box(x0, y0, x1, y1):
    return np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]], float)


def test_pixel_centres_decide():
    drawn = draw_quadrilaterals(box(1.5, 2.5, 4.5, 5.5)[None], (8, 8))
    expected = np.zeros((8, 8), np.uint8)
    expected[3:6, 2:5] = 1
    np.testing.assert_array_equal(drawn, expected)


def test_area_is_that_of_the_quadrilateral():
    rng = np.random.default_rng(0)
    for _ in range(20):
        turn = rng.uniform(-0.7, 0.7)
        rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
        corners = box(-30, -18, 30, 18) @ rotation.T + (80.3, 60.7)
        assert int(draw_quadrilaterals(corners[None], (120, 160)).sum()) == pytest.approx(60 * 36, rel=0.02)


def test_agrees_with_a_polygon_drawn_four_times_as_large():
    corners = spine(400, 200, bend=40)
    large = Image.new("L", (800, 1600))
    for ring in (corners[:, [0, 1, 3, 2]] + 0.5) * 4 - 0.5:
        ImageDraw.Draw(large).polygon([tuple(point) for point in ring], fill=255)
    expected = np.asarray(large.resize((200, 400), Image.Resampling.BOX)) > 127
    drawn = draw_quadrilaterals(corners, (400, 200)) > 0
    assert 2 * (drawn & expected).sum() / (drawn.sum() + expected.sum()) > 0.985


def test_labels_number_the_vertebrae_and_unknown_ones_are_left_out():
    corners = spine(400, 200)
    corners[3, 2, 1] = np.nan
    labels = draw_quadrilaterals(corners, (400, 200))
    assert set(np.unique(labels)) == set(range(18)) - {4}


def test_neighbours_that_share_an_edge_share_no_pixel_and_leave_no_gap():
    upper, lower = box(2, 2, 10, 6), box(2, 6, 10, 9)
    both = [draw_quadrilaterals(part[None], (12, 12)) for part in (upper, lower)]
    assert not (both[0] & both[1]).any()
    np.testing.assert_array_equal(both[0] | both[1], draw_quadrilaterals(box(2, 2, 10, 9)[None], (12, 12)))


def test_what_lies_outside_is_cut_off():
    assert draw_quadrilaterals(box(-50, -50, 3.5, 3.5)[None], (8, 8)).sum() == 16
    assert not draw_quadrilaterals(box(100, 100, 140, 120)[None], (8, 8)).any()
    assert not draw_quadrilaterals(np.empty((0, 4, 2)), (8, 8)).any()


def test_the_column_fills_the_discs():
    corners = spine(400, 200, bend=30)
    vertebrae, column = draw_quadrilaterals(corners, (400, 200)) > 0, draw_column(corners, (400, 200))
    assert set(np.unique(column)) == {0, 1}
    assert (column[vertebrae] == 1).all()
    rows = np.flatnonzero(column.any(1))
    assert len(rows) == rows[-1] - rows[0] + 1
    assert column.sum() > 1.3 * vertebrae.sum()


def test_the_column_keeps_a_gap_at_an_unknown_vertebra():
    corners = spine(400, 200)
    corners[8] = np.nan
    rows = draw_column(corners, (400, 200)).any(1)
    assert not rows[200]
