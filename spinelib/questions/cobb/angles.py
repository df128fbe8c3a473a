"""Cobb angles of every finished run of a study: read from its masks or vertebrae, and as its network answers them.

One row per run, route and test film with known corners. Truth and penalty are those of `spinelib.measures.cobb.table`
(C, our choice): the AASCE rule on the film's own corners; where there are no angles the row says why and its errors are
those of a straight spine, so that no film drops out of a mean. All entries are compared on the films that every one of
them predicted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, load_arrays
from spinelib.core.errors import BadInput
from spinelib.core.layout import StudyFolder
from spinelib.measures.cobb.reading import NO_ANGLE
from spinelib.measures.cobb.table import ANGLES, ERROR_UNITS, answer_rows, corner_readings, readings, true_angles
from spinelib.questions.cobb.guess import TRUE, guess_rows, learned_answers, unlearned_answers, with_errors
from spinelib.questions.compare.boards import study_cases
from spinelib.runs.predictions import Predictions, load_predictions

MASK, NETWORK, CORNERS = "mask", "network", "corners"
# The name of the rows that are read from the reference masks: what the mask route loses on its way.
REFERENCE_ENTRY = "reference masks"
ERRORS = (*ERROR_UNITS, *(f"mae_{name}" for name in ANGLES))
ROW_FACTS = ("dataset", "name", "run", "route", "case", "patient", "view", "near_duplicate")
HOW = ("vertebrae", "upper", "lower", "read_from", "confidence", "status", "reason")
COLUMNS = (*ROW_FACTS, *ANGLES, *TRUE, "major", "true_major", *ERRORS, *HOW)
TEXT = (*ROW_FACTS, "read_from", "status", "reason")
Array = np.ndarray


@dataclass(frozen=True)
class ReadAngles:
    """The rows of COLUMNS of one data set.

    rows: every run by each of its routes; an1..an3 in degrees, NaN where there are none; major: the largest of them, 0
    where there are none; mae_an1..: absolute error of each angle. floor: the same for the reference masks on this grid.
    guess: the same for one answer to every film; unlearned: reason by (name, route) of entries
    that learned nothing, which have no rows unless all are such.
    """

    rows: pd.DataFrame
    floor: pd.DataFrame
    guess: pd.DataFrame
    unlearned: dict[tuple[str, str], str]

    @property
    def learned(self) -> bool:
        """Whether any entry with rows has learned something."""
        return not set(self.rows[["name", "route"]].itertuples(index=False, name=None)) <= set(self.unlearned)


@dataclass(frozen=True)
class DataAngles(ReadAngles):
    """One data set with its n films, the map [n,H,W] of each entry (its first run) and, by run, why it was left out."""

    films: CaseArrays
    maps: dict[str, Array]
    left_out: dict[str, str]


@dataclass(frozen=True)
class StudyAngles:
    """All data sets of a study that have angles, and why the others have none."""

    sets: Mapping[str, ReadAngles]
    absent: dict[str, str]

    @property
    def rows(self) -> pd.DataFrame:
        """The rows of all data sets, of their reference masks and of one answer to every film."""
        tables = [part for one in self.sets.values() for part in (one.rows, one.floor, one.guess)]
        return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(columns=list(COLUMNS))


def study_angles(results: Path | str, grid: Sequence[int] = (), data: Path | str = "") -> StudyAngles:
    """The angles of every finished run of the study in the folder `results`, by data set.

    grid: rows and columns on which the runs were scored, empty: those of each data set's first run. data: folder of the
    prepared data, ``results/data`` if empty. Raises BadInput when no run of the study has finished.
    """
    cases = study_cases(results)
    cases = cases.assign(name=cases["method"] + "/" + cases["variant"])
    sets: dict[str, ReadAngles] = {}
    absent = {}
    prepared = Path(data) if data else StudyFolder(Path(results)).all_data
    for dataset in map(str, cases["dataset"].unique()):
        own = cases[cases["dataset"] == dataset].drop_duplicates("run")
        runs = {str(run): str(name) for run, name in own[["run", "name"]].to_numpy(str)}
        try:
            sets[dataset] = _data_angles(Path(results), prepared, dataset, runs, grid)
        except BadInput as error:
            absent[dataset] = error.reason
    return StudyAngles(sets, absent)


def _data_angles(results: Path, data: Path, dataset: str, runs: Mapping[str, str], grid: Sequence[int]) -> DataAngles:
    found, left_out = _predicted(results, dataset, runs, tuple(grid))
    shape = next(iter(found.values())).labels.shape[1:]
    if len(shape) != 2:
        raise BadInput(
            data / dataset, "holds volumes, and Cobb angles are read from films", "Nothing needs to be done."
        )
    arrays = load_arrays(data / dataset, (shape[0], shape[1]))
    shared = set.intersection(*(set(item.cases) for item in found.values()))
    known = np.isfinite(true_angles(arrays)).all(1) & (arrays.table["split"] == "test").to_numpy()
    if not known.any():
        raise BadInput(data / dataset, "has no test film with all of its corners", "Angles need four per vertebra.")
    films = arrays.subset(known & arrays.table["case"].isin(shared).to_numpy())
    if not len(films):
        raise BadInput(data / dataset, "has no test film that every run predicted", "Start its runs again.")
    own = {run: in_order(item, films) for run, item in found.items()}
    tables = [run_rows(item, films, name=runs[run], run=run, dataset=dataset) for run, item in own.items()]
    maps: dict[str, Array] = {}
    for run, item in own.items():
        maps.setdefault(runs[run], item.labels)
    truth = Predictions(tuple(films.table["case"]), films.labels)
    floor = run_rows(truth, films, name=REFERENCE_ENTRY, run="", dataset=dataset)
    guess, rows = guess_rows(arrays, floor), pd.concat(tables, ignore_index=True)
    # As the board has it, which ranks standing films.
    unlearned = unlearned_answers(coronal_rows(rows), coronal_rows(guess))
    return DataAngles(learned_answers(rows, unlearned), floor, guess, unlearned, films, maps, left_out)


def _predicted(
    results: Path, dataset: str, runs: Mapping[str, str], grid: tuple[int, ...]
) -> tuple[dict[str, Predictions], dict[str, str]]:
    """What the runs predicted on one grid, and why others are left out; raises BadInput when none is left."""
    found: dict[str, Predictions] = {}
    left_out: dict[str, str] = {}
    for run in runs:
        try:
            item = load_predictions(StudyFolder(results).run(run).predictions(dataset))
        except BadInput as error:
            left_out[run] = error.reason
            continue
        grid = grid or item.labels.shape[1:]
        if item.labels.shape[1:] == grid:
            found[run] = item
        else:
            left_out[run] = f"was scored on {' x '.join(map(str, item.labels.shape[1:]))}"
    if not found:
        reason = f"has no predictions on {' x '.join(map(str, grid)) or 'any grid'} for {dataset}"
        raise BadInput(results, reason, "Start its runs again.")
    return found, left_out


def in_order(item: Predictions, films: CaseArrays) -> Predictions:
    """What `item` holds of `films`, in their order. Raises KeyError for a film without a prediction."""
    place = {case: i for i, case in enumerate(item.cases)}
    index = [place[case] for case in films.table["case"]]
    answers = None if item.angles is None else item.angles[index]
    corners = None if item.corners is None else item.corners[index]
    return Predictions(tuple(films.table["case"]), item.labels[index], angles=answers, corners=corners)


def run_rows(item: Predictions, films: CaseArrays, **facts: str) -> pd.DataFrame:
    """Rows of COLUMNS of one run for `films`, all with known corners and in the order of `item`.

    facts: dataset, name and run. Raises ValueError when predictions and films differ in length or grid.
    """
    read = readings(item.labels, films).rename(columns={"method": "read_from"}).assign(route=MASK)
    tables = [read] if item.angles is None else [read, _answers(read, item.angles, films)]
    if item.corners is not None:
        found = corner_readings(item.corners, films).rename(columns={"method": "read_from"})
        # What was measured on single vertebrae stands under a name of its own, so that no table mixes it with masks.
        tables.append(found.assign(route=CORNERS, read_from=CORNERS))
    rows = pd.concat(tables, ignore_index=True).assign(**facts)
    return with_errors(rows)[list(COLUMNS)]


def _answers(read: pd.DataFrame, angles: Array, films: CaseArrays) -> pd.DataFrame:
    """The rows of `read` with what the network answers in place of what its mask says."""
    status = answer_rows(angles, films).query("metric == 'cobb_error'")["status"].to_numpy(str)
    given = np.where((status == "ok")[:, None], np.asarray(angles, float), np.nan)
    reason = np.where(status == "ok", "", "an answer that is no angle")
    read = read.assign(vertebrae=0, upper=-1, lower=-1, read_from=NETWORK, confidence=np.nan)
    return read.assign(**dict(zip(ANGLES, given.T, strict=True)), route=NETWORK, status=status, reason=reason)


def coronal_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows of standing (coronal) films where a data set has several views, all rows otherwise.

    Severity and agreement are those of the standing film; a bending film shows what is left of the curve.
    """
    several = rows["view"].nunique() > 1 and (rows["view"] == "coronal").any()
    return rows[rows["view"] == "coronal"] if several else rows


def unread(rows: pd.DataFrame) -> pd.Series:
    """Whether each row has no angles and counts as a straight spine."""
    return rows["status"].isin(NO_ANGLE)


def read_rows(path: Path | str) -> pd.DataFrame:
    """Rows of COLUMNS from the CSV file that a finished run of the notebook left; raises BadInput when it is broken."""
    try:
        rows = pd.read_csv(path, dtype=dict.fromkeys(TEXT, str), keep_default_na=False, na_values={"confidence": [""]})
        numbers = [name for name in COLUMNS if name not in TEXT]
        return rows[list(COLUMNS)].assign(**{name: pd.to_numeric(rows[name], errors="coerce") for name in numbers})
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(path, f"is no table of angles ({error})", "Start this study again.") from error
