"""Tables over all named comparisons: equivalence, patients needed, mixed model by view, corrected test over folds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spinelib.questions.significance import table
from spinelib.statistics import paired_tests, power
from spinelib.statistics.equivalence import tost
from spinelib.statistics.mixed import view_model

Pairs = Sequence[Sequence[str]]


def tost_table(rows: pd.DataFrame, pairs: Pairs, margin: float) -> pd.DataFrame:
    """Equivalence of every pair within `margin` (unit of the metric): one, other, mean, low, high, p, n, verdict."""
    found = [{"one": a, "other": b, **tost(table.differences(rows, a, b), margin)._asdict()} for a, b in pairs]
    return pd.DataFrame(found, columns=["one", "other", "mean", "low", "high", "p", "n", "verdict"])


def plan(rows: pd.DataFrame, pairs: Pairs, margin: float) -> pd.DataFrame:
    """What every pair would need: its sd, the smallest difference that n patients show, and patients needed.

    detectable: smallest true difference (unit of the metric) with 80 % power at 5 %; detectable_all: the same where it
    must survive Holm as the smallest of all pairs. needed: patients for the difference that was seen; for_margin: for a
    difference of `margin`; for_equivalence: to show equivalence within it if there is none.
    """
    found = []
    for one, other in pairs:
        d = table.differences(rows, one, other)
        n, sd = len(d), float(d.std(ddof=1)) if len(d) > 1 else np.nan
        known = bool(sd > 0)
        found.append(
            {
                **{"one": one, "other": other, "n": n, "sd": sd, "mean": float(d.mean())},
                "detectable": power.smallest_effect(n) * sd,
                "detectable_all": power.smallest_effect(n, comparisons=len(pairs)) * sd,
                "needed": power.patients_needed(d.mean() / sd) if known else np.nan,
                "for_margin": power.patients_needed(margin / sd) if known else np.nan,
                "for_equivalence": power.patients_for_equivalence(margin / sd) if known else np.nan,
            }
        )
    columns = ["one", "other", "n", "sd", "mean", "detectable", "detectable_all", "needed", "for_margin"]
    return pd.DataFrame(found, columns=[*columns, "for_equivalence"])


def view_table(rows: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Mixed model of every pair: one, other, view, mean, low, high, p, n, p_views, correlation; empty for one view.

    Pairs whose differences do not vary, or with no more patients than views, are left out.
    """
    columns = ["one", "other", "view", "mean", "low", "high", "p", "n", "p_views", "correlation"]
    found = []
    for one, other in pairs if rows["view"].nunique() > 1 else ():
        differences = table.view_differences(rows, one, other)
        patients, views = differences["patient"].nunique(), differences["view"].nunique()
        if views < 2 or patients <= views or differences["value"].std() == 0:
            continue
        model = view_model(differences)
        named = model.table.reset_index().assign(one=one, other=other, p_views=model.p_views)
        found.append(named.assign(correlation=model.correlation))
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def fold_tests(rows: pd.DataFrame, pairs: Pairs) -> pd.DataFrame:
    """Corrected resampled t-test of every pair whose folds share out the patients: one, other, folds, mean, ..., p.

    p_plain: of the t-test that takes folds as independent, beside it as a warning. Empty where there is no such pair.
    """
    columns = ["one", "other", "folds", "mean", "low", "high", "p", "p_plain"]
    found = []
    for one, other in pairs:
        d, ratio = table.fold_differences(rows, one, other)
        if np.isfinite(ratio):
            test = paired_tests.corrected_test(d, ratio)
            facts = (one, other, len(d), test.mean, test.low, test.high, test.p, paired_tests.t_test(d))
            found.append(dict(zip(columns, facts, strict=True)))
    return pd.DataFrame(found, columns=columns)
