"""What stands around the contrasts of a study: their patients' differences, by interval and by view, and the ranks.

The patient is the unit: its films and the trained seeds are averaged first. Whether a difference is more than chance is
said by `compare.study_contrasts` alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from spinelib.measures.registry import higher_is_better
from spinelib.questions.compare.entry_values import without_twins
from spinelib.statistics import comparison, intervals
from spinelib.statistics.ranks import RankStability, rank_shares

PAIR = ["one", "other"]
UNIT = ("dataset", "split", "structure", "condition", "severity")


def rows_of_metric(cases: pd.DataFrame, metric: str, unit: str = "1", **where: Any) -> pd.DataFrame:
    """Film by film rows of one metric, with `name` (method/variant); clean test films unless `where` says otherwise.

    Without films that have a near-duplicate in training.

    Raises ValueError for an unknown column, or when the rows mix data sets, structures or conditions.
    """
    chosen = {"split": "test", "condition": "none", "severity": 0, **where, "metric": metric, "unit": unit}
    unknown = sorted(set(chosen) - set(cases.columns))
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)}; there are {', '.join(cases.columns)}")
    kept = (cases["case"] != comparison.ALL) & cases["value"].notna()
    for column, value in chosen.items():
        kept &= cases[column] == value
    rows = without_twins(cases[kept])
    mixed = [name for name in UNIT if rows[name].nunique() > 1]
    if mixed:
        raise ValueError(f"rows mix several values of {', '.join(mixed)}: name one of each")
    return rows.assign(name=rows["method"] + "/" + rows["variant"])


def patient_table(rows: pd.DataFrame) -> pd.DataFrame:
    """Values [patients, names] of rows of `rows_of_metric`: films and seeds of a patient averaged."""
    return comparison.patient_values(rows, ["name"])


def differences(rows: pd.DataFrame, one: str, other: str) -> np.ndarray:
    """Differences one - other [patients] of the patients that both have. Raises ValueError for a name without rows."""
    values = patient_table(rows[rows["name"].isin([one, other])])
    missing = {one, other} - set(values.columns)
    if missing:
        raise ValueError(f"no rows for {', '.join(sorted(missing))}")
    return (values[one] - values[other]).dropna().to_numpy()


def interval_table(rows: pd.DataFrame, pairs: Sequence[Sequence[str]], seed: int = 0) -> pd.DataFrame:
    """The interval of every pair by every method: columns one, other, method, mean, low, high, n."""
    found = []
    for one, other in pairs:
        d = differences(rows, one, other)
        for method in intervals.INTERVAL_METHODS:
            interval = intervals.difference_interval(d, method=method, seed=seed)
            found.append({"one": one, "other": other, "method": method, **interval._asdict(), "n": len(d)})
    return pd.DataFrame(found, columns=[*PAIR, "method", *intervals.Interval._fields, "n"])


def view_differences(rows: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """Differences one - other per patient and view, films and seeds averaged: columns patient, view, value."""
    values = rows[rows["name"].isin([one, other])].groupby(["patient", "view", "name"])["value"].mean().unstack()
    return (values[one] - values[other]).dropna().rename("value").reset_index()


def ready_pairs(rows: pd.DataFrame, pairs: Sequence[Sequence[str]]) -> tuple[list[tuple[str, str]], list[str]]:
    """The pairs whose two sides have rows, and the others as "one - other"."""
    names = set(rows["name"])
    found = [(one, other) for one, other in pairs if {one, other} <= names]
    return found, [f"{one} - {other}" for one, other in pairs if not {one, other} <= names]


def rank_table(rows: pd.DataFrame, names: Sequence[str] = ()) -> pd.DataFrame:
    """Values [patients, names] of the entries to rank: `names` (method/variant), or every full model."""
    return patient_table(rows[rows["name"].isin(names)] if names else rows[rows["variant"] == "full"])


def firm_ranks(rows: pd.DataFrame, metric: str, names: Sequence[str] = ()) -> RankStability:
    """Ranks of the same entries as `rank_table` over resamples of patients and seeds; ValueError for fewer than two."""
    chosen = rows[rows["name"].isin(names)] if names else rows[rows["variant"] == "full"]
    return rank_shares(chosen, higher_is_better(metric))


def better(metric: str) -> str:
    """Which sign of a difference says that the first method is better, in words for a caption."""
    return "right of 0 the first is better" if higher_is_better(metric) else "left of 0 the first is better"
