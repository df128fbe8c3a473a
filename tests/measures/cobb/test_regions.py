"""Curves by region: of spines with known angles, and beside the AASCE rule."""

import itertools

import numpy as np
import pytest

from spinelib.cases import LEVELS
from spinelib.measures.cobb.reading import from_corners
from spinelib.measures.cobb.regions import curve_ends, level_names, levels_certain, regional_curves, regions_of
from spinelib.measures.cobb.rules import aasce_angles
from tests.measures.cobb.spines import c_curve, mask_of, s_curve, spine

FILM = (0.0, 256.0)


def bends(*ends_and_tilts):
    """A spine whose tilts run straight from one (level, tilt) to the next."""
    levels, tilts = zip(*ends_and_tilts, strict=True)
    return spine(np.interp(np.arange(17), [LEVELS.index(level) for level in levels], tilts))


def three(sign=1):
    """Proximal thoracic 20, main thoracic 50, thoracolumbar/lumbar 35 degrees."""
    return bends(("T1", -5 * sign), ("T5", 15 * sign), ("T11", -35 * sign), ("L5", 0))


@pytest.mark.parametrize("sign", [1, -1])
def test_each_region_has_its_curve_with_its_end_vertebrae(sign):
    found = regional_curves(three(sign))
    assert {region: (curve.upper, curve.lower) for region, curve in found.items()} == {
        "proximal thoracic": ("T1", "T5"),
        "main thoracic": ("T5", "T11"),
        "thoracolumbar/lumbar": ("T11", "L5"),
    }
    assert [curve.angle for curve in found.values()] == pytest.approx([20, 50, 35])
    sides = [curve.side for curve in found.values()]
    assert sides == (["right", "left", "right"] if sign == 1 else ["left", "right", "left"])


def test_a_single_bend_is_one_curve_in_the_region_of_its_apex():
    found = regional_curves(bends(("T1", 0), ("T10", 0), ("L4", 30), ("L5", 30)))
    assert [(region, curve.upper, curve.lower) for region, curve in found.items()] == [
        ("thoracolumbar/lumbar", "T10", "L4")
    ]
    assert found["thoracolumbar/lumbar"].angle == pytest.approx(30)


def test_a_straight_spine_has_no_curve_but_the_first_of_its_pairs():
    assert sum(curve.angle for curve in regional_curves(spine([0] * 17)).values()) == 0


def test_of_two_curves_in_one_region_the_larger_counts():
    waves = bends(("T1", 0), ("T6", 0), ("T8", 12), ("T11", -20), ("L5", -20))
    found = regional_curves(waves)
    assert found["main thoracic"].angle == pytest.approx(32)
    assert (found["main thoracic"].upper, found["main thoracic"].lower) == ("T8", "T11")


@pytest.mark.parametrize("seed", range(20))
def test_the_largest_is_that_of_the_aasce_rule(seed):
    draw = np.random.default_rng(seed)
    corners = spine(np.interp(np.arange(17), np.linspace(0, 16, 6), draw.normal(0, 18, 6)) + draw.normal(0, 1, 17))
    angles = aasce_angles(corners[None], [256.0])[0]
    assert max(curve.angle for curve in regional_curves(corners).values()) == pytest.approx(angles[0])
    ends = curve_ends(corners)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(ends))


def test_other_numbers_of_vertebrae_are_counted_from_the_top():
    found = regional_curves(c_curve(40, 16))
    assert [(curve.upper, curve.lower) for curve in found.values()] == [("1", "16")]
    assert list(found) == ["main thoracic"]


def test_names_are_levels_where_all_are_there():
    assert level_names(17) == LEVELS
    assert level_names(3) == ("1", "2", "3")


def test_readings_without_angles_or_of_a_part_have_no_regions():
    whole = from_corners(s_curve(40), FILM)
    assert levels_certain(whole)
    assert regions_of(whole)
    assert not levels_certain(from_corners(s_curve(40)[1:], FILM))
    assert regions_of(from_corners(s_curve(40)[1:], FILM))
    assert regions_of(from_corners(s_curve(40)[:8], FILM)) == {}
    assert regions_of(from_corners(s_curve(40)[:2], FILM)) == {}


def test_a_merged_column_names_no_level():
    from spinelib.measures.cobb.masks import from_mask

    merged = mask_of(c_curve(30))
    rows = np.flatnonzero(merged.any(1))
    for row in range(rows[0], rows[-1]):
        merged[row] |= merged[row - 1] if not merged[row].any() else 0
    reading = from_mask(merged)
    assert len(reading.corners) == 17
    assert levels_certain(reading) == (reading.method == "vertebrae")


@pytest.mark.parametrize("wrong", [c_curve(40)[:2], c_curve(40)[:, :3], np.full((17, 4, 2), np.nan)])
def test_what_is_no_row_of_vertebrae_is_refused(wrong):
    with pytest.raises(ValueError, match="known"):
        regional_curves(wrong)
