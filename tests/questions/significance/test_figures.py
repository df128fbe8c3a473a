"""Figures of the significance notebook: what is drawn where."""

import matplotlib.pyplot as plt
import pandas as pd
import pytest

from spinelib.questions.significance import figures


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(figure):
    return [t.get_text() for ax in figure.axes for t in [*ax.texts, *ax.get_yticklabels()]]


def test_bars_join_the_groups_of_the_critical_difference():
    ranks = pd.Series({"unet/full": 1.2, "resunet/full": 1.9, "fcn8s/full": 2.9})
    figure = figures.rank_diagram(ranks, [["unet/full", "resunet/full"]], 1.0, 30)
    bars = [line for line in figure.axes[0].lines if line.get_linewidth() > 3]
    assert len(bars) == 1
    assert list(bars[0].get_xdata()) == pytest.approx([1.17, 1.93])
    assert any("critical difference 1.00, 30 patients" in t for t in texts(figure))


def test_power_marks_the_study():
    table = pd.DataFrame({"effect": [0.5, 0.5], "n": [10, 100], "power": [0.3, 0.99]})
    assert "64 patients here" in texts(figures.power_curve(table, n=64))
