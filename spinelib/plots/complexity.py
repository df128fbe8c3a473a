"""What accuracy costs: scores against cost, courses of trainings, scores against numbers of films."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib.plots.style import label, method_colour, narrow_label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.4
# Height of one line of a label, inches, and letters on it.
LINE, LETTERS = 0.17, 24
# Where the labels stand, as a share of the axes' width.
BESIDE = 1.07


def frontier(table: pd.DataFrame, cost: str, score: str) -> Figure:
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
    figure, ax = plt.subplots(figsize=(WIDTH, max(3.2, 1.25 * _tall(texts))))
    for row, tall in zip(table.to_dict("records"), named, strict=True):
        colour, away = method_colour(row["name"]), [[row["score"] - row["low"]], [row["high"] - row["score"]]]
        style: dict[str, Any] = {"ms": 6.5 if tall else 3.5, "alpha": 1.0 if tall else 0.45, "elinewidth": 1.0}
        ax.errorbar(row["cost"], row["score"], away, fmt="o", color=colour, capsize=0, zorder=3, **style)
    front = table[table["front"]].sort_values("cost")
    ax.plot(front["cost"], front["score"], drawstyle="steps-post", color="0.3", lw=1, ls="--", zorder=1)
    ax.set_xscale("log")
    _plain_log(ax)
    ax.set(xlabel=cost, ylabel=score)
    ax.grid(alpha=0.25)
    _beside(ax, shown["cost"], shown["score"], texts, [method_colour(name) for name in shown["name"]])
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


def _tall(texts: Sequence[str]) -> float:
    """Height that the labels `texts` need in a column, inches."""
    return LINE * len(texts) * max(0.75 * text.count("\n") + 1 for text in texts)


def _beside(ax: Axes, x: ArrayLike, y: ArrayLike, texts: Sequence[str], colours: Sequence[str]) -> None:
    """Names in a column right of the axes, in the order of their points' heights, each tied to its point by a line."""
    rows = len(ax.figure.axes)
    height = 0.8 * ax.figure.bbox.height / ax.figure.get_dpi() / rows
    low, high = ax.get_ylim()
    wanted = (np.asarray(y, float) - low) / (high - low)
    line: dict[str, Any] = {"arrowstyle": "-", "lw": 0.5, "alpha": 0.5, "shrinkA": 0, "shrinkB": 3, "relpos": (0, 0.5)}
    style: dict[str, Any] = {"textcoords": "axes fraction", "va": "center", "fontsize": 8, "linespacing": 0.95}
    places, points = apart(wanted, _tall(texts) / len(texts) / height), np.stack([np.asarray(x), np.asarray(y)], axis=1)
    for place, (px, py), text, colour in zip(places, points, texts, colours, strict=True):
        arrow = {**line, "color": colour}
        ax.annotate(text, (px, py), (BESIDE, place), color=colour, arrowprops=arrow, **style)


def apart(wanted: ArrayLike, gap: float) -> np.ndarray:
    """Places [n] in the order of `wanted` (shares of a height), at least `gap` apart and as near to it as that allows.

    They stay within 0..1 where n of them fit, and are centred on it where not.
    """
    order = np.argsort(np.asarray(wanted, float), kind="stable")
    # Without the gaps that must lie below a place, being apart is being in order: pooled means do that.
    free = np.asarray(wanted, float)[order] - gap * np.arange(len(order))
    blocks: list[list[float]] = []
    for value in free:
        blocks.append([float(value)])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    level = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])
    room = 1 - gap * (len(order) - 1)
    level = np.clip(level, 0, room) if room > 0 else np.full(len(order), room / 2)
    places = np.empty(len(order))
    places[order] = level + gap * np.arange(len(order))
    return places


def courses(table: pd.DataFrame) -> Figure:
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
    figure, axes = plt.subplots(2, 1, figsize=(WIDTH, 2 * max(2.6, 1.3 * _tall(list(texts.values())))))
    # The first steps fall far below all that is of interest later.
    low, high = table["dice"].quantile(0.06), table["dice"].max()
    for ax, column in zip(axes, ("step", "core-seconds"), strict=True):
        ends = []
        for run, rows in table.dropna(subset="dice").groupby("run", sort=False):
            tall, colour = run in texts, method_colour(names[run])
            mark = "o" if len(rows) == 1 else ""
            style = {"lw": 1.5, "zorder": 3} if tall else {"lw": 0.8, "alpha": 0.35}
            ax.plot(rows[column], rows["dice"], color=colour, marker=mark, ms=3, **style)
            if tall:
                ends.append((rows[column].iloc[-1], rows["dice"].iloc[-1], texts[run], colour))
        ax.set_ylim(low - 0.03 * (high - low), high + 0.03 * (high - low))
        ax.set(ylabel="validation Dice", xlabel="steps" if column == "step" else "core-seconds")
        ax.set_xlim(left=0)
        ax.grid(alpha=0.25)
        _beside(ax, *zip(*ends, strict=True))
    return figure


def film_amounts(table: pd.DataFrame, score: str) -> Figure:
    """Mean score with its interval against the number of training films, one line per method; open: pretrained.

    table: of `complexity.learning.film_amounts`. Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if table.empty:
        raise ValueError("no runs with different numbers of training films")
    groups = [part for _, part in table.groupby(["family", "start"], sort=False)]
    figure, ax = plt.subplots(figsize=(WIDTH, max(3.2, 1.3 * LINE * len(groups))))
    ends = []
    for k, own in enumerate(groups):
        family, start = own[["family", "start"]].iloc[0]
        colour = method_colour(family)
        # Intervals of several lines at one number of films stand beside each other.
        films = own["training films"] * 1.02 ** (k - (len(groups) - 1) / 2)
        away = [own["value"] - own["low"], own["high"] - own["value"]]
        fill, line = (colour, "-") if start == "from scratch" else ("white", "--")
        style: dict[str, Any] = {
            "fmt": "o",
            "ls": line if len(own) > 1 else "",
            "markerfacecolor": fill,
            "ms": 5,
            "elinewidth": 0.8,
        }
        ax.errorbar(films, own["value"], away, color=colour, **style)
        words = label(family.split(" ")[0]) + ("" if start == "from scratch" else ", pretrained")
        ends.append((films.iloc[-1], own["value"].iloc[-1], words, colour))
    ax.set_xscale("log")
    amounts = sorted(table["training films"].unique())
    ax.set_xticks(amounts, [str(films) for films in amounts])
    ax.minorticks_off()
    ax.set(xlabel="training films", ylabel=score)
    ax.grid(alpha=0.25)
    _beside(ax, *zip(*ends, strict=True))
    return figure
