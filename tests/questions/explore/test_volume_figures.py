"""Figures of volumes as data."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.questions import explore


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def facts():
    rows = [
        {"data": data, "structure": name, "volume ml": 10.0 * k + j, "grey": 50 + k}
        for data in ("a", "b")
        for k, name in enumerate(("L5", "L4"))
        for j in range(3)
    ]
    return pd.DataFrame([*rows, {"data": "a", "structure": "S", "volume ml": np.nan, "grey": 9.0}])


def test_strips_hold_a_dot_for_every_value_and_a_bar_at_the_median():
    figure = explore.structure_strips(facts(), {"volume ml": "volume (ml)", "grey": "grey"}, ["S", "L5", "L4", "L3"])
    volume, grey = figure.axes
    assert (volume.get_ylabel(), grey.get_ylabel()) == ("volume (ml)", "grey")
    assert [text.get_text() for text in grey.get_xticklabels()] == ["S", "L5", "L4"]
    dots = [line for line in volume.lines if line.get_marker() == "."]
    assert sorted(value for line in dots for value in line.get_ydata()) == sorted([0, 1, 2, 10, 11, 12] * 2)
    bars = [line.get_ydata()[0] for line in volume.lines if line.get_marker() == "None" and len(line.get_ydata()) == 2]
    assert sorted(bars) == [1, 1, 11, 11]
    assert len([line for line in grey.lines if line.get_marker() == "."]) == 5


def arrays(count, spacing):
    labels = np.zeros((count, 5, 24, 12), np.uint8)
    labels[:, 1:4, 5:9, 3:7] = 2
    images = np.random.default_rng(0).integers(1, 255, (count, 1, 5, 24, 12)).astype(np.uint8)
    known = {"classes": ("S", "L5"), "spacing": np.tile(np.float32(spacing), (count, 1))}

    class Some(SimpleNamespace):
        def __len__(self):
            return count

    return Some(images=images, labels=labels, **known)


def test_sources_are_shuffled_and_named():
    sets = {"a": arrays(4, (4, 1, 1)), "b": arrays(2, (4, 1, 2))}
    figure = explore.mixed_slices(sets, 3, np.random.default_rng(1), columns=3)
    shown = [ax for ax in figure.axes if ax.images]
    assert sorted(ax.get_title() for ax in shown) == ["a", "a", "a", "b", "b"]
    assert {ax.get_title(): ax.get_aspect() for ax in shown} == {"a": 1.0, "b": 0.5}
    assert figure.get_figwidth() <= 6.4
