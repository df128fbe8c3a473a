"""Scores with intervals: leaderboard, views, paired differences, distributions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.names import readable
from spinelib.plots.scale import cut_axis
from spinelib.plots.style import entry_marks, label, method_colour, narrow_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def _axis_name(metric: str, unit: str) -> str:
    return label(metric) if unit in ("", "1") else f"{label(metric)} ({unit})"


def leaderboard_figure(table: pd.DataFrame, metric: str, unit: str = "") -> Figure:
    """Mean and interval of one metric, one row per entry, best first.

    table: columns name (`method/variant`), mean, low, high, n; already sorted, best first.
    """
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 0.7 + 0.36 * len(table)))
    names, counts = table["name"].tolist(), table["n"].tolist()
    ends, colours = table[["mean", "low", "high"]].to_numpy(float), [method_colour(name) for name in names]
    for y, (colour, (mean, low, high)) in enumerate(zip(colours, ends, strict=True)):
        ax.plot([low, high], [y, y], color=colour, linewidth=2.2, alpha=0.6)
        ax.plot([mean], [y], "o", color=colour, markersize=6)
        ax.annotate(
            f"{mean:.3g}", (mean, y), (0, 6), textcoords="offset points", ha="center", fontsize=8, annotation_clip=True
        )
    cut_axis(ax, ends, range(len(table)), colours)
    ax.set_yticks(
        range(len(table)), [f"{narrow_label(name)} (n={n:.0f})" for name, n in zip(names, counts, strict=True)]
    )
    ax.set_ylim(len(table) - 0.4, -0.7)
    ax.set_xlabel(_axis_name(metric, unit) + "\nmean and 95 % interval over patients")
    ax.grid(axis="x", alpha=0.25)
    return figure


def by_view(table: pd.DataFrame, metric: str, unit: str = "") -> Figure:
    """Mean and interval of one metric per view and method. table: columns name, view, mean, low, high."""
    import matplotlib.pyplot as plt

    views = list(dict.fromkeys(table["view"]))
    names = list(dict.fromkeys(table["name"]))
    figure, ax = plt.subplots(figsize=(max(4.5, 1.8 * len(views) + 2.4), 3.2))
    offsets = np.linspace(-0.3, 0.3, len(names)) if len(names) > 1 else [0.0]
    marks = entry_marks(names)
    for offset, name in zip(offsets, names, strict=True):
        rows = table[table["name"] == name].set_index("view").reindex(views)
        spread = np.abs(rows[["low", "high"]].to_numpy(float).T - rows["mean"].to_numpy(float))
        x = np.arange(len(views)) + offset
        ax.errorbar(
            x,
            rows["mean"],
            yerr=spread,
            fmt=marks[name],
            color=method_colour(name),
            label=label(name),
            markersize=5,
        )
    ax.set_xticks(range(len(views)), readable(figure, [label(v) for v in views], "view"))
    ax.set_ylabel(_axis_name(metric, unit))
    ax.grid(axis="y", alpha=0.25)
    figure.legend(loc="outside right upper", fontsize=8)
    return figure


def paired_differences(differences: dict[str, np.ndarray], metric: str, unit: str = "") -> Figure:
    """Per-patient differences of each comparison, with mean. differences: 'A - B' -> [patients]."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(figsize=(6.4, 0.9 + 0.62 * len(differences)))
    rng = np.random.default_rng(0)
    for y, values in enumerate(differences.values()):
        values = np.asarray(values, float)
        ax.scatter(values, y + rng.uniform(-0.17, 0.17, len(values)), s=11, alpha=0.5, color="#4D4D4D", linewidths=0)
        ax.plot([values.mean()] * 2, [y - 0.3, y + 0.3], color="#D55E00", linewidth=2.2)
    # Above its row, not beside it: two long names would leave no room for the dots on a phone. The line of zero ends
    # below the names.
    for y, pair in enumerate(differences):
        ax.plot([0, 0], [y - 0.32, y + 0.36], color="#888888", linewidth=0.8, zorder=0)
        title = " - ".join(label(side) for side in pair.split(" - "))
        ax.text(0, y - 0.36, title, transform=ax.get_yaxis_transform(), fontsize=8, va="bottom")
    ax.set_yticks([])
    ax.set_ylim(len(differences) - 0.5, -0.75)
    ax.set_xlabel(f"difference in {_axis_name(metric, unit)}, one dot per patient, bar: mean")
    return figure


def distribution(table: pd.DataFrame, metric: str, unit: str = "") -> Figure:
    """Every case's score per entry as a strip over a box. table: columns name, value."""
    import matplotlib.pyplot as plt
    import seaborn as sns

    names = list(dict.fromkeys(table["name"]))
    figure, ax = plt.subplots(figsize=(6.4, 0.8 + 0.45 * len(names)))
    colours = {name: method_colour(name) for name in names}
    sns.boxplot(table, x="value", y="name", order=names, ax=ax, color="white", fliersize=0, linewidth=0.9, width=0.6)
    sns.stripplot(
        table,
        x="value",
        y="name",
        order=names,
        hue="name",
        palette=colours,
        legend=False,
        ax=ax,
        size=3,
        alpha=0.6,
    )
    ax.set_yticks(range(len(names)), [narrow_label(n) for n in names])
    ax.set_ylabel("")
    ax.set_xlabel(f"{_axis_name(metric, unit)}, one dot per case")
    return figure
