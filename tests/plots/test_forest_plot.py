"""Paired differences as a forest plot: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.plots import use_style
from spinelib.plots.forest_plot import forest, p_words

from ..crowding import crowded

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
    figure = forest(PAIRS.assign(view=["coronal", "all"]), "dice", margin=0.01)
    found = texts(figure)
    assert "p < 0.001" in found
    assert any("R2MF-Net, base" in t and "coronal, n = 12" in t for t in found)
    assert figure.get_size_inches()[0] <= 6.4


def test_published_values_are_diamonds():
    figure = forest(PAIRS.assign(published=[0.02, np.nan]), "dice", marks="published")
    diamonds = [line for line in figure.axes[0].lines if line.get_marker() == "D"]
    assert diamonds[0].get_xdata()[0] == 0.02


def test_long_names_leave_the_axis_its_width():
    name = "safnet/full_with_phantom_mr_pretrained"
    long = PAIRS.assign(one=name, other=name.replace("safnet", "resunet3d"), published=[0.02, np.nan])
    with plt.rc_context():
        use_style()
        figure = forest(pd.concat([PAIRS, long]), "dice", marks="published")
        assert crowded(figure) == []
    assert figure.axes[0].get_position().width > 0.5


def test_zero_and_published_values_are_seen_beside_a_far_difference():
    rows = pd.DataFrame({"mean": [0.2, 0.21, 0.19, 0.2, 0.22, -3.0]})
    rows = rows.assign(one="unet/full", other="r2mfnet/full", n=9, low=rows["mean"] - 0.01, high=rows["mean"] + 0.01)
    (ax,) = forest(rows.assign(published=[0.5, *[np.nan] * 5]), "dice", marks="published").axes
    assert -1 < ax.get_xlim()[0] < 0 < 0.5 < ax.get_xlim()[1]
    assert any("\N{MINUS SIGN}3 [" in text.get_text() for text in ax.texts)


def test_p_values_in_words():
    assert [p_words(p) for p in (0.0002, 0.0123, 0.5, np.nan)] == ["p < 0.001", "p = 0.012", "p = 0.50", ""]
