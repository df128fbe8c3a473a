"""Corrupted cases for figures: one case under every corruption, and the case that each corruption hurt most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from spinelib.corruptions import CORRUPTIONS, Corruption
from spinelib.questions.robustness.predict import ConditionedCases, Conditions, chosen_cases, conditioned
from spinelib.questions.robustness.subject_selection import Subject


@dataclass(frozen=True)
class Shown:
    """A case to draw: image [C,*S], reference and class map [*S] (None: no network), mm per px, structures, title."""

    image: np.ndarray
    reference: np.ndarray
    prediction: np.ndarray | None
    spacing: np.ndarray
    classes: tuple[str, ...]
    title: str


def sheet(
    subject: Subject, data: Path | str, corruptions: Sequence[Corruption], severity: int, seed: int
) -> list[Shown]:
    """The subject's first case clean and under each corruption that fits; data: folder of the study's prepared data."""
    case = chosen_cases([subject], Path(data) / subject.dataset).subset([0])
    fitting = [one for one in corruptions if one.fits(len(case.grid))]
    shown = [_shown(conditioned(case, None, 0, seed), None, "clean")]
    return shown + [_shown(conditioned(case, one, severity, seed), None, one.title) for one in fitting]


def worst_shown(
    table: pd.DataFrame, subjects: Sequence[Subject], data: Path | str, seed: int = 0, device: str = "auto"
) -> list[Shown]:
    """The cases of `degradation.worst_cases` of one data set, outlined by who lost most; `seed` as measured."""
    from spinelib.plots.style import narrow_label
    from spinelib.prediction.predictor import Predictor

    found = {}
    for (dataset, run), lines in table.groupby(["dataset", "run"], sort=False):
        subject = next(s for s in subjects if (s.dataset, s.run) == (dataset, run))
        predictor, folder = Predictor.from_folder(subject.folder, device), Path(data) / str(dataset)
        cases = chosen_cases([subject], folder)
        for row in lines.to_dict("records"):
            at = np.flatnonzero(cases.table["case"] == row["case"])[:1]
            corruption = CORRUPTIONS[row["condition"]]
            conditions = Conditions(cases.subset(at), folder, seed, str(predictor.device))
            title = f"{corruption.title}\n{narrow_label(row['name'], 22)}\n{row['clean']:.2f} to {row['value']:.2f}"
            outline = conditions.outlines(predictor, corruption, row["severity"], [0])[0]
            found[row["condition"]] = _shown(conditions.under(corruption, row["severity"]), outline, title)
    return [found[condition] for condition in table["condition"]]


def _shown(seen: ConditionedCases, prediction: np.ndarray | None, title: str) -> Shown:
    case = seen.cases
    return Shown(case.images[0], case.labels[0], prediction, case.spacing[0], case.classes, title)
