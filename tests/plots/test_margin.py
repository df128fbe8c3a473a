"""Labels beside the axes: in the order of their points, apart, and tied to them."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.plots.margin import BESIDE, LINE, apart, column_height, label_points


def test_places_that_are_free_stay_and_crowded_ones_part_evenly():
    assert apart([0.1, 0.5, 0.9], 0.2).tolist() == pytest.approx([0.1, 0.5, 0.9])
    # Three at one height: the middle one stays.
    assert apart([0.5, 0.5, 0.5], 0.2).tolist() == pytest.approx([0.3, 0.5, 0.7])
    assert apart([1.0, 0.2, 0.95], 0.2).tolist() == pytest.approx([1.0, 0.2, 0.8])


@pytest.mark.parametrize("seed", range(5))
def test_places_keep_order_and_gap_within_the_axes_where_they_fit(seed):
    wanted = np.random.default_rng(seed).uniform(-0.2, 1.2, 8)
    places = apart(wanted, 0.1)
    assert (np.argsort(places) == np.argsort(wanted)).all()
    assert np.diff(np.sort(places)).min() >= 0.1 - 1e-9
    assert places.min() >= -1e-9
    assert places.max() <= 1 + 1e-9
    crowded = np.sort(apart(wanted, 0.2))
    assert np.diff(crowded).min() >= 0.2 - 1e-9
    assert crowded.mean() == pytest.approx(0.5)


def test_a_column_is_as_high_as_its_longest_label_asks():
    assert column_height(["a", "b"]) == pytest.approx(2 * LINE)
    assert column_height(["a", "b\nc"]) == pytest.approx(2 * 1.75 * LINE)


def test_names_stand_beside_and_point_at_their_points():
    figure, ax = plt.subplots(figsize=(4, 3))
    ax.set_ylim(0, 10)
    label_points(ax, [1.0, 2.0], [9.0, 1.0], ["high", "low"], ["#111111", "#222222"])
    high, low = ax.texts
    assert [text.get_text() for text in ax.texts] == ["high", "low"]
    assert (high.xy, low.xy) == ((1.0, 9.0), (2.0, 1.0))
    assert [text.get_position()[0] for text in ax.texts] == [BESIDE] * 2
    assert [text.get_position()[1] for text in ax.texts] == pytest.approx([0.9, 0.1])
    assert high.get_color() == "#111111"
    plt.close(figure)
