import numpy as np
import pytest

from spinelib.cases import draw_column
from spinelib.measures.cobb.column import clean_mask, trace_centreline
from spinelib.measures.cobb.cuts import CLEAR, cut, split
from tests.measures.cobb.spines import GRID, c_curve, mask_of, s_curve, spine


def columns(corners):
    mask = mask_of(corners) > 0
    line = trace_centreline(mask)
    return mask, line, cut(mask, line)


def test_the_centreline_follows_the_column():
    true = c_curve(40)
    line = trace_centreline(mask_of(true) > 0)
    centre = true.mean(1)
    x = np.interp(centre[:, 1], line.points[:, 1], line.points[:, 0])
    assert np.abs(x - centre[:, 0]).max() < 1
    lean = np.degrees(np.interp(centre[:, 1], line.points[:, 1], line.tilts))
    assert np.abs(lean - np.linspace(20, -20, 17))[3:-3].max() < 2
    assert line.widths[len(line.widths) // 2] == pytest.approx(17, abs=1)
    assert line.length == pytest.approx(16 * 13 + 9.5, rel=0.03)


@pytest.mark.parametrize("corners", [c_curve(60), s_curve(50), spine([0] * 17), spine([30] * 17, x=100)])
def test_each_body_lies_between_two_cuts(corners):
    mask, line, cuts = columns(corners)
    ends = line.points[cuts.at, 1]
    assert np.histogram(corners.mean(1)[:, 1], ends)[0].tolist() == [1] * 17
    assert (cuts.closed < CLEAR).all()
    labels = split(mask, line, cuts)
    assert (labels > 0).sum() == mask.sum()
    assert len(np.unique(labels)) == 18


def test_closed_gaps_are_cut_where_they_should_be():
    true = spine([0] * 17)
    mask = mask_of(true) > 0
    # Gap 5 is closed for good, gap 9 but for a notch at one side.
    for k, part in ((5, slice(50, 80)), (9, slice(58, 80))):
        top, bottom = int(true[k, 2, 1]), int(true[k + 1, 0, 1]) + 1
        mask[top:bottom, part] |= mask[top - 3, part]
    line = trace_centreline(mask)
    cuts = cut(mask, line, 17)
    gaps = (true[1:, :2, 1].mean(1) + true[:-1, 2:, 1].mean(1)) / 2
    assert np.abs(line.points[cuts.at[1:-1], 1] - gaps).max() < 3.5
    assert cuts.closed[6] > CLEAR > cuts.closed[5]


def test_the_expected_number_decides_only_when_it_is_near():
    mask = mask_of(spine([0] * 12)) > 0
    line = trace_centreline(mask)
    for count in (None, 12, 17):
        assert len(cut(mask, line, count).at) == 13


def test_the_column_without_gaps_is_all_closed():
    mask = draw_column(c_curve(30), GRID) > 0
    cuts = cut(mask, trace_centreline(mask))
    assert (cuts.closed[1:-1] > 0.9).all()


def test_specks_and_neighbours_are_removed():
    true = s_curve(40)
    mask = mask_of(true) > 0
    dirty = mask.copy()
    dirty[100:112, 5:20] = True
    dirty[4, 60:63] = True
    np.testing.assert_array_equal(clean_mask(dirty), mask)


def test_a_long_bent_piece_is_not_thrown_away():
    mask = draw_column(s_curve(90), GRID) > 0
    mask |= mask_of(spine([0], top=245, x=70)) > 0
    np.testing.assert_array_equal(clean_mask(mask), mask)


def test_a_gap_without_any_pixel_is_bridged():
    mask = mask_of(spine([0] * 17)) > 0
    mask[90:160] = False
    line = trace_centreline(mask)
    assert np.abs(line.points[:, 0] - 64).max() < 1
    assert np.isfinite(line.widths).all()
