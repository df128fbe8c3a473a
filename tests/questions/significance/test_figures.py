"""Figures of the significance notebooks: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.questions.significance import figures

PAIRS = pd.DataFrame(
    {
        **{"one": ["unet/full", "r2mfnet/full"], "other": ["r2mfnet/base", "unet/full"], "mean": [0.01, -0.02]},
        **{"low": [-0.01, np.nan], "high": [0.03, np.nan], "n": [12, 1], "p": [0.0004, np.nan]},
    }
)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def texts(figure):
    return [t.get_text() for ax in figure.axes for t in [*ax.texts, *ax.get_yticklabels()]]


def test_a_forest_names_pairs_views_and_p_values():
    figure = figures.forest(PAIRS.assign(view=["coronal", "all"]), "dice", margin=0.01)
    found = texts(figure)
    assert "p < 0.001" in found
    assert any("R2MF-Net, base" in t and "coronal, n = 12" in t for t in found)
    assert figure.get_size_inches()[0] <= 6.4


def test_published_values_are_diamonds():
    figure = figures.forest(PAIRS.assign(published=[0.02, np.nan]), "dice", marks="published")
    diamonds = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert diamonds[0].get_xdata()[0] == 0.02


def test_bars_join_the_groups_of_the_critical_difference():
    ranks = pd.Series({"unet/full": 1.2, "resunet/full": 1.9, "fcn8s/full": 2.9})
    figure = figures.critical_difference(ranks, [["unet/full", "resunet/full"]], 1.0, 30)
    bars = [line for line in figure.axes[0].lines if line.get_linewidth() > 3]
    assert len(bars) == 1
    assert list(bars[0].get_xdata()) == pytest.approx([1.17, 1.93])
    assert any("critical difference 1.00, 30 patients" in t for t in texts(figure))


def test_calibration_has_a_panel_per_shape_and_a_line_per_tool():
    rows = [
        {"kind": "coverage", "tool": tool, "shape": shape, "n": n, "value": 0.94, "error": 0.002}
        for tool in ("t", "bca")
        for shape in ("normal", "skewed")
        for n in (10, 64)
    ]
    figure = figures.calibration(pd.DataFrame(rows), "coverage", {"t": "Student's t"})
    assert len(figure.axes) == 2
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["Student's t", "bca"]


def test_power_marks_the_study():
    table = pd.DataFrame({"effect": [0.5, 0.5], "n": [10, 100], "power": [0.3, 0.99]})
    assert "64 patients here" in texts(figures.power_curve(table, n=64))


def test_verdict_bars_add_up():
    counts = pd.DataFrame({"agrees here": [2, 0], "not testable here": [1, 4]}, index=["Gu, Wang 2025, X", "Lin 2021"])
    figure = figures.verdict_bars(counts)
    ends = {patch.get_x() + patch.get_width() for patch in figure.axes[0].patches}
    assert {3.0, 4.0} <= ends
    assert "Gu, Wang 2025" in texts(figure)


def test_p_values_in_words():
    assert [figures.p_words(p) for p in (0.0002, 0.0123, 0.5, np.nan)] == ["p < 0.001", "p = 0.012", "p = 0.50", ""]
