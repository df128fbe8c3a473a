import numpy as np
import pytest

from spinelib.cases import LEVELS
from spinelib.measures.cobb.clinical import convex_side, flexibility, major_curve, severity
from tests.measures.cobb.spines import spine


def bend(first, last, angle, sign=1):
    """A spine that turns by `angle` between the vertebrae `first` and `last`, straight above and below."""
    turn = np.clip((np.arange(17) - first) / (last - first), 0, 1) - 0.5
    return spine(-sign * angle * turn)


@pytest.mark.parametrize(
    ("ends", "apex", "region"),
    [
        ((0, 6), "T4", "proximal thoracic"),
        ((4, 12), "T9", "main thoracic"),
        ((5, 14), "T10-T11", "main thoracic"),
        ((8, 15), "T12-L1", "thoracolumbar/lumbar"),
        ((11, 16), "L2-L3", "thoracolumbar/lumbar"),
    ],
)
def test_the_apex_names_the_region(ends, apex, region):
    curve = major_curve(bend(*ends, 40))
    assert (curve.apex, curve.region) == (apex, region)
    assert curve.angle == pytest.approx(40)
    assert (LEVELS.index(curve.upper), LEVELS.index(curve.lower)) == ends


def test_the_side_is_where_the_image_shows_the_bulge():
    # Tilts that fall from top to bottom: the right end comes up, so the column first runs left, then right.
    left, right = major_curve(bend(4, 12, 40)), major_curve(bend(4, 12, 40, -1))
    assert (left.side, right.side) == ("left", "right")
    assert left.translation == pytest.approx(-right.translation)
    assert left.translation < 0 < right.translation


def test_a_straight_spine_has_no_side():
    straight = major_curve(spine([0] * 17))
    assert (straight.angle, straight.side, straight.translation) == (0, "none", 0)
    # Between neighbours lies nothing that could bulge.
    assert convex_side(bend(4, 12, 40), 7, 8) == "none"


def test_curves_need_all_levels():
    with pytest.raises(ValueError, match="known"):
        major_curve(bend(4, 12, 40)[:16])
    unknown = bend(4, 12, 40)
    unknown[3] = np.nan
    with pytest.raises(ValueError, match="known"):
        major_curve(unknown)


def test_severity_by_the_bounds():
    assert severity([0, 9.9, 10, 24.9, 25, 40, 40.1, np.nan]).tolist() == [
        *("none", "none", "mild", "mild", "moderate", "moderate", "severe", "unknown")
    ]
    assert severity(44, (10, 20, 45)).tolist() == "moderate"
    with pytest.raises(ValueError, match="rising"):
        severity(44, (10, 45, 20))


def test_flexibility_is_the_share_that_bends_out():
    coronal = bend(4, 12, 40)
    assert flexibility(coronal, bend(4, 12, 10)) == pytest.approx(75)
    assert flexibility(coronal, coronal) == pytest.approx(0, abs=1e-9)
    assert flexibility(coronal, bend(4, 12, 50)) == pytest.approx(-25)
    assert flexibility(coronal, bend(4, 12, 10, -1)) == pytest.approx(125)


def test_flexibility_stays_with_the_curve_of_the_standing_film():
    # The bending film has its largest angle elsewhere; between T5 and T13 it has 10 degrees.
    bending = spine(np.concatenate([np.linspace(5, -5, 13), np.linspace(-15, -60, 4)]))
    standing = spine(np.concatenate([np.linspace(20, -20, 13), np.linspace(-19, -15, 4)]))
    assert flexibility(standing, bending) == pytest.approx(75)


def test_flexibility_of_what_is_unknown_or_straight_is_nan():
    straight, unknown = spine([0] * 17), bend(4, 12, 40)
    unknown[3] = np.nan
    assert np.isnan(flexibility(straight, straight))
    assert np.isnan(flexibility(unknown, straight))
    with pytest.raises(ValueError, match=r"\[V, 4, 2\]"):
        flexibility(straight, straight[:16])
