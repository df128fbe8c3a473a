"""The best mean of a board, as a sentence; the paired differences tell whether the lead is more than chance."""

from __future__ import annotations

import pandas as pd

from spinelib.plots.style import label
from spinelib.plots.words import with_interval


def leader(table: pd.DataFrame, data: str, part: str, metric: str, unit: str = "1") -> str:
    """The first of a board, its mean, and how many others its interval reaches; `table` as of `boards.board`."""
    if table.empty:
        return f"{data}: no run has finished."
    best, rest = table.iloc[0], table.iloc[1:]
    digits, words = (3, "") if unit in ("", "1") else (1, f" {unit}")
    head = f"{data}, {part}: {label(best['name'])} has the best mean {label(metric)}, "
    mean, low, high = (float(best[name]) for name in ("mean", "low", "high"))
    head += with_interval(mean, low, high, digits) + f"{words}, {int(best['n'])} patients"
    if rest.empty:
        return head + "."
    near = ((rest["low"] <= best["high"]) & (best["low"] <= rest["high"])).sum()
    return f"{head}; intervals of {near} of {len(rest)} others overlap with its own."
