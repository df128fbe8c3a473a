"""Figures of films as data: what is drawn where."""

from dataclasses import replace
from types import SimpleNamespace

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

mpl.use("Agg")

from matplotlib import pyplot as plt

from spinelib.questions import explore
from tests.conftest import make_cases


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_histograms_are_shares_of_each_source_and_empty_columns_are_left_out():
    facts = pd.DataFrame(
        {"data": ["a"] * 30 + ["b"] * 5, "angle": [*np.linspace(0, 60, 30), *[30.0] * 5], "none": np.nan, "same": 7.0}
    )
    figure = explore.fact_histograms(facts, ["angle", "none", "same"])
    assert [ax.get_xlabel() for ax in figure.axes] == ["angle", "same"]
    assert figure.axes[0].get_ylabel() == "share of films"
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["a", "b"]
    for ax in figure.axes:
        assert len(ax.patches) == 2
        # b has one value: all of its films stand in one bar.
        assert max(ax.patches[1].get_xy()[:, 1]) == pytest.approx(1)
    assert max(figure.axes[0].patches[0].get_xy()[:, 1]) < 0.4
    edges = figure.axes[1].patches[0].get_xy()[:, 0]
    assert edges.min() < 7 < edges.max()


def test_sources_are_shuffled_and_coronal_films_go_before_others():
    def source(count, views):
        cases = make_cases(count)
        return replace(cases, table=cases.table.assign(view=views))

    some = source(6, ["coronal", "left_bending"] * 3)
    sets = {"mixed": some, "lateral": source(4, "lateral")}
    figure = explore.mixed_sheet(sets, 3, np.random.default_rng(0), columns=3)
    shown = [ax for ax in figure.axes if ax.images]
    assert sorted(ax.get_title() for ax in shown) == ["lateral"] * 3 + ["mixed"] * 3
    assert [ax.get_title() for ax in shown] != ["mixed"] * 3 + ["lateral"] * 3
    coronal = some.images[some.table["view"] == "coronal", 0]
    for ax in shown:
        if ax.get_title() == "mixed":
            drawn = np.asarray(ax.images[0].get_array(), float)
            assert any(np.corrcoef(drawn.reshape(-1), film.reshape(-1).astype(float))[0, 1] > 0.99 for film in coronal)


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
