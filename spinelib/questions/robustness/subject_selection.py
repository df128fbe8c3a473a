"""Which finished runs of a study are put to the test, on which of their test cases."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core import names
from spinelib.core.layout import CARD, RECORD, WEIGHTS, StudyFolder
from spinelib.models import NETWORKS
from spinelib.prediction.card import Card
from spinelib.questions.compare.boards import first_structure, study_cases
from spinelib.runs.kinds import RELEASED_METHOD
from spinelib.statistics import comparison


@dataclass(frozen=True)
class Subject:
    """One run on one data set: entry's name, folder, parameters, and its recorded row of every chosen test case.

    rows: columns of the case table, one row per case: the clean Dice of the data set's first structure.
    """

    run: str
    name: str
    dataset: str
    folder: Path
    parameters: dict[str, Any]
    rows: pd.DataFrame

    @property
    def grid(self) -> tuple[int, ...]:
        """Rows and columns of the study's films (slices before them)."""
        return tuple(self.parameters["grid"])


def clean_dice(results: Path | str) -> pd.DataFrame:
    """Clean Dice of every run and test case of a study, of the first structure of each data set; column `name` added.

    Raises BadInput when no run of the study has finished.
    """
    cases = study_cases(results)
    cases = cases[(cases["condition"] == "none") & (cases["severity"] == 0) & (cases["split"] == "test")]
    first = {name: first_structure(cases, str(name)) for name in cases["dataset"].unique()}
    rows = cases[(cases["metric"] == "dice") & (cases["unit"] == "1") & (cases["case"] != comparison.ALL)]
    rows = rows[rows["structure"] == rows["dataset"].map(first)]
    return rows.assign(name=rows["method"] + "/" + rows["variant"])


def record_of(folder: Path) -> dict[str, Any]:
    """The record of a finished run; empty where there is none that can be read."""
    try:
        return dict(json.loads((folder / RECORD).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}


def subjects(
    results: Path | str,
    comparisons: Sequence[Sequence[str]] = (),
    patients: int = 0,
    seed: int = 0,
) -> tuple[list[Subject], dict[str, str]]:
    """The runs of a study whose network can be asked again, and by run why the others are left out.

    comparisons: only entries that these pairs name, where they name any of a data set, and released networks, which no
    pair need name (empty: all). patients: so many of each data set, drawn by `seed`, the same for every run (0: all).
    Runs that were trained on some views only answer another question and are left out. Raises BadInput when no run of
    the study has finished.
    """
    rows, wanted = clean_dice(results), {side for pair in comparisons for side in pair}
    found, left_out = [], {}
    for dataset, own in rows.groupby("dataset", sort=False):
        own = own[own["patient"].isin(draw_patients(own["patient"].unique(), patients, seed))]
        if own["name"].isin(wanted).any():
            own = own[own["name"].isin(wanted) | (own["method"] == RELEASED_METHOD)]
        for run, part in own.groupby("run", sort=False):
            folder = StudyFolder(Path(results)).run(str(run)).root
            given = record_of(folder).get("parameters", {})
            reason = _unfit(folder, given)
            if reason:
                left_out[str(run)] = reason
                continue
            rows_of_run = part.assign(variant=names.entry(given)[1]).reset_index(drop=True)
            name = str(part["name"].iloc[0])
            found.append(Subject(str(run), name, str(dataset), folder, given, rows_of_run))
    return found, left_out


def draw_patients(patients: Sequence[str] | np.ndarray, count: int, seed: int) -> list[str]:
    """`count` of the patients (0: all) in an order that `seed` draws; fewer are among more."""
    order = np.random.default_rng(seed).permutation(np.unique(np.asarray(patients, str)))
    return [str(name) for name in (order[:count] if count else order)]


def _unfit(folder: Path, given: dict[str, Any]) -> str:
    """Why a run cannot be asked again; '' when it can."""
    several = "has no network that outlines films or volumes in one pass"
    if given.get("method") not in (*NETWORKS, RELEASED_METHOD) or not given.get("grid"):
        return several
    for name in (WEIGHTS, CARD):
        if not (folder / name).exists():
            return f"has no {name}"
    if Card.read(folder).pipeline:
        return several
    return "was trained on some views only" if given.get("views") else ""
