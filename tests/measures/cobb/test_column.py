"""The centreline of a mask: place, tilt, width and length of columns of known geometry."""

import numpy as np
import pytest

from spinelib.measures.cobb.column import FINEST, STEPS, clean_mask, gaussian_smooth, trace_centreline


def band(middle, half, shape=(200, 120)):
    """A mask whose row y reaches `half` px to either side of middle(y), measured along the row."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    return np.abs(x - middle(y)) <= half


def test_an_upright_band_has_its_middle_width_and_length():
    mask = band(lambda y: 60 + 0 * y, 8)
    mask[:20] = mask[180:] = False
    line = trace_centreline(mask)
    np.testing.assert_allclose(line.points[:, 0], 60, atol=1e-6)
    np.testing.assert_allclose(line.tilts, 0, atol=1e-6)
    np.testing.assert_allclose(line.widths, 17, atol=0.05)
    # Rows 20 to 179, half a pixel longer at either end.
    assert line.length == pytest.approx(160)
    assert line.points[0].tolist() == pytest.approx([60, 19.5])
    assert line.step == pytest.approx(max(17 / STEPS, FINEST), rel=0.05)
    np.testing.assert_allclose(np.diff(line.points[:, 1]), line.step)


@pytest.mark.parametrize("slope", [-0.4, 0.25])
def test_a_slanting_band_has_its_tilt_and_its_width_across(slope):
    mask = band(lambda y: 60 + slope * (y - 100), 8)
    line = trace_centreline(mask)
    inner = slice(len(line.points) // 5, -len(line.points) // 5)
    np.testing.assert_allclose(line.tilts[inner], -np.arctan(slope), atol=0.02)
    np.testing.assert_allclose(line.widths[inner], mask.sum(1).mean() * np.cos(np.arctan(slope)), rtol=0.005)
    np.testing.assert_allclose(line.points[inner, 0], 60 + slope * (line.points[inner, 1] - 100), atol=0.3)
    assert line.down[inner][:, 0].mean() == pytest.approx(np.sin(np.arctan(slope)), abs=0.02)
    np.testing.assert_allclose(np.linalg.norm(line.down, axis=1), 1)


def test_specks_and_parts_beside_the_column_go_and_the_column_stays():
    column = band(lambda y: 40 + 0 * y, 8)
    column[95:105] = False  # a gap is no reason to drop what lies below it
    dirty = column.copy()
    dirty[50:52, 70:72] = True
    dirty[120:160, 95:110] = True
    np.testing.assert_array_equal(clean_mask(dirty), column)
    np.testing.assert_array_equal(clean_mask(column), column)


def test_across_a_gap_the_line_goes_straight_on():
    mask = band(lambda y: 60 + 0.2 * (y - 100), 8)
    mask[80:120] = False
    line = trace_centreline(mask)
    gap = (line.points[:, 1] > 85) & (line.points[:, 1] < 115)
    np.testing.assert_allclose(line.points[gap, 0], 60 + 0.2 * (line.points[gap, 1] - 100), atol=0.6)


def test_blurring_keeps_the_sum_of_what_lies_inside():
    values = np.zeros(101)
    values[50] = 3.0
    spread = gaussian_smooth(values, 4.0)
    assert spread.sum() == pytest.approx(3)
    assert np.argmax(spread) == 50
    assert gaussian_smooth(np.ones(10), 2.0)[0] < 0.7, "nothing lies beyond the ends"
