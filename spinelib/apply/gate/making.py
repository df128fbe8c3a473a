"""A gate from measured answers: two rules, and thresholds at stated rates on good films.

(C, our choice) What is readable is learned from digital patients alone. How sure an answer is says too little of it on
real films: labelled ones, where there are some that nothing is reported on, stretch and shift that probability (Platt
1999, Advances in Large Margin Classifiers 61), so that below UNSURE an answer is rather wrong than right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.apply.gate.answers import AnswerType
from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.rule import Rule, solve_logistic
from spinelib.measures.cobb.rules import Floats

# Good digital films that may be refused, and that may be refused or doubtful, shares.
REFUSED_AT_MOST, DOUBTFUL_AT_MOST = 0.005, 0.03
# Probabilities of being readable under which a film is never refused, or doubtful, for nothing.
LIKELY_NONE, AS_LIKELY = 0.1, 0.5
# Confidence below which an answer is rather wrong than right.
UNSURE = 0.5
# Least slope of a calibration, which keeps the order of answers whatever a few real ones say.
FLATTEST = 0.1
RIDGE_READABLE, RIDGES, FOLDS = 0.02, (3.0, 10.0, 30.0, 100.0), 5
Flags = NDArray[np.bool_]


def make_gate(
    answers: AnswerType, rows: pd.DataFrame, weights: str, made: dict[str, Any], real: pd.DataFrame | None = None
) -> AnswerGate:
    """The gate for `rows` of `trial.measure_pictures`; weights: digest of the network's; made: what is kept of it.

    real: rows of real pictures; those with a label calibrate the confidence beside the good digital ones.

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
    sure, chance = _sure_rule(answers.sure, rows[films], right[films], good[films])
    digital = (chance[good[films]], right[films & good])
    sure, made = _calibrated(answers, sure, digital, real, made)
    refuse, doubt = thresholds(readable.chance(values[good]))
    return AnswerGate(readable, sure, refuse, doubt, UNSURE, answers.within, weights, made)


def _calibrated(
    answers: AnswerType, sure: Rule, digital: tuple[Floats, Flags], real: pd.DataFrame | None, made: dict[str, Any]
) -> tuple[Rule, dict[str, Any]]:
    """The rule `sure`, calibrated on digital films (chances, right [N]) and on real ones, and what is kept of it."""
    known = None if real is None else real[real["kind"].eq(answers.real) & real["error"].notna()]
    if known is None or known.empty:
        return sure, made
    chance = sure.chance(known[list(answers.sure)])
    slope, shift = calibration_line([digital, (chance, (known["error"] <= answers.within).to_numpy())])
    return sure.stretched(slope, shift), made | {"calibrated": {"real": len(known), "slope": slope, "shift": shift}}


def calibration_line(groups: Sequence[tuple[Floats, Flags]]) -> tuple[float, float]:
    """Slope and shift of the logit after which answers are right as often as they are sure.

    groups: chances [N] and whether they were right [N]; each group counts the same in all, however large it is.
    """
    logits = [np.log(chance / (1 - chance)) for chance, _ in groups]
    counts = [np.full(len(chance), 1 / len(chance)) for chance, _ in groups]
    seen = np.stack([np.concatenate(logits), np.ones(sum(map(len, logits)))], 1)
    right = np.concatenate([right for _, right in groups]).astype(float)
    slope, shift = solve_logistic(seen, right, np.concatenate(counts) * len(right) / len(groups), 0.0)
    return max(float(slope), FLATTEST), float(shift)


def _sure_rule(names: tuple[str, ...], rows: pd.DataFrame, right: np.ndarray, good: np.ndarray) -> tuple[Rule, Floats]:
    """The rule for the probability that an answer is right, its ridge that of the least loss on patients left out.

    And the probabilities [N] of the rows, each by a rule that has not seen its patient.
    """
    values, patients = rows[list(names)].to_numpy(float), pd.factorize(rows["patient"])[0] % FOLDS
    tries = []
    for ridge in RIDGES:
        chance = np.full(len(rows), right.mean())
        for fold in range(FOLDS):
            rest = patients != fold
            if len(np.unique(right[rest])) == 2 and good[rest].any() and not rest.all():
                rule = Rule.fit(names, values[rest], right[rest], good[rest], ridge)
                chance[~rest] = rule.chance(values[~rest])
        tries.append((-np.log(np.where(right, chance, 1 - chance)).mean(), ridge, chance))
    _, ridge, chance = min(tries, key=lambda one: one[0])
    return Rule.fit(names, values, right, good, ridge), chance


def thresholds(good: np.ndarray) -> tuple[float, float]:
    """Probabilities below which a film is refused, and doubtful, from those [N] of good films.

    Each is where the stated share of good films lies below, but not above LIKELY_NONE and AS_LIKELY: where drawings
    and films are far apart, what lies between them is not refused.
    """
    refuse, doubt = np.quantile(good, (REFUSED_AT_MOST, DOUBTFUL_AT_MOST))
    return float(min(refuse, LIKELY_NONE)), float(min(doubt, AS_LIKELY))
