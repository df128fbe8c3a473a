"""The order of the methods on several data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spinelib.plots.style import label, method_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def rank_lines(table: pd.DataFrame, metric: str, digits: int = 3) -> Figure:
    """Rank of every method on every data set, best on top, its mean beside the dot; lines that cross change places.

    table: columns data, method, mean, rank; a method may be missing from a data set.
    """
    import matplotlib.pyplot as plt

    names = list(dict.fromkeys(table["data"]))
    ranks = table.pivot(index="method", columns="data", values="rank").reindex(columns=names)
    means = table.pivot(index="method", columns="data", values="mean").reindex(columns=names)
    figure, ax = plt.subplots(figsize=(2.4 + 1.9 * len(names), 1.1 + 0.38 * int(table["rank"].max())))
    for method in ranks.index:
        colour = method_colour(method)
        ax.plot(range(len(names)), ranks.loc[method], "o-", color=colour, linewidth=1.8, markersize=6)
        for x, name in enumerate(names):
            if pd.notna(ranks.loc[method, name]):
                words = f"{means.loc[method, name]:.{digits}f}"
                point = (x, ranks.loc[method, name])
                ax.annotate(words, point, (0, 7), textcoords="offset points", ha="center", fontsize=7.5)
        last = max(x for x, name in enumerate(names) if pd.notna(ranks.loc[method, name]))
        point = (last, ranks.loc[method, names[last]])
        ax.annotate(label(method), point, (17, 0), textcoords="offset points", va="center", color=colour, fontsize=8.5)
    ax.set_xticks(range(len(names)), [label(name) for name in names])
    ax.set_xlim(-0.4, len(names) - 0.2)
    ax.set_ylim(table["rank"].max() + 0.5, 0.3)
    ax.set_yticks(range(1, int(table["rank"].max()) + 1))
    ax.set_ylabel(f"rank by mean {label(metric)}")
    return figure
