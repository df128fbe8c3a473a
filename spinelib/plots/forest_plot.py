"""Paired differences with their intervals, a row per comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.scale import cut_axis
from spinelib.plots.style import label, method_colour, narrow_label, short_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREY = "#777777"
# Letters of a name in a line: two long names above each other leave the axis its width.
LONG = 34


def forest(
    table: pd.DataFrame,
    metric: str,
    unit: str = "",
    margin: float | None = None,
    level: float = 0.95,
    marks: str = "",
) -> Figure:
    """Mean paired difference with its interval, a row per comparison, in the order given.

    table: columns one, other, mean, low, high, n, and where known `view` (named beside) and `p` (printed right); any
    number may be NaN. margin: shades what counts as no difference. marks: a column of further values, as diamonds.
    """
    import matplotlib.pyplot as plt

    names, ends = _pair_names(table), table[["mean", "low", "high"]].to_numpy(float)
    heights = np.array([0.14 * (name.count("\n") + 1) + 0.16 for name in names])
    places = np.cumsum(heights) - heights / 2
    figure, ax = plt.subplots(figsize=(6.4, 0.9 + heights.sum()))
    if margin:
        ax.axvspan(-margin, margin, color="#56B4E9", alpha=0.16, linewidth=0, zorder=0)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    colours = [method_colour(name) for name in table["one"]]
    for k, (y, colour, (mean, low, high)) in enumerate(zip(places, colours, ends, strict=True)):
        ax.plot([low, high], [y, y], color=colour, linewidth=2.2, alpha=0.65)
        ax.plot([mean], [y], "s", color=colour, markersize=5.5)
        if "p" in table:
            words = p_words(table["p"].iloc[k])
            ax.annotate(words, (1, y), (4, 0), ("axes fraction", "data"), "offset points", va="center", fontsize=8.5)
    if marks:
        ax.plot(table[marks], places, "D", color="black", mfc="white", markersize=5, linestyle="none")
    cut_axis(ax, ends, places, colours, [0.0, *(table[marks].dropna() if marks else ())])
    ax.set_yticks(places, names, fontsize=8.5, linespacing=0.95)
    ax.set_ylim(heights.sum() + 0.06, -0.06)
    words = label(metric) if unit in ("", "1") else f"{label(metric)} ({unit})"
    ax.locator_params(axis="x", nbins=6)
    ax.set_xlabel(f"difference in {words}, mean and {100 * level:g} % interval")
    ax.grid(axis="x", alpha=0.25)
    return figure


def _pair_names(table: pd.DataFrame) -> list[str]:
    """Give "one - other" on as few lines as fit, and below the view, if there is one, and n, of every row."""
    views = [f"{label(view)}, " for view in table["view"]] if "view" in table else [""] * len(table)
    rows = zip(table["one"], table["other"], views, table["n"], strict=True)
    return [f"{_pair(a, b)}\n({view}n = {n:.0f})" for a, b, view, n in rows]


def _pair(one: str, other: str) -> str:
    short = f"{short_label(one)} \N{MINUS SIGN} {short_label(other)}"
    return short if len(short) <= LONG else f"{narrow_label(one, LONG)}\n\N{MINUS SIGN} {narrow_label(other, LONG)}"


def p_words(p: float) -> str:
    """A p-value as printed in figures."""
    if not np.isfinite(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.095 else f"p = {p:.2f}"
