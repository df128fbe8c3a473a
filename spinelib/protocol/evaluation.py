"""Predict the test films of a run and score them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.core.errors import BadInput
from spinelib.measures.cobb.table import answer_rows, cobb_rows
from spinelib.measures.tables import ALL, score_maps
from spinelib.protocol.config import RunConfig
from spinelib.protocol.data import on_grid
from spinelib.protocol.signs import course_signs, scoring_signs
from spinelib.protocol.volume_scores import score_volumes
from spinelib.runs import Run
from spinelib.runs.predictions import save_predictions

if TYPE_CHECKING:
    from spinelib.prediction.predictor import Predictor


@dataclass(frozen=True)
class Result:
    """Results on one data set's test cases: images [n,C,*S], maps [n,*S], Dice [n], case ids.

    dice: of the first class for films, of all structures for volumes. angles: [n,3] degrees, of a network
    that answers them itself.
    """

    images: np.ndarray
    references: np.ndarray
    predictions: np.ndarray
    dice: np.ndarray
    names: list[str]
    angles: np.ndarray | None = None


# Tables of scores of the cases given (of prepared data in a folder), the outlines first; class maps [n,*grid]; angles
# [n,3] in degrees, of what answers them itself.
Answers = tuple[list[pd.DataFrame], np.ndarray, np.ndarray | None]


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


def evaluate(run: Run, sets: Mapping[str, CaseArrays]) -> Scored:
    """Score a run's trained network on the data sets of ``tested_on``; writes cases.csv and predictions/DATA.npz.

    The network and how it predicts are those of the run's folder (`Predictor.from_folder`). Volumes are scored in their
    own voxels, and only the structures that each one labels. Films with known corners are also scored by their Cobb
    angles: read from the predicted mask (structure "spine"), and as the network answers them itself where it does
    (structure "angles"). Raises BadInput for a run that is not trained, and when a data set has no test case.
    """
    from spinelib.prediction.predictor import Predictor

    predictor = Predictor.from_folder(run.folder, run.device)
    return score_cases(run, sets, lambda films, folder: _scored(predictor, films, folder))


def score_cases(run: Run, sets: Mapping[str, CaseArrays], answer: Callable[[CaseArrays, Path], Answers]) -> Scored:
    """Score what `answer` gives for the test cases of a run, as `evaluate` does; writes the same files.

    Raises BadInput when a data set has no test case, and what `answer` raises.
    """
    config = RunConfig.of(run)
    tables, results, course = [], {}, course_signs(run.files.history)
    signs = {}
    for name in config.tested_on:
        films = scored_films(sets[name], name != config.trained_on, config.development)
        if not len(films):
            raise BadInput(name, "has no test case", "Prepare it with a test fraction, or choose another scheme.")
        rows, predictions, answers = answer(films, run.manifest(name).parent)
        tables += [part.assign(dataset=name) for part in rows if len(part)]
        results[name] = _result(films, predictions, rows[0], answers)
        signs[name] = course | scoring_signs(pd.concat(rows), films, sets.get(config.trained_on, films), answers)
        path = run.files.predictions(name)
        save_predictions(path, results[name].names, results[name].predictions, angles=results[name].angles)
    method, variant = config.entry
    scored = run.cases(pd.concat(tables, ignore_index=True).assign(method=method, variant=variant))
    run.note(signs=signs)
    return Scored(scored, results)


def _scored(predictor: Predictor, films: CaseArrays, folder: Path) -> Answers:
    seen = on_grid(films, folder, predictor.card.input_grid)
    if len(films.grid) == 3:
        predictions, rows = score_volumes(lambda i: predictor.native_labels(seen, i), films, folder)
        return [rows], predictions, None
    predictions, answers = predictor.labels(seen), predictor.angles(seen)
    angles = [] if answers is None else [answer_rows(answers, films)]
    return [*outline_tables(predictions, films), *angles], predictions, answers


def outline_tables(maps: np.ndarray, films: CaseArrays) -> list[pd.DataFrame]:
    """Tables of scores of class maps uint8 [n,H,W] of films: of the outlines, and of the angles read from them."""
    return [score_maps(maps, films), cobb_rows(maps, films)]


def _result(films: CaseArrays, predictions: np.ndarray, rows: pd.DataFrame, answers: np.ndarray | None) -> Result:
    """The test films proper (not the training films of a zero-shot data set) with their Dice."""
    tested = films.table["split"].to_numpy() == "test"
    # All of them as a slice: what is mapped then stays where it lies.
    shown: slice | np.ndarray = slice(None) if tested.all() else np.flatnonzero(tested)
    shown_structure = str(rows["structure"].iloc[0]) if len(films.grid) == 2 else ALL
    single = rows[(rows["structure"] == shown_structure) & (rows["metric"] == "dice") & (rows["case"] != ALL)]
    dice = single.set_index("case")["value"]
    names = films.table["case"].iloc[shown].tolist()
    given = None if answers is None else answers[shown]
    # A case in which nothing of what it labels is there or predicted has no Dice.
    scores = dice.reindex(names).to_numpy(float)
    return Result(films.images[shown], films.labels[shown], predictions[shown], scores, names, given)
