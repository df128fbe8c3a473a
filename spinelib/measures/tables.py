"""Predictions of a whole data set as one tidy table: a row per case, structure, metric and unit."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.cases.frame import letterbox
from spinelib.measures import overlap
from spinelib.measures.levelled import are_levels, best_dice, found_rows
from spinelib.measures.scoring import Row, measure

Map = NDArray[np.uint8]
ALL = "all"
PART = 64  # cases whose rows become a table at once
COLUMNS = (
    *("split", "case", "patient", "view", "condition", "severity", "near_duplicate"),
    *("structure", "metric", "value", "unit", "status"),
)


def score_maps(
    predictions: Map, data: CaseArrays, *, condition: str = "none", severity: int = 0, **facts: Any
) -> pd.DataFrame:
    """Score class maps [N,H,W] against `data`, case by case and pooled.

    Only the part of the grid that shows the film counts. Rows of case ``all`` carry the overlap metrics with suffix
    ``_pooled``: pixels of all cases of a split taken together, for view ``all`` and, where there are several, for each
    view. Where the classes are levels, rows of structure "vertebrae" come first (`spinelib.measures.levelled`).
    `facts` (dataset, method, seed, ...) become constant columns in front. Raises ValueError when
    predictions and data differ in length or grid.
    """
    if predictions.shape != data.labels.shape:
        raise ValueError(f"predictions {predictions.shape} do not match the labels {data.labels.shape}")
    parts = [_vertebra_rows(predictions, data)] if are_levels(data.classes) else []
    tables = [pd.DataFrame(rows, columns=list(COLUMNS)) for rows in chain(parts, _in_parts(predictions, data)) if rows]
    frame = pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))
    frame = frame.assign(condition=condition, severity=severity)
    return pd.concat([pd.DataFrame(facts, index=frame.index), frame], axis=1) if facts else frame


def _in_parts(predictions: Map, data: CaseArrays) -> Iterator[list[Row]]:
    """The rows of some cases at a time, then the pooled ones: as a table they take less memory than as single rows."""
    for begin in range(0, len(data), PART):
        cases = range(begin, min(begin + PART, len(data)))
        yield [row for i in cases for row in _case_rows(predictions[i], data, i)]
    yield list(_pooled_rows(predictions, data))


def _film(data: CaseArrays, i: int) -> tuple[slice, slice]:
    """The part of the grid that shows film i."""
    top, left, height, width = letterbox((int(data.frames[i, 3]), int(data.frames[i, 4])), data.grid).place
    return slice(top, top + height), slice(left, left + width)


def _about(data: CaseArrays, i: int) -> Row:
    return {name: data.table[name].iloc[i] for name in ("split", "case", "patient", "view", "near_duplicate")}


def _vertebra_rows(predictions: Map, data: CaseArrays) -> list[Row]:
    """Rows of single vertebrae, of each film and of all films of a split together."""
    films = [(predictions[i][_film(data, i)], data.labels[i][_film(data, i)]) for i in range(len(data))]
    dice = [best_dice(prediction, labels, len(data.classes)) for prediction, labels in films]
    rows = [{**_about(data, i), **row} for i, own in enumerate(dice) for row in found_rows(own)]
    for split, members in data.table.reset_index(drop=True).groupby("split", sort=False).groups.items():
        about = {"split": split, "case": ALL, "patient": ALL, "view": ALL, "near_duplicate": ""}
        rows += [{**about, **row} for row in found_rows(np.concatenate([dice[i] for i in members]), "_pooled")]
    return rows


def _case_rows(prediction: Map, data: CaseArrays, i: int) -> Iterator[Row]:
    about = _about(data, i)
    spacing = data.spacing[i].tolist() if np.isfinite(data.spacing[i]).all() else None
    film = _film(data, i)
    rows = measure(prediction[film], data.labels[i][film], data.classes, spacing)
    yield from ({**about, **row} for row in rows)


def _pooled_rows(predictions: Map, data: CaseArrays) -> Iterator[Row]:
    counts = np.zeros((len(data), len(data.classes), 4), np.int64)
    for i in range(len(data)):
        film = _film(data, i)
        counts[i] = overlap.count(predictions[i][film], data.labels[i][film], len(data.classes))
    for split, of_split in data.table.groupby("split", sort=False):
        views = of_split.groupby("view", sort=False).groups
        groups = {ALL: of_split.index, **(views if len(views) > 1 else {})}
        for view, members in groups.items():
            about = {"split": split, "case": ALL, "patient": ALL, "view": view, "near_duplicate": ""}
            yield from ({**about, **row} for row in _pool(counts[np.asarray(members)].sum(axis=0), data.classes))


def _pool(counts: overlap.Counts, names: tuple[str, ...]) -> Iterator[Row]:
    """Rows of the overlap metrics of summed counts [structures, 4]; a structure nobody has is absent."""
    for metric, values in overlap.scores(counts).items():
        for name, value, (tp, fp, fn, _) in zip(names, values, counts, strict=True):
            status = "ok" if tp + fp + fn else "absent"
            value = value if status == "ok" else np.nan
            yield {
                "structure": name,
                "metric": f"{metric}_pooled",
                "value": value,
                "unit": "1",
                "status": status,
            }
