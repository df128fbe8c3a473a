"""The order of the methods on several data sets, and their places in the planes of two metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from spinelib.plots.margin import column_height, names_beside
from spinelib.plots.style import entry_marks, label, method_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# The axes of the two planes in which MDWC-Net's paper shows the methods (A, its Figure 9).
PLANES = (("pixel_accuracy", "sensitivity"), ("dice", "miou"))


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


def metric_planes(means: pd.DataFrame) -> Figure:
    """Every method as a point by GPA and sensitivity (above) and by Dice and MIoU (below); upper right is better.

    means: rows of `study_means` of one data set and one way of averaging, an entry for each method. A method without
    one of both metrics has no point in that plane.
    """
    import matplotlib.pyplot as plt

    table = means.pivot(index="method", columns="metric", values="mean")
    marks = entry_marks(table.index.tolist())
    looks = {n: {"color": method_colour(n), "marker": marks[n], "linestyle": ""} for n in table.index}
    height = max(2.6, 1.3 * column_height([label(name) for name in table.index]))
    figure, axes = plt.subplots(2, 1, figsize=(6.4, 2 * height), squeeze=False)
    for ax, (x, y) in zip(axes[:, 0], PLANES, strict=True):
        points = table.reindex(columns=[x, y]).dropna()
        for name, (across, up) in points.iterrows():
            ax.plot(across, up, zorder=3, **looks[str(name)])
        ax.set(xlabel=f"mean {label(x)}", ylabel=f"mean {label(y)}")
        ax.grid(alpha=0.25)
        if len(points):
            names_beside(ax, points[y], [label(name) for name in points.index], [looks[n] for n in points.index])
    return figure
