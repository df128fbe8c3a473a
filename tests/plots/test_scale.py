"""One far value does not squeeze an axis."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.plots.scale import ROOM, SHARE, cut_axis, near_limits

from ..crowding import crowded

NEAR = np.array([0.60, 0.61, 0.62, 0.63, 0.64, 0.65])


def ends(mean):
    return mean, mean - 0.02, mean + 0.02


def test_an_axis_ends_where_all_but_the_far_ones_do():
    low, high = near_limits(*ends(np.append(NEAR, 0.1)))
    assert (low, high) == pytest.approx((0.58 - 0.09 * ROOM, 0.67 + 0.09 * ROOM))


@pytest.mark.parametrize(
    "mean",
    [
        NEAR,
        np.append(NEAR, 0.55),  # not far
        np.append(NEAR[:3], 0.1),  # too few to have a usual range
        np.append(NEAR, [0.1, 0.1]),  # too many to be exceptions
        np.append(NEAR, np.nan),
    ],
)
def test_an_axis_stays_whole_without_an_exception(mean):
    assert near_limits(*ends(mean)) is None


def test_an_axis_stays_whole_where_the_others_have_room():
    mean = np.append(NEAR, 0.75)
    assert SHARE * (0.77 - 0.58) < 0.09
    assert near_limits(*ends(mean)) is None


@pytest.mark.parametrize(("far", "mark"), [(0.1, "<"), (-0.1, "<"), (9.0, ">")])
def test_a_far_row_has_an_arrow_and_its_numbers_at_the_edge(far, mark):
    figure, ax = plt.subplots(layout="constrained")
    mean, low, high = ends(np.append(NEAR, far))
    cut_axis(ax, np.stack([mean, low, high], 1), range(7), ["#112233"] * 7)
    assert ax.get_xlim() == pytest.approx(near_limits(mean, low, high))
    (arrow,), (words,) = ax.lines, ax.texts
    assert (arrow.get_marker(), arrow.get_ydata()[0], arrow.get_color()) == (mark, 6, "#112233")
    shown = [f"{value:.3g}".replace("-", "\N{MINUS SIGN}") for value in (far, far - 0.02, far + 0.02)]
    assert words.get_text() == f"off the axis: {shown[0]} [{shown[1]}, {shown[2]}]"
    assert crowded(figure) == []
    plt.close(figure)


def test_what_must_be_seen_is_within():
    figure, ax = plt.subplots()
    cut_axis(ax, np.stack(ends(np.append(NEAR, 9.0)), 1), range(7), ["k"] * 7, [0.0, 0.9])
    assert ax.get_xlim()[0] < 0 < 0.9 < ax.get_xlim()[1] < 1
    plt.close(figure)
    figure, ax = plt.subplots()
    cut_axis(ax, np.stack(ends(NEAR), 1), range(6), ["k"] * 6)
    assert not ax.texts
    plt.close(figure)
