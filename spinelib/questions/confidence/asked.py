"""The networks of a study asked again for their probabilities, on the test cases that they were scored on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, load_arrays
from spinelib.cases.frame import letterbox
from spinelib.cases.volume_frame import frame_of
from spinelib.prediction.predictor import BATCH, Predictor
from spinelib.protocol.data import on_grid
from spinelib.questions.confidence.reliability import BINS, MapConfidence, map_confidence
from spinelib.questions.robustness.subject_selection import Subject

ABOUT = ["dataset", "name", "run", "case", "patient"]
FACTS = ["dice", "entropy", "separation", "brier"]
SUMS = [f"{what}_{k}" for what in ("pixels", "confidence", "right") for k in range(BINS)]


def ask_confidence(tested: Sequence[Subject], data: Path, device: str = "auto") -> pd.DataFrame:
    """A row per run and test case: ABOUT, FACTS (`MapConfidence`; Dice as it was scored) and the SUMS of its bins.

    data: the folder of the study's prepared data. Cases with nothing near the structures have no row. Raises BadInput
    for data that can no longer be read.
    """
    rows = [row for subject in tested for row in _asked(subject, data / subject.dataset, device)]
    return pd.DataFrame(rows, columns=[*ABOUT, *FACTS, *SUMS])


def _asked(subject: Subject, folder: Path, device: str) -> Iterator[dict[str, Any]]:
    arrays = load_arrays(folder, subject.grid)
    wanted = subject.rows.set_index("case")["value"]
    cases = arrays.subset(arrays.table["case"].isin(wanted.index).to_numpy())
    predictor = Predictor.from_folder(subject.folder, device)
    seen = on_grid(cases, folder, predictor.card.input_grid)
    truth = seen if len(cases.grid) == 3 else cases
    for first in range(0, len(cases), BATCH):
        index = np.arange(first, min(first + BATCH, len(cases)))
        # What is predicted is held on the device whole: of all films it would be sent there anew for each batch.
        part = predictor.chances(seen.subset(index), np.arange(len(index)))
        for i, chances in zip(index.tolist(), part, strict=True):
            found = map_confidence(chances, truth.labels[i], _inside(truth, i), truth.known[i])
            if found is not None:
                yield _row(subject, truth.table.iloc[i], float(wanted[truth.table["case"].iloc[i]]), found)


def _inside(cases: CaseArrays, i: int) -> np.ndarray:
    if len(cases.grid) == 3:
        return frame_of(cases.frames[i], cases.grid).inside()
    height, width = (int(size) for size in cases.frames[i, 3:])
    return letterbox((height, width), (cases.grid[0], cases.grid[1])).inside()


def _row(subject: Subject, case: pd.Series, dice: float, found: MapConfidence) -> dict[str, Any]:
    about: dict[str, Any] = {"dataset": subject.dataset, "name": subject.name, "run": subject.run}
    about |= {"case": case["case"], "patient": case["patient"], "dice": dice}
    facts = {"entropy": found.entropy, "separation": found.separation, "brier": found.brier}
    return {**about, **facts, **dict(zip(SUMS, found.bins.T.ravel().tolist(), strict=True))}
