"""What the case table holds for a claim about scores: one function per rule, and its line in TESTS.

Each takes the claim, the rows of one data set, recipe and width (as of `contrasts.tested_rows`) and the study's family
of contrasts, and gives the fields of a contrast with its verdict, or None where the rows hold no answer. What stands in
no family has the verdict "not named", "one training" or "nothing learned": `judge` adjusts the p-values of those that
are not named together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from spinelib.questions.claims.folds import fold_contrast
from spinelib.questions.claims.pooled import pooled_values
from spinelib.questions.compare.contrasts import Asked, contrasts_in
from spinelib.questions.compare.entry_values import entry_values, value_limits
from spinelib.runs.learned import has_learned
from spinelib.statistics.contrast import crossed_contrast
from spinelib.statistics.contrast_verdicts import (
    BETTER,
    NOT_NAMED,
    ONE_TRAINING,
    OPEN,
    UNLEARNED,
    WORSE,
    contrast_verdict,
)

Claim = Mapping[Any, Any]
Found = dict[str, Any] | None
POOLED = "_pooled"


def level_test(claim: Claim, rows: pd.DataFrame, _: pd.DataFrame) -> Found:
    """The mean of one entry over patients and trainings: an estimate, and no contrast."""
    metric, unit = str(claim["metric"]), str(claim["unit"])
    own = rows[(rows["given"] == claim["one"]) & (rows["condition"] == "none")]
    limits = value_limits(metric, unit)
    if metric.endswith(POOLED):
        single = own[(own["metric"] == metric.removesuffix(POOLED)) & (own["unit"] == unit)]
        values = pooled_values(single) if len(single) else pd.DataFrame()
        found = crossed_contrast(values.droplevel(0, axis=1)) if len(values) > 1 else None
    else:
        values = entry_values(_scored(own, claim, metric))
        found = crossed_contrast(values.droplevel(0, axis=1), limits=limits) if len(values) > 1 else None
    if found is None:
        return None
    ends = {end: float(np.clip(getattr(found, end), *limits)) for end in ("low", "high")}
    verdict = ONE_TRAINING if found.seeds < 2 else OPEN
    verdict = verdict if has_learned(own) else UNLEARNED
    return found._asdict() | ends | {"p": np.nan, "p_holm": np.nan, "verdict": verdict}


def pair_test(claim: Claim, rows: pd.DataFrame, family: pd.DataFrame) -> Found:
    """The contrast of both entries by the claim's rule: that of the family where it has one."""
    return _contrast(claim, rows, family, str(claim["metric"]))


def both_test(claim: Claim, rows: pd.DataFrame, family: pd.DataFrame) -> Found:
    """The contrasts by two metrics, joined by ";": better by both, or worse by one.

    The numbers are those of the metric that says less for the first side.
    """
    lines = [_contrast({**claim, "rule": "difference"}, rows, family, m) for m in str(claim["metric"]).split(";")]
    found = [line for line in lines if line is not None]
    if len(found) < len(lines):
        return None
    order = [UNLEARNED, WORSE, ONE_TRAINING, NOT_NAMED, OPEN, BETTER]
    return min(found, key=lambda line: (order.index(line["verdict"]), line["low"]))


def folds_test(claim: Claim, rows: pd.DataFrame, _: pd.DataFrame) -> Found:
    """One against other in each fold (`fold_contrast`)."""
    names = _names(claim, rows)
    scored = _scored(rows[rows["condition"] == "none"], claim, str(claim["metric"]))
    limits = value_limits(str(claim["metric"]), str(claim["unit"]))
    found = fold_contrast(scored, names[0], names[1], limits) if names else None
    return _beyond_family(claim, names, rows, found)


def spread_test(claim: Claim, rows: pd.DataFrame, _: pd.DataFrame) -> Found:
    """How far the patients' Dice lie from their median, one against other (paired form of Brown & Forsythe 1974)."""
    names = _names(claim, rows)
    if not names:
        return None
    values = entry_values(_scored(rows, claim, "dice"))
    values = (values - values.median()).abs()
    return _beyond_family(claim, names, rows, _crossed(values, names, (0.0, 1.0)))


