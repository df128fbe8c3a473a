"""What the answers of the index rest on: boards, contrasts and tables of a study's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.layout import CONTRAST_TABLE, QUESTIONS
from spinelib.report.answers.answer import counted_of
from spinelib.report.leaderboard import VOLUMES, Board, Line
from spinelib.report.publish.origin import DATASET
from spinelib.runs.named import named_folders
from spinelib.runs.tables import TEXT
from spinelib.sources import DATASETS

VOLUME_IMAGES = "MR volumes"


class AnswerEvidence:
    """The study in a folder: its facts (``study.json``), its boards, and tables of its questions by their file name."""

    def __init__(self, folder: Path, study: Mapping[str, Any], boards: Sequence[Board]) -> None:
        """`boards`: those of the index."""
        self.folder, self.study, self.boards = folder, study, boards

    @cached_property
    def contrasts(self) -> pd.DataFrame:
        """The named contrasts; without rows where none was computed."""
        found = self.table(CONTRAST_TABLE)
        return found if len(found) else pd.DataFrame(columns=["dataset", "metric", "kind", "one", "other", "verdict"])

    def table(self, name: str) -> pd.DataFrame:
        """The table `name` of the first question that has one; an empty one where none has."""
        paths = [folder / name for folder in named_folders(self.folder, QUESTIONS)]
        # A data set may be called by a number
        return next((pd.read_csv(path, dtype=TEXT) for path in paths if path.exists()), pd.DataFrame())

    def question(self, name: str) -> str:
        """The anchor of the question that has the table `name`; '' where none has."""
        folders = named_folders(self.folder, QUESTIONS)
        return next((f"#{folder.name}" for folder in folders if (folder / name).exists()), "")

    def line(self, dataset: str, entry: str) -> Line | None:
        """An entry's line on the first board of a data set that has one."""
        lines = (line for board in self.boards if board.dataset == dataset for line in board.lines)
        return next((line for line in lines if line.entry == entry), None)

    def trainings(self, dataset: str, entries: Sequence[str]) -> int:
        """Trainings of the entry that was trained least often; one of which nothing is known counts as trained once."""
        seeds = {str(run["id"]): run.get("seed", 0) for run in self.study.get("runs", [])}
        lines = [self.line(dataset, entry) for entry in entries]
        counts = [len({seeds.get(run, 0) for run in line.runs}) if line else 1 for line in lines]
        return max(1, min(counts, default=1))

    def images(self, dataset: str) -> str:
        """What the cases of a data set are."""
        volumes = any(board.dataset == dataset and board.structure == VOLUMES[0] for board in self.boards)
        return VOLUME_IMAGES if volumes else "films"

    def cases_of(self, dataset: str, patients: int) -> str:
        """A sentence that says whose cases these are."""
        names = DATASET.findall(str(self.study.get("data", {}).get(dataset, "")))
        title = DATASETS[names[0]].title if names and names[0] in DATASETS else ""
        named = f"{dataset} ({title})" if title else dataset
        return f"On test cases of {counted_of(patients, 'patient')} of {named}."
