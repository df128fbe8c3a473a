"""The one verdict of a contrast, and the words that every page has for it.

A contrast is judged over patients and trainings (`spinelib.statistics.contrast`), after Holm over the family of its
study. One training on a side says something of this training and nothing of the method.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spinelib.measures.registry import higher_is_better

LEVEL = 0.05  # of the family
BETTER, WORSE, OPEN, ONE_TRAINING, NOT_NAMED = "better", "worse", "open", "one training", "not named"
UNLEARNED = "nothing learned"
VERDICT_WORDS = {
    BETTER: "the first is better",
    WORSE: "the first is worse",
    OPEN: "open",
    ONE_TRAINING: "this training, not this method",
    NOT_NAMED: "not named beforehand, no verdict",
    UNLEARNED: "no entry has learned anything, no verdict",
}
ONE_TRAINING_ORDER = "one training a method: an order of these trainings, not of these methods"
WHOLE = "all test cases"


def turned(row: Mapping[Any, Any]) -> dict[str, Any]:
    """The same contrast seen from the other side."""
    sides = {"one": row["other"], "other": row["one"], "mean": -row["mean"], "low": -row["high"], "high": -row["low"]}
    return dict(row) | sides | {"verdict": {BETTER: WORSE, WORSE: BETTER}.get(row["verdict"], row["verdict"])}


def contrast_verdict(row: Mapping[Any, Any]) -> str:
    """The one verdict of a contrast: BETTER or WORSE for the first side, OPEN, ONE_TRAINING, NOT_NAMED or UNLEARNED."""
    if not row.get("learned", True):
        return UNLEARNED
    if row["seeds"] < 2:
        return ONE_TRAINING
    if not row["named"]:
        return NOT_NAMED
    sure = row["p_holm"] < LEVEL and (row["low"] > 0 or row["high"] < 0)
    return OPEN if not sure else BETTER if (row["mean"] > 0) == higher_is_better(row["metric"]) else WORSE
