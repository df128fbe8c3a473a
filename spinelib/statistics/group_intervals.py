"""Mean, interval and rate of misses over patients for every group of a case table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib.measures.registry import higher_is_better
from spinelib.statistics.intervals import Interval, mean_interval
from spinelib.statistics.limits import limits_of
from spinelib.statistics.missed import Penalty, mean_with_misses, rate_interval

RATES = ("missed", "missed_low", "missed_high")
# Entries of a study that share these were asked for the same; a structure that one of them missed can be missed.
ASKED = ("dataset", "split", "condition", "severity", "structure", "metric", "unit")


def patient_values(cases: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """Mean value of each patient, [patients, groups]: one column per combination of the columns `by`, NaN if none."""
    return cases.groupby([*by, "patient"], sort=False, dropna=False)["value"].mean().unstack([*range(len(by))])


def group_intervals(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    """mean, low, high, sd, n (patients) and RATES of every group, one row per combination of `by`, which names ASKED.

    rows: of case tables. Films and seeds of a patient are averaged first. missed: mean over patients of the share of
    cases whose structure was missed or invented, with its interval. Where some entry missed the structure, the interval
    of the mean allows for misses that these patients do not show (`missed`).
    """
    counted = rows[rows["value"].notna()]
    lost = counted["status"] != "ok"
    values = patient_values(counted, by)
    missed = patient_values(counted.assign(value=lost.astype(float)), by).reindex_like(values)
    found = patient_values(counted[~lost], by).reindex_like(values)
    given = counted[lost].groupby(list(ASKED), sort=False, dropna=False)["value"].agg(["mean", "std"])
    penalties = {_known(key): (float(mean), float(sd)) for key, mean, sd in given.fillna(0.0).itertuples(name=None)}
    lines = np.full((values.shape[1], 3 + len(RATES)), np.nan)
    for chosen, known in _alike(values, by):
        tables = [table.to_numpy()[np.ix_(known, chosen)] for table in (values, found, missed)]
        key = _known(values.columns[chosen[0]][by.index(name)] for name in ASKED)
        of = dict(zip(ASKED, key, strict=True))
        interval = score_interval(*tables, metric=of["metric"], unit=of["unit"], given=penalties.get(key))
        lines[chosen] = np.stack([*interval, *rate_interval(tables[2])], axis=1)
    table = pd.DataFrame(lines, columns=["mean", "low", "high", *RATES], index=values.columns)
    return table.assign(sd=values.std(axis=0), n=values.notna().sum(axis=0))


def _alike(values: pd.DataFrame, by: Sequence[str]) -> list[tuple[np.ndarray, np.ndarray]]:
    """Columns that were asked for the same of the same patients, as their places with the patients [patients]."""
    known = values.notna().to_numpy()
    asked = values.columns.to_frame(index=False).groupby(list(ASKED), dropna=False, sort=False).ngroup()
    patients = [column.tobytes() for column in known.T]
    places = pd.Series(range(len(asked))).groupby([asked.to_numpy(), patients], sort=False)
    return [(part.to_numpy(), known[:, part.iloc[0]]) for _, part in places if known[:, part.iloc[0]].any()]


def _known(key: Iterable[Any]) -> tuple[Any, ...]:
    """A key whose missing parts are the same as those of another."""
    return tuple("" if pd.isna(part) else part for part in key)


def score_interval(
    values: ArrayLike,
    found: ArrayLike,
    missed: ArrayLike,
    *,
    metric: str,
    unit: str,
    given: tuple[float, float] | None,
) -> Interval:
    """Mean of a metric over patients [n] or [n, groups] with its interval, which stays within the metric's limits.

    given: mean and standard deviation of what missed structures were given, over all entries; None where none missed
    any. Otherwise as `mean_with_misses`.
    """
    limits = limits_of(metric, unit)
    if given is None:
        return mean_interval(values, limits=limits)
    penalty = Penalty(*given, best=limits[higher_is_better(metric)])
    return mean_with_misses(values, found, missed, penalty, limits=limits)
