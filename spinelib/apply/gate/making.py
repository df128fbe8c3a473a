"""A gate from measured answers: two rules, and thresholds at stated rates on good films."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from spinelib.apply.gate.answers import AnswerType
from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.rule import Rule

# Good digital films that may be refused, and that may be refused or doubtful, shares.
REFUSED_AT_MOST, DOUBTFUL_AT_MOST = 0.005, 0.03
# Probabilities of being readable under which a film is never refused, or doubtful, for nothing.
LIKELY_NONE, AS_LIKELY = 0.1, 0.5
# Confidence below which an answer is rather wrong than right, and the share of good films that may be doubtful for it.
UNSURE, UNSURE_AT_MOST = 0.5, 0.1
RIDGE_READABLE, RIDGES, FOLDS = 0.02, (3.0, 10.0, 30.0, 100.0), 5


def make_gate(answers: AnswerType, rows: pd.DataFrame, weights: str, made: dict[str, Any]) -> AnswerGate:
    """The gate for `rows` of `trial.measure_pictures`; weights: digest of the network's; made: what is kept of it.

    Raises ValueError where there are no good films, or nothing but good ones.
    """
    names = tuple(answers.signs)
    rows = rows[rows["answered"] & ~rows["unseen"].astype(bool)]
    good = (rows["readable"] == True).to_numpy()  # noqa: E712 - None is neither
    known = rows["readable"].notna().to_numpy()
    values = rows[list(names)].to_numpy(float)
    readable = Rule.fit(names, values[known], good[known], good[known], RIDGE_READABLE, even=True)
    films = rows["error"].notna().to_numpy()
    right = (rows["error"] <= answers.within).to_numpy()
    sure = _sure_rule(answers.sure, rows[films], right[films], good[films])
    refuse, doubt = thresholds(readable.chance(values[good]))
    unsure = min(UNSURE, float(np.quantile(sure.chance(rows.loc[good, list(answers.sure)]), UNSURE_AT_MOST)))
    return AnswerGate(readable, sure, refuse, doubt, unsure, answers.within, weights, made)


def _sure_rule(names: tuple[str, ...], rows: pd.DataFrame, right: np.ndarray, good: np.ndarray) -> Rule:
    """The rule for the probability that an answer is right, its ridge that of the least loss on patients left out."""
    values, patients = rows[list(names)].to_numpy(float), pd.factorize(rows["patient"])[0] % FOLDS
    losses = []
    for ridge in RIDGES:
        chance = np.full(len(rows), right.mean())
        for fold in range(FOLDS):
            rest = patients != fold
            if len(np.unique(right[rest])) == 2 and good[rest].any() and not rest.all():
                rule = Rule.fit(names, values[rest], right[rest], good[rest], ridge)
                chance[~rest] = rule.chance(values[~rest])
        losses.append(-np.log(np.where(right, chance, 1 - chance)).mean())
    return Rule.fit(names, values, right, good, RIDGES[int(np.argmin(losses))])


def thresholds(good: np.ndarray) -> tuple[float, float]:
    """Probabilities below which a film is refused, and doubtful, from those [N] of good films.

    Each is where the stated share of good films lies below, but not above LIKELY_NONE and AS_LIKELY: where drawings
    and films are far apart, what lies between them is not refused.
    """
    refuse, doubt = np.quantile(good, (REFUSED_AT_MOST, DOUBTFUL_AT_MOST))
    return float(min(refuse, LIKELY_NONE)), float(min(doubt, AS_LIKELY))
