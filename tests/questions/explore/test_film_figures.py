"""The figure that shows every method on the same films."""

from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib import plots
from spinelib.questions import explore


def test_side_by_side_shows_best_median_and_worst_for_every_method():
    rng = np.random.default_rng(0)
    labels = np.zeros((5, 32, 16), np.uint8)
    labels[:, 8:24, 5:11] = 1
    films = SimpleNamespace(
        images=rng.integers(1, 255, (5, 1, 32, 16)).astype(np.uint8),
        labels=labels,
        table=pd.DataFrame({"case": [f"film{i}" for i in range(5)]}),
    )
    scores = np.array([0.2, 0.9, np.nan, 0.5, 0.4])
    figure = plots.side_by_side(films, {"r2mfnet/full": labels, "unet/full": np.zeros_like(labels)}, scores, "dice")
    assert len(figure.axes) == 6
    assert [ax.get_title() for ax in figure.axes[:2]] == ["R2MF-Net", "U-Net"]
    words = [figure.axes[row * 2].texts[0].get_text() for row in range(3)]
    assert [word.split(": ")[1].split("\n")[0] for word in words] == ["film1", "film4", "film2"]
    assert [len(ax.collections) for ax in figure.axes[:2]] == [2, 1]
    plt.close("all")


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
