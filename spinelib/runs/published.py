"""Which study's tables a notebook reads: those of the study on disk or, where that has not run, its published ones.

A study that runs a notebook names its own folder and reads that alone. By hand a folder without a finished run is
answered by what the repository has published of the study of that name: means with intervals, records and the tables of
its questions, but not the table of every case.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import PUBLISHED_RECORDS, PUBLISHED_STUDIES, RUNS, StudyFolder
from spinelib.core.names import entry
from spinelib.runs.run import BY_HAND, Run
from spinelib.runs.tables import CASE_COLUMNS, OPTIONAL, TEXT

NO_CASES = "This needs the table of every case, which is not published."
Asked = TypeVar("Asked", bound=Collection[Any])


@dataclass(frozen=True)
class StudyTables:
    """The study that a notebook reads: its folder, and whether that is its published form."""

    folder: Path
    published: bool

    def table(self, question: str, name: str) -> pd.DataFrame:
        """The table `name` that the notebook `question` left, as published. Raises BadInput where it is not."""
        path = StudyFolder(self.folder).question(question).root / name
        if not path.exists():
            raise BadInput(path, "is not published", f"Run the study for it: make study STUDY={self.folder.name}.")
        return read_published(path)

    def kept(self, question: str, *names: str) -> list[pd.DataFrame]:
        """Those of some tables of a question that are published; none of a study that has run here."""
        folder = StudyFolder(self.folder).question(question).root
        return [read_published(folder / name) for name in names if self.published and (folder / name).exists()]

    def rows(self, question: str, name: str, dataset: str, recipe: str = "") -> pd.DataFrame:
        """The rows of one data set (and recipe, where given) in a published table; none where that is not published."""
        for table in self.kept(question, name):
            chosen = (table["dataset"] == dataset) & (not recipe or table["recipe"] == recipe)
            return table[chosen].reset_index(drop=True)
        return pd.DataFrame()

    def by_case(self, asked: Asked) -> Asked:
        """`asked` where every case is known; of a published study nothing of it, and a sentence that says why."""
        if not self.published or not asked:
            return asked
        print(NO_CASES)
        return type(asked)()


def study_tables(run: Run, results: Path | str = "") -> StudyTables:
    """The tables that the notebook of `run` reads of the study in `results` (empty: its parameter of that name).

    Where these are published ones, a sentence says so. A study that has neither is left for its reader to refuse.
    """
    folder = Path(results or run.parameters["results"])
    kept = folder.parent / PUBLISHED_STUDIES / folder.name
    ran = StudyFolder(folder).cases.exists()
    if run.identity["study"] != BY_HAND or ran or not is_published(kept):
        return StudyTables(folder, is_published(folder))
    where = f"tables published of it in {kept.as_posix()}, which do not hold every case"
    print(f"No run of the study {folder.name} has finished here: this page reads the {where}.")
    return StudyTables(kept, True)


def is_published(folder: Path | str) -> bool:
    """Whether a folder holds the published form of a study."""
    return (Path(folder) / PUBLISHED_RECORDS).exists()


def published_records(folder: Path | str) -> dict[str, dict[str, Any]]:
    """The records of the finished runs of a published study by the name of the run, in the order of their names."""
    records = json.loads((Path(folder) / PUBLISHED_RECORDS).read_text(encoding="utf-8"))
    runs = {place.partition("/")[2]: record for place, record in records.items() if place.startswith(f"{RUNS}/")}
    return {name: runs[name] for name in sorted(runs) if runs[name].get("status") == "finished"}


def read_published(path: Path) -> pd.DataFrame:
    """A published table, text kept as text: an empty cell of it is ''."""
    rows = pd.read_csv(path, dtype=TEXT)
    words = [str(name) for name in rows if not pd.api.types.is_numeric_dtype(rows[name])]
    return rows.assign(**{name: rows[name].fillna("") for name in words})


def record_rows(folder: Path | str) -> pd.DataFrame:
    """A case table of a published study that says what its runs are and holds no value: a row a run and data set."""
    rows = []
    for name, record in published_records(folder).items():
        given = {"recipe": "common", "width": 1.0, "seed": 0, "fold": 0, **record["parameters"]}
        method, variant = entry(given)
        own = {"run": name, "method": method, "variant": variant, "split": "test", "value": np.nan, "status": "absent"}
        kept = {key: given[key] for key in ("study", "trained_on", "recipe", "width", "seed", "fold")}
        rows += [{**OPTIONAL, **kept, **own, "dataset": data} for data in given["tested_on"]]
    table = pd.DataFrame(rows).reindex(columns=CASE_COLUMNS)
    return table.fillna(dict.fromkeys(TEXT, "")).astype({"width": float})
