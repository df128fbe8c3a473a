"""Predict the test films of a run and score them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.table import answer_rows, cobb_rows
from spinelib.measures.tables import ALL, table
from spinelib.protocol.building import method_of
from spinelib.protocol.recipes import local_contrast
from spinelib.protocol.training import on_input_grid
from spinelib.protocol.volume_scores import predict_volumes
from spinelib.runs import Run
from spinelib.runs.predictions import save_predictions

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Result:
    """What one data set's test cases came to: images [n,C,*S], maps [n,*S], Dice [n], case ids.

    dice: of the first class for films, of all structures for volumes. angles: [n,3] degrees, of a network
    that answers them itself.
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

    Volumes are scored in their own voxels, and only the structures that each one labels; where the run has a parameter
    `window`, the network sees so many slices, rows and columns of them at once.
    Films with known corners are also scored by their Cobb angles: read from the predicted mask (structure "spine"),
    and as the network answers them itself where it does (structure "angles"). Raises BadInput when a data set has no
    test film.
    """
    parameters = run.parameters
    tables, results = [], {}
    for name in parameters["tested_on"]:
        films = scored_films(sets[name], name != parameters["trained_on"], parameters.get("development", ()))
        if not len(films):
            raise BadInput(name, "has no test case", "Prepare it with a test fraction, or choose another scheme.")
        rows, predictions, answers = _scored(run, model, films, name)
        tables += [part.assign(dataset=name) for part in rows if len(part)]
        results[name] = _result(films, predictions, rows[0], answers)
        path = run.folder / "predictions" / f"{name}.npz"
        save_predictions(path, results[name].names, results[name].predictions, angles=results[name].angles)
    method, variant = method_of(run)
    scored = run.cases(pd.concat(tables, ignore_index=True).assign(method=method, variant=variant))
    return Scored(scored, results)


def _scored(
    run: Run, model: nn.Module, films: CaseArrays, name: str
) -> tuple[list[pd.DataFrame], np.ndarray, np.ndarray | None]:
    """Tables of scores, the outlines first, class maps [n,*grid] and angles [n,3] where the network answers them."""
    if len(films.grid) == 3:
        seen, folder = on_input_grid(run, name, films), run.manifest(name).parent
        window = run.parameters.get("window", ())
        predictions, rows = predict_volumes(model, seen, films, folder, window, **_options(run))
        return [rows], predictions, None
    predictions, answers = _predict(run, model, films, name)
    angles = [] if answers is None else [answer_rows(answers, films)]
    return [table(predictions, films), cobb_rows(predictions, films), *angles], predictions, answers


def _options(run: Run) -> dict[str, Any]:
    """How the run's network predicts: input channels and precision as in training."""
    return {"local": local_contrast(run), "precision": run.facts.get("precision", "float32")}


def _predict(run: Run, model: nn.Module, films: CaseArrays, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """Class maps [n,H,W] of all films and, from a network that answers them, angles [n,3] in degrees."""
    from spinelib.prediction.maps import predict_angles, predict_labels

    seen = on_input_grid(run, name, films)
    grid = films.grid if seen.grid != films.grid else None
    index, options = np.arange(len(seen)), {**_options(run), "flip": bool(run.parameters.get("flip", False))}
    labels = predict_labels(model, seen, index, grid=grid, **options)
    return labels, predict_angles(model, seen, index, **options) if hasattr(model, "angles") else None


def _result(films: CaseArrays, predictions: np.ndarray, rows: pd.DataFrame, answers: np.ndarray | None) -> Result:
    """The test films proper (not the training films of a zero-shot data set) with their Dice."""
    shown = np.flatnonzero(films.table["split"].to_numpy() == "test")
    shown_structure = films.classes[0] if len(films.grid) == 2 else ALL
    single = rows[(rows["structure"] == shown_structure) & (rows["metric"] == "dice") & (rows["case"] != ALL)]
    dice = single.set_index("case")["value"]
    names = films.table["case"].iloc[shown].tolist()
    given = None if answers is None else answers[shown]
    # A case in which nothing of what it labels is there or predicted has no Dice.
    scores = dice.reindex(names).to_numpy(float)
    return Result(films.images[shown], films.labels[shown], predictions[shown], scores, names, given)
