"""Scores of single vertebrae: found or not, how well, under which name; rows of the case table.

(A) The paper counts identified vertebrae and gives their mean Dice. (B) Its notebook calls a vertebra identified at a
Dice above 0.4 with any predicted mask and takes the mean twice. (C) Both are kept, as `dice` (a missed vertebra counts
0) and `dice_identified` (missed ones left out; the paper's "of which" suggests this one). Names are scored only where
the film shows C2 or S1, from which one can count: `level_accuracy` is the share of all labelled vertebrae that were
found under the right name, `level_shift` the mean distance of right and given name in levels, `off_by_one` the share
of the named ones that is exactly one level off. `pq` is panoptic quality of the single class vertebra. `match` says
what is paired and what is ignored.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from spinelib.cases.arrays import CaseArrays
from spinelib.measures.levelled import IDENTIFIED, VERTEBRAE, found_rows
from spinelib.measures.registry import find
from spinelib.measures.tables import COLUMNS
from spinelib.spinefm.instances import Instance, has_landmarks, instances_of
from spinelib.spinefm.levels import shift
from spinelib.spinefm.match import MATCHED, Floats, overlaps, pair, unlabelled

ALL = "all"
Row = dict[str, Any]


@dataclass(frozen=True)
class FilmScore:
    """Scores of one film's R labelled vertebrae.

    levels: their names; dice [R]: the best of any prediction; identified bool [R]; quality [T]: IoU of the pairs that
    count for panoptic quality; false_detections: predictions without partner that are not ignored; shifts: by how many
    levels each vertebra is named too low, None where it has no (known) name; paired bool [R]: it has a prediction of
    its own (one to one); named: whether names are scored.
    """

    levels: tuple[str, ...]
    dice: Floats
    identified: np.ndarray
    quality: Floats
    false_detections: int
    shifts: tuple[int | None, ...]
    paired: np.ndarray
    named: bool

    @property
    def pq(self) -> float:
        """Panoptic quality: summed IoU over (matches + half of the missed and of the false ones); NaN for nothing."""
        missed = len(self.levels) - len(self.quality)
        total = len(self.quality) + 0.5 * (missed + self.false_detections)
        return float(self.quality.sum() / total) if total else float("nan")


def score_film(chain: Sequence[Instance], predictions: Sequence[Instance], named: bool) -> FilmScore:
    """Score the vertebrae `predictions` of one film against its labelled `chain` (from `instances_of`).

    Masks are [H,W] on one grid; predictions with an empty mask do not count, references that are not `known` are not
    scored. `named`: whether names are scored. Raises ValueError for masks of different size.
    """
    references = [instance for instance in chain if instance.known]
    predictions = [instance for instance in predictions if instance.mask.any()]
    if len({instance.mask.shape for instance in [*references, *predictions]}) > 1:
        raise ValueError("masks of one film must all have its grid")
    dice, iou = overlaps([r.mask for r in references], [p.mask for p in predictions])
    segments, pairs = pair(iou, MATCHED), pair(dice, IDENTIFIED)
    taken = {j for _, j in segments}
    free = [p for j, p in enumerate(predictions) if j not in taken]
    # A mask that lies on a labelled vertebra, only badly, is a false one and never beyond the chain.
    touching = [bool((dice[:, j] > 0.1).any()) for j in range(len(predictions)) if j not in taken]
    wrong = sum(near or not unlabelled(p.centroid, chain) for p, near in zip(free, touching, strict=True))
    best = dice.max(1, initial=0.0)
    shifts: list[int | None] = [None] * len(references)
    for i, j in pairs if named else []:
        shifts[i] = shift(predictions[j].level, references[i].level)
    return FilmScore(
        levels=tuple(r.level for r in references),
        dice=best,
        identified=best > IDENTIFIED,
        quality=np.array([iou[i, j] for i, j in segments]),
        false_detections=int(wrong),
        shifts=tuple(shifts),
        paired=np.isin(np.arange(len(references)), [i for i, _ in pairs]),
        named=named,
    )


def vertebra_table(
    predictions: Sequence[Sequence[Instance]],
    data: CaseArrays,
    *,
    condition: str = "none",
    severity: int = 0,
    **facts: Any,
) -> pd.DataFrame:
    """Rows of the case table for the predicted vertebrae of every film of `data`, columns as of `measures.score_maps`.

    Per film: a row per level and metric (`dice`, `identified`, `dice_identified`, with names also `level_accuracy`),
    and rows of structure "vertebrae" for the whole film. Rows of case "all" (suffix `_pooled`) take the vertebrae of
    all films of a split together. A missed vertebra has status "empty_prediction". `facts` become constant columns.
    Raises ValueError for another number of films, BadInput for data without single vertebrae.
    """
    if len(predictions) != len(data):
        raise ValueError(f"{len(predictions)} films are predicted, {len(data)} are given")
    named = has_landmarks(data)
    scores = [score_film(instances_of(data, i), predictions[i], named) for i in range(len(data))]
    rows = [row for i, score in enumerate(scores) for row in _case_rows(score, data, i)]
    for split, members in data.table.groupby("split", sort=False).groups.items():
        chosen = [scores[i] for i in members]
        about = {"split": split, "case": ALL, "patient": ALL, "view": ALL, "near_duplicate": ""}
        rows += [{**about, **row} for row in pooled(chosen)]
    frame = pd.DataFrame(rows, columns=list(COLUMNS)).assign(condition=condition, severity=severity)
    return pd.concat([pd.DataFrame(facts, index=frame.index), frame], axis=1) if facts else frame


def film_rows(score: FilmScore) -> list[Row]:
    """Rows (structure, metric, value, unit, status) of one film: every level, then the film as a whole."""
    rows = [row for k in range(len(score.levels)) for row in _level_rows(score, k)]
    return [*rows, *_summary([score], "")]


def pooled(scores: Sequence[FilmScore]) -> list[Row]:
    """Rows of the vertebrae of several films taken together: each level's share identified, then all vertebrae."""
    rows = []
    for level in dict.fromkeys(level for score in scores for level in score.levels):
        found = [score.identified[score.levels.index(level)] for score in scores if level in score.levels]
        rows.append(_row(level, "identified_pooled", float(np.mean(found))))
    return rows + _summary(scores, "_pooled")


