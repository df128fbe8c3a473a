"""Gates by hand: one wants 17 bodies, and is sure where bodies stand alone; others go by any one sign."""

from __future__ import annotations

import numpy as np

from spinelib.apply.gate.record import AnswerGate
from spinelib.apply.gate.rule import Rule
from spinelib.apply.gate.signs import SIGNS

# The signs of a film as it should be.
GOOD = dict.fromkeys(SIGNS, 0.0) | {"bodies": 17.0, "alone": 1.0}


def rule(name, centre, spread, weight, bias, names=tuple(SIGNS)):
    """A rule by one sign of `names` alone: `weight` on it, in units of `spread`."""
    at, wide, weights = np.zeros(len(names)), np.ones(len(names)), np.zeros(2 * len(names))
    k = names.index(name)
    at[k], wide[k], weights[k] = centre, spread, weight
    return Rule(names, tuple(at), tuple(wide), tuple(weights), bias)


def gate(weights="abc", **changes):
    """The gate; `changes` of its thresholds."""
    readable, sure = rule("bodies", 17, 2, 2.0, 5.0), rule("alone", 1, 0.2, 1.5, 2.0)
    numbers = {"refuse": 0.1, "doubt": 0.5, "unsure": 0.5, "within": 5.0, **changes}
    return AnswerGate(readable, sure, **numbers, weights=weights, made={"seeds": {"fit": 1}})


def wants(answers, weights, sign, least):
    """The gate for answers of a type that refuses those whose `sign` is below `least` by 2 or more."""
    one = rule(sign, least, 1.0, 2.0, 1.0, tuple(answers.signs))
    return AnswerGate(one, one, 0.1, 0.5, 0.5, answers.within, weights)