def fewer_films_test(claim: Claim, rows: pd.DataFrame, _: pd.DataFrame) -> Found:
    """What the smallest number of training films that both sides have costs against all films, one against other."""
    names, few = _names(claim, rows), fewest_films(claim, rows)
    if not names or not few:
        return None
    values = entry_values(_scored(rows, claim, str(claim["metric"])))
    known = set(values.columns.get_level_values(0))
    if not {*names, *few} <= known:
        return None
    losses = {
        name: pd.DataFrame(values[less]) - pd.DataFrame(values[name]) for less, name in zip(few, names, strict=True)
    }
    table = pd.concat({name: loss.dropna(axis=1, how="all") for name, loss in losses.items()}, axis=1)
    limits = value_limits(str(claim["metric"]), str(claim["unit"]), "drop")
    return _beyond_family(claim, names, rows, _crossed(table, names, limits))


Test = Callable[[Claim, pd.DataFrame, pd.DataFrame], Found]
# Every rule of the ledger that is about scores.
TESTS: dict[str, Test] = {
    **dict.fromkeys(("difference", "worst_view", "drop", "drop_contrast"), pair_test),
    "level": level_test,
    "both": both_test,
    "folds": folds_test,
    "spread": spread_test,
    "fewer_films": fewer_films_test,
}


def _contrast(claim: Claim, rows: pd.DataFrame, family: pd.DataFrame, metric: str) -> Found:
    names = _names(claim, rows)
    if not names:
        return None
    score = str(claim["structure"]), metric, str(claim["unit"])
    asked = Asked(names[0], names[1], *score, kind=str(claim["rule"]))
    own = rows[rows["given"].isin([claim["one"], claim["other"]])]
    line = contrasts_in(family, own, str(rows["dataset"].iloc[0]), [asked])
    return dict(line.iloc[0]) if len(line) and line["n"].iloc[0] > 1 else None


def _names(claim: Claim, rows: pd.DataFrame) -> list[str]:
    """What the study calls both entries; empty where one is missing."""
    names = _called(rows)
    return [names[side] for side in (claim["one"], claim["other"]) if {claim["one"], claim["other"]} <= set(names)]


def _called(rows: pd.DataFrame) -> dict[str, str]:
    """What the study calls every entry of the rows, by what claims call it."""
    last = rows[["given", "name"]].drop_duplicates("given", keep="last")
    return dict(last.itertuples(index=False, name=None))


def _scored(rows: pd.DataFrame, claim: Claim, metric: str) -> pd.DataFrame:
    """The rows of the claim's structure and unit by one metric."""
    chosen = rows["structure"] == claim["structure"]
    return rows[chosen & (rows["metric"] == metric) & (rows["unit"] == claim["unit"])]


def fewest_films(claim: Claim, rows: pd.DataFrame) -> list[str]:
    """What the study calls both entries as trained on the smallest number of films that both were; [] without one."""
    names = _called(rows)
    sides: list[dict[int, str]] = []
    for side in (claim["one"], claim["other"]):
        matches = ((re.fullmatch(rf"{re.escape(side)}_films(\d+)", str(given)), name) for given, name in names.items())
        sides.append({int(match[1]): name for match, name in matches if match})
    common = set(sides[0]) & set(sides[1])
    return [side[min(common)] for side in sides] if common else []


def _crossed(values: pd.DataFrame, names: list[str], limits: tuple[float, float]) -> Found:
    """The contrast of two names over values [patients, (name, training)]; None where they share no two patients."""
    if not set(names) <= set(values.columns.get_level_values(0)):
        return None
    found = crossed_contrast(pd.DataFrame(values[names[0]]), pd.DataFrame(values[names[1]]), limits=limits)
    return found._asdict() if found.n > 1 else None


def _beyond_family(claim: Claim, names: list[str], rows: pd.DataFrame, found: Found) -> Found:
    """A contrast that no family holds, with the verdict of one that nobody named or whose networks learned nothing."""
    if found is None:
        return None
    about = {"one": names[0], "other": names[1], "metric": claim["metric"], "named": False, "p_holm": np.nan}
    about |= {} if has_learned(rows[rows["name"].isin(names)]) else {"learned": False, "p": np.nan}
    return found | about | {"verdict": contrast_verdict({**found, **about})}
