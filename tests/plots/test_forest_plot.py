"""Paired differences as a forest plot: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.plots.forest_plot import forest, p_words

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


def test_p_values_in_words():
    assert [p_words(p) for p in (0.0002, 0.0123, 0.5, np.nan)] == ["p < 0.001", "p = 0.012", "p = 0.50", ""]
