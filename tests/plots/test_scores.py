"""Scores with intervals: entries, counts, gaps and axis names."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.plots import style

from ..crowding import crowded


@pytest.fixture(autouse=True)
def _close():
    with mpl.rc_context():
        plots.use_style()
        yield
    plt.close("all")


def test_leaderboard_shows_every_entry_with_its_count():
    table = pd.DataFrame(
        {
            "name": ["r2mfnet/full", "unet/full"],
            "mean": [0.9, 0.8],
            "low": [0.88, 0.7],
            "high": [0.92, 0.85],
            "n": [9, 9],
        }
    )
    ax = plots.leaderboard_figure(table, "dice").axes[0]
    assert [t.get_text() for t in ax.get_yticklabels()] == ["R2MF-Net (n=9)", "U-Net (n=9)"]
    assert "95 %" in ax.get_xlabel()


def test_by_view_keeps_a_missing_view_as_a_gap():
    table = pd.DataFrame(
        {
            "name": ["a/full", "a/full", "b/full"],
            "view": ["coronal", "left_bending", "coronal"],
            "mean": [0.9, 0.8, 0.7],
            "low": [0.8, 0.7, 0.6],
            "high": [0.95, 0.9, 0.8],
        }
    )
    assert plots.by_view(table, "dice").axes[0].get_xticklabels()[1].get_text() == "left bending"


def test_paired_differences_and_distribution_name_metric_and_unit():
    figure = plots.paired_differences({"A - B": np.array([0.1, -0.2, 0.3])}, "hd95", "px")
    assert "HD95 (px)" in figure.axes[0].get_xlabel()
    table = pd.DataFrame({"name": ["unet/full"] * 4, "value": [0.1, 0.2, 0.3, 0.4]})
    assert "Dice" in plots.distribution(table, "dice").axes[0].get_xlabel()


def test_bars_dots_and_marks_stand_where_the_table_says():
    table = pd.DataFrame(
        {"name": ["unet/full", "unet/wide"], "mean": [0.9, 0.8], "low": [0.88, 0.7], "high": [0.92, 0.85], "n": [9, 7]}
    )
    ax = plots.leaderboard_figure(table, "hd95", "mm").axes[0]
    assert [line.get_xdata().tolist() for line in ax.lines] == [[0.88, 0.92], [0.9], [0.7, 0.85], [0.8]]
    assert ax.get_xlabel().startswith("HD95 (mm)")
    assert ax.yaxis_inverted(), "the best stands at the top"
    views = pd.concat([table.assign(view=view) for view in ("coronal", "left_bending")])
    shown = plots.by_view(views, "dice").axes[0]
    marks = [line.get_marker() for line in shown.lines if line.get_marker() in style.MARKERS]
    assert len(set(marks)) == 2, "entries of one method share its colour and differ by their mark"


def test_the_bar_of_a_comparison_is_the_mean_of_its_patients():
    values = np.array([0.1, -0.2, 0.4])
    ax = plots.paired_differences({"unet - r2mfnet": values}, "dice").axes[0]
    assert ax.lines[0].get_xdata().tolist() == pytest.approx([0.1, 0.1])
    assert np.sort(ax.collections[0].get_offsets()[:, 0]).tolist() == sorted(values)
    assert ax.texts[0].get_text() == "U-Net - R2MF-Net"


def test_the_line_of_zero_does_not_cross_the_names_of_comparisons():
    rng = np.random.default_rng(0)
    names = ("r2mfnet/without_everything - unet/full_pretrained", "unet - r2mfnet", "safnet - unet")
    figure = plots.paired_differences({name: rng.uniform(-0.01, 0.5, 9) for name in names}, "dice")
    (ax,) = figure.axes
    figure.draw_without_rendering()
    boxes = [text.get_window_extent() for text in ax.texts]
    zeros = [line for line in ax.lines if set(line.get_xdata()) == {0}]
    assert len(zeros) == len(names)
    for line in zeros:
        assert not any(box.overlaps(line.get_window_extent()) for box in boxes)
    assert crowded(figure) == []


def test_a_board_survives_one_entry_that_is_far_off():
    mean = np.array([6.9, 7.1, 7.2, 7.3, 7.9, 39.8])
    names = ["seg4regplus/full", "pspnet/full", "resunet/full", "fcn8s/full", "unet/full", "spinefm/full"]
    table = pd.DataFrame({"name": names, "mean": mean, "low": mean - 2, "high": mean + 2, "n": 26})
    figure = plots.leaderboard_figure(table, "hd95", "%")
    (ax,) = figure.axes
    assert ax.get_xlim()[1] < 11
    assert "off the axis: 39.8 [37.8, 41.8]" in [text.get_text() for text in ax.texts]
    assert crowded(figure) == []
