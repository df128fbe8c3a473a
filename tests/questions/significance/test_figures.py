"""Figures of the significance notebook: what is drawn where."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from spinelib.questions.significance import figures
from spinelib.statistics.ranks import rank_shares


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


def test_a_blob_for_every_rank_that_an_entry_had():
    rng = np.random.default_rng(0)
    rows = [
        {"name": name, "patient": p, "seed": seed, "value": mean + 0.05 * rng.normal()}
        for name, mean, seeds in (("unet/full", 0.8, 2), ("pspnet/full", 0.8, 1), ("safnet/full", 0.2, 1))
        for seed in range(seeds)
        for p in range(12)
    ]
    firm = rank_shares(pd.DataFrame(rows))
    ax = figures.rank_blobs(firm).axes[0]
    blobs = [collection.get_offsets() for collection in ax.collections]
    assert [len(one) for one in blobs] == (firm.shares > 0).sum(axis=1).tolist()
    assert blobs[-1].tolist() == [[3, 2]]
    sizes = ax.collections[0].get_sizes()
    assert sizes / sizes.sum() == pytest.approx(firm.shares.iloc[0][firm.shares.iloc[0] > 0].to_numpy())
    words = [text.get_text() for text in ax.get_yticklabels()]
    assert sum("one training" in text for text in words) == 2
