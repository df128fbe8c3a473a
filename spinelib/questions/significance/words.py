"""Which of the comparisons named beforehand are more than chance, as a sentence."""

from __future__ import annotations

import pandas as pd

from spinelib.plots.style import label
from spinelib.plots.words import listed, with_interval


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
