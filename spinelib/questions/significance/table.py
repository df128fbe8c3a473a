"""Every test and interval of the comparisons that a study names, side by side, from its case table.

The patient is the unit: its films and the trained seeds are averaged first. `p_paper` is the test of the MDWC-Net paper
(section 3.3.2) as it reads: paired t over films, seeds averaged, not adjusted. Each test has a p-value adjusted by Holm
over the comparisons named beforehand.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from spinelib.measures.registry import higher_is_better
from spinelib.statistics import comparison, intervals, paired_tests
from spinelib.statistics.ranks import RankStability, rank_shares

PAIR = ["one", "other"]
P_VALUES = ("p_t", "p_wilcoxon", "p_permutation")
UNIT = ("dataset", "split", "structure", "condition", "severity")


def rows_of_metric(cases: pd.DataFrame, metric: str, unit: str = "1", **where: Any) -> pd.DataFrame:
    """Film by film rows of one metric, with `name` (method/variant); clean test films unless `where` says otherwise.

    Raises ValueError for an unknown column, or when the rows mix data sets, structures or conditions.
    """
    chosen = {"split": "test", "condition": "none", "severity": 0, **where, "metric": metric, "unit": unit}
    unknown = sorted(set(chosen) - set(cases.columns))
    if unknown:
        raise ValueError(f"no column {', '.join(unknown)}; there are {', '.join(cases.columns)}")
    kept = (cases["case"] != comparison.ALL) & cases["value"].notna()
    for column, value in chosen.items():
        kept &= cases[column] == value
    rows = cases[kept]
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


def all_tests(
    rows: pd.DataFrame, pairs: Sequence[Sequence[str]], *, method: str = intervals.DEFAULT_INTERVAL, seed: int = 0
) -> pd.DataFrame:
    """One row per pair (one, other): mean, low, high, effect, rank_biserial, n, every p-value, plain and `holm_`.

    rows: of `rows_of_metric`. method: one of `INTERVAL_METHODS`. Raises ValueError for a name without rows.
    """
    found = []
    for one, other in pairs:
        d = differences(rows, one, other)
        interval = intervals.difference_interval(d, method=method, seed=seed)
        films = rows[rows["name"].isin([one, other])].groupby(["case", "view", "name"])["value"].mean().unstack()
        found.append(
            {
                **dict(zip(PAIR, (one, other), strict=True)),
                **interval._asdict(),
                "effect": effect_size(d),
                "rank_biserial": paired_tests.rank_biserial(d),
                "n": len(d),
                "p_t": paired_tests.t_test(d),
                "p_wilcoxon": paired_tests.wilcoxon_test(d),
                "p_permutation": paired_tests.permutation_test(d, seed=seed),
                "p_paper": paired_tests.t_test((films[one] - films[other]).dropna()),
            }
        )
    columns = [*PAIR, *intervals.Interval._fields, "effect", "rank_biserial", "n", *P_VALUES, "p_paper"]
    table = pd.DataFrame(found, columns=columns)
    return table.assign(**{f"holm_{name.removeprefix('p_')}": comparison.holm(table[name]) for name in P_VALUES})


def effect_size(differences: np.ndarray) -> float:
    """d_z, mean over standard deviation of the differences; 0 without a difference, NaN without spread."""
    d = paired_tests.checked(differences)
    if not d.any():
        return 0.0
    sd = d.std(ddof=1) if len(d) > 1 else 0.0
    return float(d.mean() / sd) if sd > 1e-12 * np.abs(d).max() else float("nan")


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


def fold_differences(rows: pd.DataFrame, one: str, other: str) -> tuple[np.ndarray, float]:
    """Mean difference one - other in every fold that both have, and test over training patients of a fold.

    The ratio is NaN where the folds do not share out the patients: folds that differ only in their training patients
    and are all tested on the same films are repetitions, not a cross-validation.
    """
    pair = rows[rows["name"].isin([one, other])]
    means = pair.groupby(["fold", "patient", "name"])["value"].mean().unstack()[[one, other]].dropna()
    d = (means[one] - means[other]).groupby("fold").mean()
    patients = means.reset_index()["patient"]
    test = len(means) / max(len(d), 1)
    apart = len(d) > 1 and not patients.duplicated().any()
    return d.to_numpy(), test / (len(means) - test) if apart else float("nan")


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
