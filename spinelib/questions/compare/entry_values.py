"""Values of entries by patient and training, as a claim or a comparison asks for them.

(C, our choice) A seed is a training. The folds of a seed that share out the patients are one training together: they
learned from much the same patients. Folds that test the same patients are trainings of their own.
"""

from __future__ import annotations

import pandas as pd

from spinelib.measures.registry import higher_is_better
from spinelib.statistics.limits import limits_of

MEAN, WORST_VIEW, DROP, DROP_CONTRAST = "difference", "worst_view", "drop", "drop_contrast"
CHANGING_CONTRAST = ("contrast", "window", "gamma")  # corruptions that do
KEYS = ["patient", "name", "training"]


def entry_values(rows: pd.DataFrame, kind: str = MEAN) -> pd.DataFrame:
    """Values [patients, (name, training)] of one score: films of a patient averaged; NaN where there is none.

    rows: of one data set, structure, metric and unit, with `name`; corrupted films only matter to DROP. kind: the rule
    of the claim (`literature.claims`): the mean, that of the worst view, or what corrupted films differ by from clean.
    """
    rows = rows.assign(training=training_names(rows))
    clean = (rows["condition"] == "none") & (rows["severity"] == 0)
    if kind == WORST_VIEW:
        views = rows[clean].groupby([*KEYS, "view"])["value"].mean().groupby(KEYS)
        small = bool(len(rows)) and higher_is_better(str(rows["metric"].iloc[0]))
        return (views.min() if small else views.max()).unstack(KEYS[1:])
    table = _means(rows[clean])
    if kind in (DROP, DROP_CONTRAST):
        kept = ~clean if kind == DROP else rows["condition"].isin(CHANGING_CONTRAST)
        return _means(rows[kept]) - table
    return table


def value_limits(metric: str, unit: str, kind: str = MEAN) -> tuple[float, float]:
    """Smallest and largest value of `entry_values`; BadInput for a metric that is not registered."""
    low, high = limits_of(metric, unit)
    return (low - high, high - low) if kind in (DROP, DROP_CONTRAST) else (low, high)


def training_names(rows: pd.DataFrame) -> pd.Series:
    """Which training of its entry each row comes from, in the column's own words."""
    folds = rows.groupby(["name", "seed", "patient"])["fold"].transform("nunique")
    repeated = rows["name"].isin(rows.loc[folds > 1, "name"])
    seeds = rows["seed"].astype(str)
    return seeds.where(~repeated, seeds + "/" + rows["fold"].astype(str))


def _means(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(KEYS)["value"].mean().unstack(KEYS[1:])


def without_twins(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of films without a near-duplicate in training; all of them where none is without."""
    alone = rows[rows["near_duplicate"].fillna("") == ""]
    return alone if len(alone) else rows
