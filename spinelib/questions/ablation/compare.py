"""One comparison of two variants that were trained alike: its rows, its numbers, its verdict.

(C, our choice) Alike: steps and batch (and films, where asked) within CLOSE of each other, on seeds and folds that both
have. A part `pays` or `hurts` when the 95 % interval lies wholly on one side of 0, else these runs `cannot tell`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from spinelib.literature.claims import published_difference
from spinelib.measures.registry import higher_is_better
from spinelib.questions import significance
from spinelib.questions.ablation.records import GROUP
from spinelib.questions.ablation.words import HURTS, OPEN, PAYS, sentence
from spinelib.statistics import comparison

CLOSE = 0.05
# Structure, metric and unit that are compared beside the first ones, where a method has rows of them.
ANGLES = ("angles", "smape", "%")
ScoreKey = tuple[str, str, str]
COLUMNS = (
    *GROUP,
    *("structure", "metric", "unit", "view", "part", "one", "other", "named", "mean", "low", "high", "effect", "n"),
    *("seeds", "p", "p_holm", "published", "verdict", "sentence"),
)


def score_keys(rows: pd.DataFrame, metric: str, unit: str, structures: Mapping[str, str]) -> list[ScoreKey]:
    """Structure, metric and unit of every score that the variants of a group are compared by."""
    from spinelib.questions.compare.boards import first_structure

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
    return "" if len(shared(rows, one, other)) else "no seed and fold in common"


def shared(rows: pd.DataFrame, one: str, other: str) -> pd.DataFrame:
    """The rows of seeds and folds that both sides have."""
    keys = [set(map(tuple, rows.loc[rows["base"] == name, ["seed", "fold"]].to_numpy())) for name in (one, other)]
    both = keys[0] & keys[1]
    return rows[[key in both for key in map(tuple, rows[["seed", "fold"]].to_numpy())]]


def difference(rows: pd.DataFrame, one: str, other: str, score: ScoreKey, options: dict[str, Any]) -> dict[str, Any]:
    """Numbers and words of one comparison."""
    structure, metric, unit = score
    first = rows.iloc[0]
    about = {name: first[name] for name in GROUP} | {"structure": structure, "metric": metric, "unit": unit}
    tested = significance.all_tests(rows.assign(name=rows["base"]), [(one, other)], **options).iloc[0]
    numbers = {name: float(tested[name]) for name in ("mean", "low", "high", "effect")}
    sign = 1 if higher_is_better(metric) else -1
    ends = sorted((sign * numbers["low"], sign * numbers["high"]))
    verdict = PAYS if ends[0] > 0 else HURTS if ends[1] < 0 else OPEN
    facts = {"one": one, "other": other, "n": int(tested["n"]), "seeds": rows["seed"].nunique(), "p": tested["p_t"]}
    published = published_difference(str(first["method"]), one, other, metric)
    return about | facts | numbers | {"verdict": verdict, "published": published}


def finished(found: list[dict[str, Any]], all_named: bool = False) -> pd.DataFrame:
    """The table with Holm's p over what was named, and a sentence per row."""
    table = pd.DataFrame(found).reindex(columns=list(COLUMNS))
    table["named"] = True if all_named else table["named"].fillna(False).astype(bool)
    table["p_holm"] = np.nan
    for _, rows in table[table["named"]].groupby([*GROUP, "structure", "metric"], sort=False):
        table.loc[rows.index, "p_holm"] = comparison.holm(rows["p"].to_numpy(float))
    table["sentence"] = [sentence(dict(zip(COLUMNS, row, strict=True))) for row in table.itertuples(index=False)]
    return table
