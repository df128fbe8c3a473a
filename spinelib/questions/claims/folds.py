"""Whether one network is better than another in every fold but one, each fold with patients and trainings of its own.

A claim about all but one of n folds is a partial conjunction (Benjamini & Heller, Biometrics 64:1215-1222, 2008): with
p-values sorted, that of "at least k of n hold" is (n - k + 1) times the k-th smallest.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spinelib.questions.compare.entry_values import entry_values
from spinelib.statistics.contrast import CrossedContrast, crossed_contrast

FEWEST = 3  # folds, below which "all but one" says nothing


def fold_contrast(rows: pd.DataFrame, one: str, other: str, limits: tuple[float, float]) -> dict[str, Any] | None:
    """The fields of a contrast for "`one` has the larger value in all folds but one"; None with fewer than FEWEST.

    rows: clean rows of one score, with `name` and `fold`, in the metric's unit. mean, low and high are those of the
    fold that says second least for `one`: the interval lies above 0 where all folds but one do, below where two do. Its
    ends are adjusted for the number of folds, and so is p.
    """
    tables = [entry_values(part) for _, part in rows.groupby("fold")]
    tables = [table for table in tables if {one, other} <= set(table.columns.get_level_values(0))]
    n = len(tables)
    if n < FEWEST:
        return None
    above, below = ([_fold(t, one, other, 1 - 0.05 / parts, limits) for t in tables] for parts in (2, n - 1))
    found = sorted(above, key=lambda x: x.mean)[1]
    ends = {"low": _second([x.low for x in above]), "high": _second([x.high for x in below])}
    counts = {"n": sum(x.n for x in above), "seeds": min(x.seeds for x in above)}
    return found._asdict() | ends | counts | {"p": _p(above)}


def _fold(table: pd.DataFrame, one: str, other: str, level: float, limits: tuple[float, float]) -> CrossedContrast:
    return crossed_contrast(pd.DataFrame(table[one]), pd.DataFrame(table[other]), level, limits)


def _second(values: list[float]) -> float:
    return float(np.sort(values)[1])


def _p(folds: list[CrossedContrast]) -> float:
    """Two-sided p of both partial conjunctions: all folds but one above 0, or two below."""
    above = np.array([x.p / 2 if x.mean > 0 else 1 - x.p / 2 for x in folds])
    if np.isnan(above).any():
        return float("nan")
    sides = 2 * np.sort(above)[-2], (len(folds) - 1) * _second(list(1 - above))
    return float(min(1.0, 2 * min(sides)))
