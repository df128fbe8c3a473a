"""Paired differences with their intervals, a row per comparison."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.style import label, method_colour

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GREY = "#777777"


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

    figure, ax = plt.subplots(figsize=(6.4, 0.9 + 0.44 * len(table)))
    if margin:
        ax.axvspan(-margin, margin, color="#56B4E9", alpha=0.16, linewidth=0, zorder=0)
    ax.axvline(0, color=GREY, linewidth=0.8, zorder=1)
    for y, (mean, low, high) in enumerate(table[["mean", "low", "high"]].to_numpy(float)):
        colour = method_colour(table["one"].iloc[y])
        ax.plot([low, high], [y, y], color=colour, linewidth=2.2, alpha=0.65)
        ax.plot([mean], [y], "s", color=colour, markersize=5.5)
        if "p" in table:
            words = p_words(table["p"].iloc[y])
            ax.annotate(words, (1, y), (4, 0), ("axes fraction", "data"), "offset points", va="center", fontsize=8.5)
    if marks:
        ax.plot(table[marks], range(len(table)), "D", color="black", mfc="white", markersize=5, linestyle="none")
    ax.set_yticks(range(len(table)), _pair_names(table), fontsize=8.5)
    ax.set_ylim(len(table) - 0.4, -0.6)
    words = label(metric) if unit in ("", "1") else f"{label(metric)} ({unit})"
    ax.locator_params(axis="x", nbins=6)
    ax.set_xlabel(f"difference in {words}, mean and {100 * level:g} % interval")
    ax.grid(axis="x", alpha=0.25)
    return figure


def _pair_names(table: pd.DataFrame) -> list[str]:
    """Give "one - other" and below it the view, if there is one, and n, of every row."""
    views = [f"{label(view)}, " for view in table["view"]] if "view" in table else [""] * len(table)
    rows = zip(table["one"], table["other"], views, table["n"], strict=True)
    return [f"{label(a)} \N{MINUS SIGN} {label(b)}\n({view}n = {n:.0f})" for a, b, view, n in rows]


def p_words(p: float) -> str:
    """A p-value as printed in figures."""
    if not np.isfinite(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}" if p < 0.095 else f"p = {p:.2f}"
