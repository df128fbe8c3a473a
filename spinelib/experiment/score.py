"""Predict the test films of a run and score them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.cobb.table import answer_rows, cobb_rows
from spinelib.experiment.fitting import local_contrast, on_input_grid
from spinelib.experiment.learn import method_of
from spinelib.metrics import table
from spinelib.predictions import save_predictions
from spinelib.runs import Run

if TYPE_CHECKING:
    from torch import nn

SHOWN = (
    ("dice", "1"),
    ("iou", "1"),
    ("hd95", "px"),
    ("hd95", "%"),
    ("hd95", "mm"),
    ("assd", "%"),
    ("nsd", "1"),
    ("boundary_f1", "1"),
    ("smape", "%"),
    ("cobb_error", "deg"),
)


@dataclass(frozen=True)
class Result:
    """What one data set's test films came to: images [n,C,H,W], maps [n,H,W], Dice [n] of the first class, case ids.

    angles: [n,3] degrees, of a network that answers them itself.
    """

    images: np.ndarray
    references: np.ndarray
    predictions: np.ndarray
    dice: np.ndarray
    names: list[str]
    angles: np.ndarray | None = None


@dataclass(frozen=True)
class Scored:
    """The case table of a run and, per data set, the films behind it."""

    rows: pd.DataFrame
    results: dict[str, Result]


def scored_films(arrays: CaseArrays, zero_shot: bool, development: Sequence[str] = ()) -> CaseArrays:
    """The films that a run is scored on: the test split, or with `zero_shot` every film with its split named.

    Films listed in `development` (they tuned the digital patient) form a split of their own.
    """
    chosen = arrays if zero_shot else arrays.subset(arrays.table["split"].to_numpy() == "test")
    if not (zero_shot and development):
        return chosen
    split = chosen.table["split"].mask(chosen.table["case"].isin(list(development)), "development")
    return replace(chosen, table=chosen.table.assign(split=split))


def evaluate(run: Run, model: nn.Module, sets: Mapping[str, CaseArrays]) -> Scored:
    """Score `model` on every data set of the run's ``tested_on``; writes cases.csv and predictions/DATA.npz.

    Films with known corners are also scored by their Cobb angles: read from the predicted mask (structure "spine"),
    and as the network answers them itself where it does (structure "angles"). Raises BadInput when a data set has no
    test film.
    """
    parameters = run.parameters
    tables, results = [], {}
    for name in parameters["tested_on"]:
        films = scored_films(sets[name], name != parameters["trained_on"], parameters.get("development", ()))
        predictions, answers = _predict(run, model, films, name)
        rows = [table(predictions, films), cobb_rows(predictions, films)]
        rows += [] if answers is None else [answer_rows(answers, films)]
        tables += [part.assign(dataset=name) for part in rows if len(part)]
        results[name] = _result(films, predictions, rows[0], answers)
        path = run.folder / "predictions" / f"{name}.npz"
        save_predictions(path, results[name].names, results[name].predictions, angles=results[name].angles)
    method, variant = method_of(run)
    scored = run.cases(pd.concat(tables, ignore_index=True).assign(method=method, variant=variant))
    return Scored(scored, results)


def _predict(run: Run, model: nn.Module, films: CaseArrays, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Class maps [n,H,W] of all films and, from a network that answers them, angles [n,3] in degrees."""
    from spinelib.inference import predict_angles, predict_labels

    seen = on_input_grid(run, name, films)
    grid = films.grid if seen.grid != films.grid else None
    index, precision = np.arange(len(seen)), run.facts.get("precision", "float32")
    options: dict[str, Any] = {"local": local_contrast(run), "precision": precision}
    labels = predict_labels(model, seen, index, grid=grid, **options)
    return labels, predict_angles(model, seen, index, **options) if hasattr(model, "angles") else None


def _result(films: CaseArrays, predictions: np.ndarray, rows: pd.DataFrame, answers: np.ndarray | None) -> Result:
    """The test films proper (not the training films of a zero-shot data set) with their Dice."""
    shown = np.flatnonzero(films.table["split"].to_numpy() == "test")
    dice = rows[(rows["structure"] == films.classes[0]) & (rows["metric"] == "dice")].set_index("case")["value"]
    names = films.table["case"].iloc[shown].tolist()
    given = None if answers is None else answers[shown]
    scores = dice[names].to_numpy(float)
    return Result(films.images[shown], films.labels[shown], predictions[shown], scores, names, given)


def score_table(rows: pd.DataFrame, by: Sequence[str] = ("dataset", "split")) -> pd.DataFrame:
    """Mean of the usual metrics per structure and group `by`, penalties included, with case counts and misses."""
    single = rows[rows["case"] != "all"]
    keys = [*by, "structure"]
    # The first row of a case and structure is its Dice; angles that a network answers have none.
    count = single.drop_duplicates([*keys, "case", "view"]).groupby(keys, sort=False)
    columns = {"cases": count.size(), "missed": count["status"].agg(lambda s: int((s != "ok").sum()))}
    for metric, unit in SHOWN:
        chosen = single[(single["metric"] == metric) & (single["unit"] == unit)]
        if len(chosen):
            name = metric if unit == "1" else f"{metric} {unit}"
            columns[name] = chosen.groupby(keys, sort=False)["value"].mean().round(3)
    return pd.DataFrame(columns)
