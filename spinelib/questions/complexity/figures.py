"""What accuracy costs: scores against cost, and courses of trainings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from spinelib.plots.margin import LETTERS, column_height, names_beside, sparse
from spinelib.plots.style import entry_looks, entry_marks, method_colour, narrow_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.4


def frontier_scatter(table: pd.DataFrame, cost: str, score: str) -> Figure:
    """Scores with their intervals against cost on a log axis; the line joins what nobody beats at its cost.

    table: of `complexity.cost.frontier`, columns name, score, low, high, cost, front. cost, score: words for the axes,
    with units. Named are the entries on the line and the best of every method, the others are small. Raises ValueError
    without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no entry has both a score and a cost")
    named = table["front"] | (table["score"] == table.groupby(_methods(table))["score"].transform("max"))
    shown = table[named]
    texts = [
        narrow_label(name, LETTERS) + (" *" if front else "")
        for name, front in zip(shown["name"], shown["front"], strict=True)
    ]
    figure, ax = plt.subplots(figsize=(WIDTH, max(3.2, 1.25 * column_height(texts))))
    marks = entry_marks(table["name"].tolist())
    for row, tall in zip(table.to_dict("records"), named, strict=True):
        colour, away = method_colour(row["name"]), [[row["score"] - row["low"]], [row["high"] - row["score"]]]
        style: dict[str, Any] = {"ms": 6.5 if tall else 3.5, "alpha": 1.0 if tall else 0.45, "elinewidth": 1.0}
        ax.errorbar(row["cost"], row["score"], away, fmt=marks[row["name"]], color=colour, capsize=0, zorder=3, **style)
    front = table[table["front"]].sort_values("cost")
    ax.plot(front["cost"], front["score"], drawstyle="steps-post", color="0.3", lw=1, ls="--", zorder=1)
    ax.set_xscale("log")
    _plain_log(ax)
    ax.set(xlabel=cost, ylabel=score)
    ax.grid(alpha=0.25)
    looks = [{"color": method_colour(name), "marker": marks[name], "linestyle": ""} for name in shown["name"]]
    names_beside(ax, shown["score"], texts, looks)
    return figure


def _methods(table: pd.DataFrame) -> pd.Series:
    return table["name"].str.partition("/")[0]


def _plain_log(ax: Axes) -> None:
    """Ticks of a log axis as plain numbers, the denser the fewer powers of ten there are."""
    from matplotlib.ticker import LogLocator, NullFormatter

    low, high = ax.get_xlim()
    subs = (1, 1.5, 2, 3, 5, 7) if high < 8 * low else (1, 2, 5) if high < 300 * low else (1,)
    ax.xaxis.set_major_locator(LogLocator(subs=subs))
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter(NullFormatter())


def validation_curves(table: pd.DataFrame) -> Figure:
    """Validation Dice of every training against its steps (above) and its core-seconds (below).

    table: of `complexity.cost.courses`. Named is the best training of every method; the others of a method are thin.
    Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no training has a history")
    best = table.groupby("run", sort=False)["dice"].max()
    names = table.drop_duplicates("run").set_index("run")["name"]
    chosen = best.groupby(names.str.partition("/")[0]).idxmax()
    texts = {run: narrow_label(names[run], LETTERS) for run in chosen}
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 2 * max(2.6, 1.3 * column_height(list(texts.values())))))
    looks = entry_looks(names.unique().tolist())
    # The first steps fall far below all that is of interest later.
    low, high = table["dice"].quantile(0.06), table["dice"].max()
    for ax, column in zip(axes, ("step", "core-seconds"), strict=True):
        ends = []
        for run, rows in table.dropna(subset="dice").groupby("run", sort=False):
            tall, look = run in texts, looks[names[run]]
            style = {"lw": 1.5, "ms": 4, "zorder": 3} if tall else {"lw": 0.8, "ms": 2, "alpha": 0.35}
            ax.plot(rows[column], rows["dice"], markevery=sparse(rows), **look, **style)
            if tall:
                ends.append((rows["dice"].iloc[-1], texts[run], look))
        ax.set_ylim(low - 0.03 * (high - low), high + 0.03 * (high - low))
        ax.set(ylabel="validation Dice", xlabel="steps" if column == "step" else "core-seconds")
        ax.set_xlim(left=0)
        ax.grid(alpha=0.25)
        names_beside(ax, *zip(*ends, strict=True))
    return figure
