"""Every part of every method: the variant with it against the one without, on the same patients."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib import statistics
from spinelib.literature import parts
from spinelib.plots.style import label
from spinelib.questions.ablation.compare import (
    ScoreKey,
    difference,
    finished,
    question_rows,
    score_keys,
    unlike,
)
from spinelib.questions.ablation.records import FULL, GROUP, SWEEPS, with_facts
from spinelib.questions.compare.contrasts import study_contrasts
from spinelib.statistics import comparison
from spinelib.statistics.limits import limits_of

# A method and two of its variants.
Pair = tuple[str, frozenset[str]]


def effects(
    results: Path | str,
    cases: pd.DataFrame,
    comparisons: Sequence[Sequence[str]] = (),
    metric: str = "dice",
    unit: str = "1",
    structures: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """A row per part and data set, columns COLUMNS; `attrs["left out"]` says in words which pairs were not compared.

    cases: of `study_cases`; comparisons: pairs that the study named, its family of contrasts; structures: of each data
    set (default: the first one). Methods that answer angles are compared by their SMAPE as well.
    """
    joined = with_facts(results, cases)
    named, family = _named(joined, comparisons), study_contrasts(cases, comparisons)
    left: list[str] = []
    found: list[dict[str, Any]] = []
    for _, rows in joined[~joined["arm"]].groupby(GROUP, sort=False):
        for score in score_keys(rows, metric, unit, structures or {}):
            pairs = list(_pairs(rows[rows["structure"] == score[0]], named))
            found += _rows(rows, pairs, score, family, left)
    table = finished(found)
    table.attrs["left out"] = list(dict.fromkeys(left))
    return table


def sweeps(results: Path | str, cases: pd.DataFrame, metric: str = "dice", unit: str = "1") -> pd.DataFrame:
    """Means with intervals along an option that a study swept: columns GROUP, option, at, mean, low, high, n."""
    joined = with_facts(results, cases)
    found = []
    for key, rows in joined[~joined["arm"]].groupby(GROUP, sort=False):
        option, places = SWEEPS.get(str(rows["method"].iloc[0]), ("", {}))
        here = [name for name in places if name in set(rows["base"])]
        for structure, *of in score_keys(rows, metric, unit, {})[:1] if len(here) > 2 else []:
            chosen = question_rows(rows, structure, *of)
            for name in here:
                values = comparison.patient_values(chosen[chosen["base"] == name], ["base"]).iloc[:, 0].dropna()
                interval = statistics.mean_interval(values, limits=limits_of(*of))._asdict()
                about = dict(zip(GROUP, key, strict=True)) | {"option": option, "at": places[name]}
                found.append(about | interval | {"n": len(values)})
    return pd.DataFrame(found, columns=[*GROUP, "option", "at", "mean", "low", "high", "n"])


def _named(joined: pd.DataFrame, comparisons: Sequence[Sequence[str]]) -> set[Pair]:
    """Comparisons of two variants of one method, as (method, bases)."""
    keys = joined.drop_duplicates(["method", "variant"])[["method", "variant", "base"]].astype(str)
    base = {f"{method}/{variant}": (method, name) for method, variant, name in keys.to_numpy().tolist()}
    pairs = [(base.get(one, ("", "")), base.get(other, ("", ""))) for one, other in comparisons]
    return {(a[0], frozenset((a[1], b[1]))) for a, b in pairs if a[0] and a[0] == b[0]}


def _pairs(rows: pd.DataFrame, named: Iterable[Pair]) -> Iterator[tuple[str, str, str]]:
    """(part, with, without) of a group's variants: the named parts, then whatever they do not know."""
    if rows.empty:
        return
    method, here = str(rows["method"].iloc[0]), list(dict.fromkeys(rows["base"].astype(str)))
    told: set[frozenset[str]] = set()
    known = parts.read_parts()
    for line in known[known["method"] == method].to_dict("records"):
        if {line["with"], line["without"]} <= set(here):
            told |= {frozenset((line["with"], line["without"]))}
            yield line["part"], line["with"], line["without"]
    rest = [pair for name, pair in named if name == method and len(pair) == 2 and pair <= set(here)]
    rest += [frozenset((FULL, name)) for name in here if FULL in here and name != FULL]
    for pair in sorted(rest, key=sorted):
        # A variant that some line compares needs no further one with the full model.
        asked = pair in told or (FULL in pair and any(pair - {FULL} <= other for other in told))
        if not asked or (pair not in told and (method, pair) in named):
            told |= {pair}
            one, other = sorted(pair, key=lambda name: (name != FULL, name))
            yield f"{one.replace('_', ' ')} instead of {other.replace('_', ' ')}", one, other


def _rows(
    rows: pd.DataFrame,
    pairs: Iterable[tuple[str, str, str]],
    score: ScoreKey,
    family: pd.DataFrame,
    left: list[str],
) -> list[dict[str, Any]]:
    method, found = str(rows["method"].iloc[0]), []
    chosen = question_rows(rows, *score)
    for part, one, other in pairs:
        pair = chosen[chosen["base"].isin([one, other])]
        reason = unlike(pair, one, other)
        if reason:
            left.append(f"{label(method)}, {part}: {reason}")
            continue
        numbers = difference(pair, one, other, score, family)
        found += [{"part": part, "view": ""} | numbers] if numbers else []
    return found
