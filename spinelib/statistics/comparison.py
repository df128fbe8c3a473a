"""Means with intervals, leaderboards and Holm's adjustment from case tables.

The patient is the unit: the values of one patient (several views, several seeds) are averaged first, and
patients are what the bootstrap draws. Seeds are repetitions, not cases. What is said of methods, which could be trained
again, is `spinelib.statistics.contrast`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from spinelib.measures.registry import higher_is_better
from spinelib.statistics.group_intervals import RATES, group_intervals
from spinelib.statistics.group_intervals import patient_values as patient_values
from spinelib.statistics.intervals import difference_interval as difference_interval
from spinelib.statistics.intervals import mean_interval as mean_interval

Array = NDArray[np.float64]
GROUPING = (
    *("study", "dataset", "trained_on", "method", "variant", "recipe", "width", "split", "view"),
    *("condition", "severity", "near_duplicate", "structure", "metric"),
)
RESULTS = ("mean", "low", "high", "sd", "n", "missing", *RATES, "unit", "cases", "runs")
ALL, EXCLUDED = "all", "excluded"


def holm(p_values: ArrayLike) -> Array:
    """Adjusted p-values of a family of tests (Holm 1979), in the given order; NaN stays NaN and does not count."""
    p = np.asarray(p_values, np.float64)
    adjusted = np.full(p.shape, np.nan)
    order = np.argsort(p)[: np.count_nonzero(~np.isnan(p))]
    steps = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return adjusted


def summarise(cases: pd.DataFrame) -> pd.DataFrame:
    """Mean and 95 % interval over patients for every group of a case table, columns GROUPING + RESULTS.

    Seeds and folds are averaged within the patient. View ``all`` takes the views of a patient together. Where
    films have near-duplicates on the other side of the split, near_duplicate ``excluded`` leaves those out
    and ``all`` keeps them. sd: standard deviation over the patients; n: patients with a value; cases: values averaged;
    missing: those whose structure was missed, invented or absent; runs: runs behind them; missed: the rate of misses
    with its interval (`group_intervals`). Rows pooled over cases have no interval.
    """
    if cases.empty:
        return pd.DataFrame(columns=[*GROUPING, *RESULTS])
    rows = pd.concat(_with_totals(cases), ignore_index=True)
    keys = [*GROUPING, "unit"]
    grouped = rows.assign(missing=rows["status"] != "ok", counted=rows["value"].notna()).groupby(
        keys, sort=False, dropna=False
    )
    facts = grouped.agg(missing=("missing", "sum"), cases=("counted", "sum"), runs=("run", "nunique"))
    table = pd.concat([facts, group_intervals(rows, keys).reindex(facts.index)], axis=1)
    return table.reset_index(names=keys)[[*GROUPING, *RESULTS]]


def _with_totals(cases: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The rows of every group: near-duplicates left out and kept, each view and all views together."""
    single = cases[cases["case"] != ALL]
    affected = single.loc[single["near_duplicate"].fillna("") != "", "dataset"].unique()
    clean = single[single["dataset"].isin(affected) & (single["near_duplicate"].fillna("") == "")]
    for rows, name in ((clean, EXCLUDED), (single, ALL)):
        named = rows.assign(near_duplicate=name)
        yield named
        views = named.groupby(["dataset", "split"], dropna=False)["view"].transform("nunique")
        yield named[views > 1].assign(view=ALL)
    yield cases[cases["case"] == ALL].assign(near_duplicate=ALL)


def leaderboard(summary: pd.DataFrame, metric: str, unit: str = "1", **where: Any) -> pd.DataFrame:
    """Entries of a summary by one metric, best first: rank, name, mean, low, high, sd, n, missing, RATES.

    `where` picks groups by column (structure, view, dataset, ...); clean films and near_duplicate ``all``
    unless said; near_duplicate="excluded" gives the board without near-duplicates. Raises ValueError for an
    unknown column.
    """
    chosen = {"condition": "none", "severity": 0, "near_duplicate": ALL, **where, "metric": metric, "unit": unit}
    rows = _pick(summary, chosen)
    rows = rows.assign(name=rows["method"] + "/" + rows["variant"])
    rows = rows.sort_values("mean", ascending=not higher_is_better(metric), kind="stable")
    rows = rows.assign(rank=rows["mean"].rank(ascending=not higher_is_better(metric), method="min"))
    first = ["rank", "name", "mean", "low", "high", "sd", "n", "missing", *RATES]
    # Summaries that were published before misses had a rate lack RATES.
    return rows.reindex(columns=[*first, *(c for c in GROUPING if c not in chosen)]).reset_index(drop=True)


def _pick(rows: pd.DataFrame, where: dict[str, Any]) -> pd.DataFrame:
    for column, value in where.items():
        if column not in rows.columns:
            raise ValueError(f"no column {column!r}; there are {', '.join(rows.columns)}")
        rows = rows[rows[column] == value]
    return rows
