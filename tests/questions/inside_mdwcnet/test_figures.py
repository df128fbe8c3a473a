"""Figures of MDWC-Net's branches show the values they are given, in the network's order."""

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.questions import inside_mdwcnet

STAGES = ["encoder.0", "encoder.1", "encoder.2", "decoder.0", "decoder.1"]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def table():
    rows = [
        (stage, block, kernel, share, share - 0.1, share + 0.1)
        for stage in STAGES
        for block in (0, 1)
        for kernel, share in ((1, 0.2), (3, 0.7 if stage == "decoder.1" else 0.8))
    ]
    return pd.DataFrame(rows, columns=["stage", "block", "kernel", "mean", "low", "high"])


def test_stages_stand_in_the_order_of_the_forward_pass(table):
    ax = inside_mdwcnet.branch_weight_figure(table).axes[0]
    names = [text.get_text().replace("\n", ".") for text in ax.get_xticklabels()]
    assert names == ["encoder.0", "encoder.1", "encoder.2", "decoder.1", "decoder.0"]
    assert ax.get_xlabel()
    assert ax.get_ylabel()


def test_dots_and_bars_are_the_table(table):
    ax = inside_mdwcnet.branch_weight_figure(table).axes[0]
    large = ax.containers[1]
    dots = large.lines[0]
    order = np.argsort(dots.get_xdata())
    assert dots.get_ydata()[order].tolist() == [0.8] * 6 + [0.7] * 2 + [0.8] * 2
    low, high = large.lines[2][0].get_segments()[0][:, 1]
    assert (low, high) == pytest.approx((0.7, 0.9))


def test_the_equal_share_is_marked_for_any_number_of_filters(table):
    lines = inside_mdwcnet.branch_weight_figure(table).axes[0].lines
    assert any(np.allclose(line.get_ydata(), 0.5) for line in lines)


def test_each_filter_is_named_in_the_legend(table):
    legend = inside_mdwcnet.branch_weight_figure(table).legends[0]
    assert [text.get_text() for text in legend.get_texts()] == ["1x1", "3x3"]


def test_maps_have_a_row_per_filter_and_their_own_scale():
    rng = np.random.default_rng(0)
    maps = {kernel: kernel * rng.normal(size=(8, 6, 4)) + 5 for kernel in (1, 3, 5, 7)}
    figure = inside_mdwcnet.branch_maps(maps, count=3)
    panels = [ax for ax in figure.axes if ax.images]
    assert [ax.get_title() for ax in panels[:4]] == [
        "1x1, channel 0",
        "1x1, channel 4",
        "1x1, channel 7",
        "3x3, channel 0",
    ]
    shown = np.array([ax.images[0].get_array() for ax in panels if "channel" in ax.get_title()])
    assert len(shown) == 12
    assert np.allclose(shown.std(axis=(1, 2)), 1)
    assert np.allclose(shown.mean(axis=(1, 2)), 0)


def test_a_flat_map_is_shown_as_flat():
    figure = inside_mdwcnet.branch_maps({1: np.ones((2, 4, 4))}, count=2)
    assert not figure.axes[0].images[0].get_array().any()
