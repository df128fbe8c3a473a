"""Tables over all named comparisons: equivalence, patients needed, mixed model by view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from spinelib.questions.compare.contrasts import compared_values
from spinelib.questions.significance import table
from spinelib.statistics import power
from spinelib.statistics.contrast_verdicts import ONE_TRAINING
from spinelib.statistics.mixed import view_model

Pairs = Sequence[Sequence[str]]


def tost_table(rows: pd.DataFrame, pairs: Pairs, margin: float) -> pd.DataFrame:
    """Equivalence of every pair within `margin` (unit of the metric): one, other, mean, low, high, n, seeds, verdict.

    Two one-sided tests at 5 %: equivalent where the 90 % interval lies inside the margin (Schuirmann, J Pharmacokinet
    Biopharm 15:657-680, 1987), else not shown; a single training on a side shows nothing of its method.
    """
    found = []
    for one, other in pairs:
        line = compared_values(rows, one, other, level=0.90)
        if line is not None:
            inside = -margin < line.low and line.high < margin
            verdict = ONE_TRAINING if line.seeds < 2 else "equivalent" if inside else "not shown"
            found.append({"one": one, "other": other, **line._asdict(), "verdict": verdict})
    return pd.DataFrame(found, columns=["one", "other", "mean", "low", "high", "n", "seeds", "verdict"])


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
    """Mixed model of every pair: one, other, view, mean, low, high, n, correlation; empty for one view.

    Pairs whose differences do not vary, or with no more patients than views, are left out.
    """
    columns = ["one", "other", "view", "mean", "low", "high", "n", "correlation"]
    found = []
    for one, other in pairs if rows["view"].nunique() > 1 else ():
        differences = table.view_differences(rows, one, other)
        patients, views = differences["patient"].nunique(), differences["view"].nunique()
        if views < 2 or patients <= views or differences["value"].std() == 0:
            continue
        model = view_model(differences)
        named = model.table.reset_index().assign(one=one, other=other)
        found.append(named.assign(correlation=model.correlation))
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)
