"""One comparison of two variants that were trained alike: its rows, its numbers, its verdict.

(C, our choice) Alike: steps and batch (and films, where asked) within CLOSE of each other. A comparison that the study
names is that row of its table of contrasts (`compare.study_contrasts`); any other is shown and has no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from spinelib.literature.claims import published_difference
from spinelib.questions.ablation.records import GROUP
from spinelib.questions.ablation.words import sentence
from spinelib.questions.compare.boards import first_structure
from spinelib.questions.compare.contrasts import ANGLES, Asked, compared_values, find_contrast
from spinelib.questions.compare.entry_values import without_twins
from spinelib.statistics import comparison
from spinelib.statistics.contrast_verdicts import contrast_verdict

CLOSE = 0.05
NUMBERS = ("named", "mean", "low", "high", "n", "seeds", "p", "p_holm", "verdict")
ScoreKey = tuple[str, str, str]
COLUMNS = (
    *GROUP,
    *("structure", "metric", "unit", "view", "part", "one", "other", "named", "mean", "low", "high", "n"),
    *("seeds", "p", "p_holm", "published", "verdict", "sentence"),
)


def score_keys(rows: pd.DataFrame, metric: str, unit: str, structures: Mapping[str, str]) -> list[ScoreKey]:
    """Structure, metric and unit of every score that the variants of a group are compared by."""
    dataset = str(rows["dataset"].iloc[0])
    first = (structures.get(dataset) or first_structure(rows, dataset), metric, unit)
    return [each for each in dict.fromkeys((first, ANGLES)) if len(question_rows(rows, *each))]


def question_rows(rows: pd.DataFrame, structure: str, metric: str, unit: str) -> pd.DataFrame:
    """The clean test rows, case by case, of one score."""
    chosen = (rows["structure"] == structure) & (rows["metric"] == metric) & (rows["unit"] == unit)
    chosen &= (rows["split"] == "test") & (rows["condition"] == "none") & (rows["case"] != comparison.ALL)
    return rows[chosen & rows["value"].notna()]


def unlike(rows: pd.DataFrame, one: str, other: str, films: bool = False) -> str:
    """Why two variants were not trained alike, in words; "" where they were. films: they must have seen as many."""
    facts = rows.groupby("base")[["steps", "batch", "films"]].median()
    if not {one, other} <= set(facts.index):
        return "a side has no scores"
    for name in ("steps", "batch", *(["films"] if films else [])):
        a, b = facts[name].loc[[one, other]].astype(float).tolist()
        if abs(a - b) > CLOSE * max(a, b):
            return f"not trained alike, {name} {a:.0f} and {b:.0f}"
    return ""


def difference(
    rows: pd.DataFrame, one: str, other: str, score: ScoreKey, family: pd.DataFrame | None = None
) -> dict[str, Any]:
    """Numbers of one comparison by `base`: the row of `family` that names it, else its own without a verdict.

    Empty where no patient has both sides.
    """
    first = rows.iloc[0]
    about = {name: first[name] for name in GROUP} | dict(zip(("structure", "metric", "unit"), score, strict=True))
    known = None
    if family is not None:
        named, beside = _names(rows, one, other)
        structure, metric, unit = score
        known = find_contrast(family, first["dataset"], Asked(named, beside, structure, metric, unit))
    if known is None:
        own = compared_values(without_twins(rows).assign(name=lambda kept: kept["base"]), one, other)
        if own is None:
            return {}
        known = {"metric": score[1], "named": False, "p_holm": np.nan, **own._asdict()}
        known["verdict"] = contrast_verdict(known)
    numbers = {name: known[name] for name in NUMBERS}
    published = published_difference(str(first["method"]), one, other, score[1])
    return about | {"one": one, "other": other} | numbers | {"published": published}


def _names(rows: pd.DataFrame, one: str, other: str) -> list[str]:
    """What the study calls two bases."""
    names = (rows["method"] + "/" + rows["variant"]).groupby(rows["base"]).first()
    return [str(names[base]) for base in (one, other)]


def finished(found: list[dict[str, Any]]) -> pd.DataFrame:
    """The table, with a sentence per row."""
    table = pd.DataFrame(found).reindex(columns=list(COLUMNS))
    table["sentence"] = [sentence(dict(zip(COLUMNS, row, strict=True))) for row in table.itertuples(index=False)]
    return table
