"""Figures of the data themselves: distributions of film facts, sources shuffled together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.films import film_grid
from spinelib.plots.style import source_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from spinelib.cases import CaseArrays


def fact_histograms(facts: pd.DataFrame, columns: Sequence[str]) -> Figure:
    """One histogram per column that has values, sources over each other as shares. facts: `data` and `columns`."""
    import matplotlib.pyplot as plt

    columns = [column for column in columns if facts[column].notna().any()]
    figure, axes = plt.subplots(1, len(columns), figsize=(2.3 * len(columns), 2.5), squeeze=False)
    for ax, column in zip(axes[0], columns, strict=True):
        values = facts[column].to_numpy(float)
        edges = _edges(values[np.isfinite(values)])
        for name, rows in facts.groupby("data"):
            shown = rows[column].dropna()
            weights = np.full(len(shown), 1 / max(len(shown), 1))
            style = {"histtype": "stepfilled", "alpha": 0.35, "color": source_colour(str(name))}
            ax.hist(shown, bins=list(edges), weights=weights, label=str(name), **style)
        ax.set_xlabel(column)
    axes[0, 0].set_ylabel("share of films")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), fontsize=8)
    return figure


def mixed_sheet(sets: Mapping[str, CaseArrays], each: int, rng: np.random.Generator, columns: int = 7) -> Figure:
    """`each` coronal films of every source (any, where none is coronal), shuffled, the source named above each film."""
    chosen = []
    for name, arrays in sets.items():
        coronal = np.flatnonzero(arrays.table["view"] == "coronal")
        coronal = coronal if len(coronal) else np.arange(len(arrays))
        pick = rng.choice(coronal, min(each, len(coronal)), replace=False)
        chosen += [(name, arrays.images[i]) for i in pick]
    order = rng.permutation(len(chosen))
    return film_grid([chosen[i][1] for i in order], [chosen[i][0] for i in order], columns=columns, height=3.6)


def _edges(values: np.ndarray) -> np.ndarray:
    """Bin edges over `values`: about the square root of their number, and one wide bin for a constant."""
    if not len(values):
        return np.arange(2.0)
    low, high = float(values.min()), float(values.max())
    margin = 0.5 if low == high else 0.0
    return np.linspace(low - margin, high + margin, int(np.clip(np.sqrt(len(values)), 5, 25)) + 1)