def _case_rows(score: FilmScore, data: CaseArrays, i: int) -> Iterator[Row]:
    entry = data.table.iloc[i]
    about = {name: entry[name] for name in ("split", "case", "patient", "view", "near_duplicate")}
    yield from ({**about, **row} for row in film_rows(score))


def _level_rows(score: FilmScore, k: int) -> Iterator[Row]:
    level, found = score.levels[k], bool(score.identified[k])
    status = "ok" if found else "empty_prediction"
    # A mask that is too poor to count as this vertebra does not improve its score either.
    yield _row(level, "dice", float(score.dice[k]) if found else 0.0, status)
    yield _row(level, "identified", float(found), status)
    yield _row(level, "dice_identified", float(score.dice[k]) if found else None)
    if score.named:
        paired = bool(score.paired[k])
        yield _row(level, "level_accuracy", float(score.shifts[k] == 0), "ok" if paired else "empty_prediction")


def _summary(scores: Sequence[FilmScore], suffix: str) -> list[Row]:
    """Rows of structure "vertebrae" for the films of `scores` taken together."""
    dice = np.concatenate([score.dice for score in scores])
    found = np.concatenate([score.identified for score in scores])
    status = "ok" if found.any() else "empty_prediction" if len(found) else "absent"
    values: dict[str, float | None] = {
        "pq": _quality(scores) if len(found) else None,
        "false_detections": float(np.mean([score.false_detections for score in scores])),
    }
    values |= _naming(scores) if scores[0].named else {}
    # A film without any match has scores (0) but no distances of names; what does not exist is absent.
    more = [_row(VERTEBRAE, metric + suffix, v, _state(metric, status)) for metric, v in values.items()]
    return [*found_rows(dice, suffix), *more]


def _state(metric: str, status: str) -> str:
    return status if metric in ("pq", "level_accuracy") else "ok"


def _quality(scores: Sequence[FilmScore]) -> float:
    matched = sum(len(score.quality) for score in scores)
    missed = sum(len(score.levels) for score in scores) - matched
    false = sum(score.false_detections for score in scores)
    return float(sum(score.quality.sum() for score in scores) / (matched + 0.5 * (missed + false)))


def _naming(scores: Sequence[FilmScore]) -> dict[str, float | None]:
    """Level scores; a vertebra that was missed or has no name is wrong, but no number of levels off."""
    labelled = sum(len(score.levels) for score in scores)
    shifts = np.array([s for score in scores for s in score.shifts if s is not None])
    return {
        "level_accuracy": float((shifts == 0).sum() / labelled) if labelled else None,
        "level_shift": float(np.abs(shifts).mean()) if len(shifts) else None,
        "off_by_one": float((np.abs(shifts) == 1).mean()) if len(shifts) else None,
    }


def _row(structure: str, metric: str, value: float | None, status: str = "ok") -> Row:
    if value is None:
        value, status = float("nan"), "absent"
    return {"structure": structure, "metric": metric, "value": value, "unit": find(metric).unit, "status": status}
