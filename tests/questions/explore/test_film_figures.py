"""Figures of films: the sheet of mixed data sets and the histograms of their facts."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.questions import explore


def test_mixed_sheet_draws_coronal_films_only():
    table = pd.DataFrame({"view": ["coronal", "left_bending"] * 3})
    images = np.repeat(np.arange(10, 70, 10, dtype=np.uint8), 32 * 16).reshape(6, 1, 32, 16)
    sets = {
        "phantom": SimpleNamespace(table=table, images=images),
        "aasce": SimpleNamespace(table=table, images=images),
    }
    figure = explore.mixed_sheet(sets, 9, np.random.default_rng(0))
    shown = [int(ax.images[0].get_array().max()) for ax in figure.axes if ax.images]
    assert sorted(shown) == [10, 10, 30, 30, 50, 50]
    assert {ax.get_title() for ax in figure.axes if ax.images} == {"phantom", "aasce"}
    plt.close("all")


def test_a_constant_fact_still_shows_a_bar():
    facts = pd.DataFrame({"data": ["a"] * 4, "width / height": [0.5] * 4})
    ax = explore.fact_histograms(facts, ["width / height"]).axes[0]
    assert max(patch.get_xy()[:, 1].max() for patch in ax.patches) == 1.0
    plt.close("all")
