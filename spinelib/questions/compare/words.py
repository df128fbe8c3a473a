"""The best mean of a board and the contrasts of a study, as sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from spinelib.plots.style import label
from spinelib.plots.words import listed, with_interval
from spinelib.runs.kinds import RELEASED_METHOD
from spinelib.statistics.contrast_verdicts import (
    BETTER,
    NOT_NAMED,
    ONE_TRAINING,
    OPEN,
    UNLEARNED,
    VERDICT_WORDS,
    WORSE,
    turned,
)

# What a page shows of each contrast.
SHOWN = ["one", "other", "structure", "metric", "subset", "view", "n", "seeds", "mean", "low", "high"]
SHOWN += ["p", "p_holm", "verdict"]


def leader(table: pd.DataFrame, data: str, part: str, metric: str, unit: str = "1", *, learned: bool = True) -> str:
    """The first of a board and its mean; `table` as of `boards.board`. A lead is no verdict: contrasts are.

    learned: whether any entry has learned something; where none has, none is in front.
    """
    if table.empty:
        return f"{data}: no run has finished."
    if not learned:
        return f"{data}, {part}: no entry has learned anything, so that none is in front."
    best = table.iloc[0]
    digits, words = (3, "") if unit in ("", "1") else (1, f" {unit}")
    head = f"{data}, {part}: {label(best['name'])} has the best mean {label(metric)}, "
    mean, low, high = (float(best[name]) for name in ("mean", "low", "high"))
    head += with_interval(mean, low, high, digits) + f"{words}, {int(best['n'])} patients"
    return f"{head}; only a named contrast says whether a lead is more than chance."


def released_beside(table: pd.DataFrame, data: str, part: str, metric: str) -> str:
    """What the released networks reach on a board (of `boards.board`) where they stand beside others; else empty."""
    rows = table[table["name"].str.startswith(f"{RELEASED_METHOD}/")]
    told = [
        f"{label(row['name'])} {with_interval(row['mean'], row['low'], row['high'])}" for row in rows.to_dict("records")
    ]
    if len(rows) in (0, len(table)):
        return ""
    why = "it learned longer, elsewhere: what length buys, not a method that is better"
    return f"{data}, {part}, mean {label(metric)} of a released network beside them: {listed(told)} ({why})."


def compared(table: pd.DataFrame, data: str) -> str:
    """What the contrasts of one score say, with subset, view and patients; `table` as of `study_contrasts`."""
    if table.empty:
        return f"{data}: no comparison that the study named has both sides finished."
    counts = table["verdict"].value_counts()
    sure = [turned(row) if row["mean"] < 0 else row for row in table.to_dict("records")]
    told = [
        f"{label(row['one'])} above {label(row['other'])} by {with_interval(row['mean'], row['low'], row['high'])}"
        for row in sure
        if row["verdict"] in (BETTER, WORSE)
    ]
    said = [f"{len(told)} more than chance of patients and trainings ({listed(told)})"] if told else []
    rest = {OPEN: "open", ONE_TRAINING: f"of one training a side ({VERDICT_WORDS[ONE_TRAINING]})"}
    rest |= {word: VERDICT_WORDS[word] for word in (NOT_NAMED, UNLEARNED)}
    said += [f"{counts[verdict]} {words}" for verdict, words in rest.items() if verdict in counts]
    return f"{data}, {contrast_place(table.iloc[0].to_dict())}: of {len(table)} contrasts {'; '.join(said)}."


def contrast_place(row: Mapping[Any, Any]) -> str:
    """What a contrast is about: metric, structure, subset, view and number of patients."""
    view = "all views" if row["view"] == "all" else f"view {label(row['view'])}"
    return f"{label(row['metric'])} of {row['structure']}, {row['subset']}, {view}, {int(row['n'])} patients"
