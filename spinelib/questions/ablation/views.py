"""Joint training on all views against networks that saw one view each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.plots.style import label
from spinelib.questions.ablation.compare import (
    CLOSE,
    ScoreKey,
    difference,
    finished,
    question_rows,
    score_keys,
    unlike,
)
from spinelib.questions.ablation.records import FULL, GROUP, with_facts
from spinelib.statistics import comparison

JOINT, SINGLE = "joint", "single_view"
STEPS, FILMS = "joint training, as many steps", "joint training, as many films"


def view_effects(results: Path | str, cases: pd.DataFrame, metric: str = "dice", unit: str = "1") -> pd.DataFrame:
    """Joint training against networks that saw one view each: a row per view and arm, and for all views together.

    Scored on the films of the view that a network was trained on. Arms of the joint side: all films at as many steps,
    and as many films at as many steps. No study can name these, so they have no verdict. Columns and `attrs` as in
    `effects`.
    """
    joined = with_facts(results, cases)
    left: list[str] = []
    found: list[dict[str, Any]] = []
    for _, rows in joined[joined["only"] == FULL].groupby(GROUP, sort=False):
        single = rows[(rows["views"].map(len) == 1) & (rows["view"] == rows["views"].map("".join))]
        near = (rows["films"] / single["films"].median() - 1).abs() <= CLOSE
        arms = {STEPS: rows[rows["base"] == FULL], FILMS: rows[rows["cut"] & near]}
        for score in score_keys(rows, metric, unit, {})[:1] if len(single) else []:
            for part, arm in arms.items():
                pair = pd.concat([arm.assign(base=JOINT), single.assign(base=SINGLE)])
                found += _view_rows(pair, part, score, left)
    table = finished(found)
    table.attrs["left out"] = list(dict.fromkeys(left))
    return table


def _view_rows(pair: pd.DataFrame, part: str, score: ScoreKey, left: list[str]) -> list[dict[str, Any]]:
    chosen, found = question_rows(pair, *score), []
    views = list(dict.fromkeys(chosen.loc[chosen["base"] == SINGLE, "view"]))
    if JOINT not in set(chosen["base"]):
        return []
    for view in [*views, *([comparison.ALL] if len(views) > 1 else [])]:
        rows = chosen[chosen["view"].isin(views) if view == comparison.ALL else chosen["view"] == view]
        reason = unlike(rows, JOINT, SINGLE, films=part == FILMS)
        if reason:
            left.append(f"{part}, {label(view)}: {reason}")
            continue
        numbers = difference(rows, JOINT, SINGLE, score)
        found += [{"part": part, "view": view} | numbers] if numbers else []
    return found
