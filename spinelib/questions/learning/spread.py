"""Whether a method holds in every view: how far its scores of the views lie apart.

R2MF-Net is said to be stable over directions (A), without a measure. (C) Two measures. *Between views*: standard
deviation of the views' means over patients. It is never 0, since means of finitely many films differ by chance:
`chance` is what it comes to when the views of every patient are shuffled, and `p` the share of shuffles that reach it.
*Within patients*: mean over patients of the standard deviation of a patient's own views; chance is in it as much for
every method, so that it compares methods, patient by patient.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.questions.compare.boards import film_scores
from spinelib.statistics import comparison
from spinelib.statistics.limits import limits_of

Array = NDArray[np.float64]
REPLICATES, SHUFFLES = 4000, 2000
COLUMNS = (
    *("name", "patients", "views", "worst view", "best view", "between views", "low", "high", "chance", "p"),
    *("within patients", "within low", "within high"),
)


def view_spread(
    cases: pd.DataFrame, dataset: str, structure: str, metric: str = "dice", unit: str = "1", seed: int = 0
) -> pd.DataFrame:
    """Spread of a metric over the views for every entry, steadiest first: one row of COLUMNS each.

    cases: of `study_cases`. low, high: 95 % percentile interval over patients, less the bootstrap's own bias. A patient
    counts with all views only. No row for data with a single view.
    """
    rows = film_scores(cases, dataset, structure, metric, unit)
    rows = rows[rows["condition"] == "none"]
    lines = []
    for name, own in rows.groupby("name", sort=False):
        table = own.groupby(["patient", "view"])["value"].mean().unstack().dropna()
        if table.shape[1] < 2 or len(table) < 2:
            continue
        means = table.mean()
        within = comparison.mean_interval(table.std(axis=1, ddof=1), limits=limits_of(metric, unit))
        edges = (f"{means.idxmin()} {means.min():.3f}", f"{means.idxmax()} {means.max():.3f}")
        lines.append((name, *table.shape, *edges, *_between(table.to_numpy(float), seed), *within))
    found = pd.DataFrame(lines, columns=list(COLUMNS))
    return found.sort_values("between views", kind="stable", ignore_index=True)


def _between(values: Array, seed: int) -> tuple[float, float, float, float, float]:
    """Between-view spread of values [patients, views] with interval, its size by chance, and p."""
    random = np.random.default_rng(seed)
    n = len(values)
    weights = random.multinomial(n, np.full(n, 1 / n), size=REPLICATES) / n
    seen = values.mean(axis=0).std(ddof=1)
    # Resampling adds as much variance between the means as chance has put into them already: it is taken out again.
    variances = (weights @ values).var(axis=1, ddof=1)
    variances = np.maximum(variances - (variances.mean() - seen**2), 0)
    low, high = np.sqrt(np.percentile(variances, (2.5, 97.5)))
    repeated = np.broadcast_to(values, (SHUFFLES, *values.shape))
    shuffled = random.permuted(repeated, axis=2).mean(axis=1).std(axis=1, ddof=1)
    p = (1 + np.count_nonzero(shuffled >= seen - 1e-12)) / (1 + SHUFFLES)
    return float(seen), float(low), float(high), float(shuffled.mean()), float(p)


def view_spread_rows(cases: pd.DataFrame) -> pd.DataFrame:
    """Rows of a case table with metric ``dice_view_sd``: standard deviation of a patient's Dice over the views.

    cases: a case table. One row per run, data set, split, patient and structure with two views or more; seeds stay
    apart. For claims about steadiness, which compare patients.
    """
    rows = cases[(cases["metric"] == "dice") & (cases["case"] != comparison.ALL) & (cases["condition"] == "none")]
    keys = ["run", "dataset", "split", "patient", "structure"]
    rows = rows.dropna(subset="value")
    groups = rows.groupby(keys, sort=False)
    spread = groups["value"].std(ddof=1).where(groups["view"].nunique() > 1).dropna().rename("value")
    first = rows.drop_duplicates(keys).drop(columns="value").merge(spread.reset_index(), on=keys)
    return first.assign(case=first["patient"], view=comparison.ALL, metric="dice_view_sd", status="ok")[cases.columns]
