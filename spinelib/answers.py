"""What the questions of a study found, as sentences with their numbers, made from their tables: the index begins so.

A sentence never says more than its interval: who leads a table is the best mean, and whether that is more than chance
is said by the paired comparisons which the study named beforehand.
"""

from __future__ import annotations

import pandas as pd

from spinelib.plots.style import label

MANY = 4  # names beyond these are counted, not listed


def with_interval(mean: float, low: float, high: float, digits: int = 3) -> str:
    """``0.787 [0.754, 0.804]``."""
    return f"{mean:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def listed(names: list[str]) -> str:
    """Names joined by commas; those beyond MANY are counted."""
    rest = len(names) - MANY
    return ", ".join(names[:MANY]) + (f" and {rest} more" if rest > 0 else "")


def leader(table: pd.DataFrame, data: str, part: str, metric: str, unit: str = "1") -> str:
    """Who leads a board, with what, and how many others its interval reaches; `table` as of `experiment.board`."""
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


def compared(table: pd.DataFrame, data: str, metric: str, p: str = "p_holm", alpha: float = 0.05) -> str:
    """Which of the comparisons named beforehand survive Holm; columns one, other, mean, low, high and `p`."""
    if table.empty:
        return f"{data}: no comparison that the study named has both sides finished."
    sure = table[table[p] < alpha]
    told = [
        f"{label(first)} above {label(second)} by {with_interval(mean, min(low, high), max(low, high))}"
        for first, second, mean, low, high in (_upright(row) for row in sure.itertuples())
    ]
    open_ = len(table) - len(sure)
    words = listed(told) if told else "none"
    head = f"{data}, {label(metric)}: of {len(table)} named comparisons {len(sure)} survive Holm"
    return f"{head} ({words}); {open_} stay open."


def _upright(row: object) -> tuple[str, str, float, float, float]:
    """The row with the side of the larger value first."""
    one, other, mean, low, high = (getattr(row, name) for name in ("one", "other", "mean", "low", "high"))
    return (one, other, mean, low, high) if mean >= 0 else (other, one, -mean, -high, -low)


def ledger(table: pd.DataFrame) -> str:
    """How the lines of the ledger of claims were judged; column verdict, one line per claim and data set."""
    counts = table["verdict"].value_counts()
    tested = int(counts.sum() - counts.get("not testable here", 0))
    words = [f"{count} {verdict}" for verdict, count in counts.items() if verdict != "not testable here"]
    return f"{tested} of {int(counts.sum())} lines of the ledger were tested here: {', '.join(words) or 'none'}."
