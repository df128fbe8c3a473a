"""The course of a run's training as its folder keeps it: the one reader of ``history.csv``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from spinelib.core.layout import HISTORY
from spinelib.runs.published import is_published


def read_history(path: Path) -> pd.DataFrame:
    """One row per validation of the training whose history lies in `path`, oldest first; no row without the file.

    Columns are those of `spinelib.training.history`: losses in nat, seconds of the row. Of a published
    study one file has those of all runs. A pipeline has a course for each of its trainings, and gives no row.
    """
    table = pd.read_csv(path) if path.exists() else _published(path)
    return table.head(0) if "stage" in table else table


def _published(path: Path) -> pd.DataFrame:
    """The rows of a run in the one history of all runs that a published study has."""
    folder = path.parent
    study = folder.parents[1]
    if not is_published(study) or not (study / HISTORY).exists():
        return pd.DataFrame()
    rows = pd.read_csv(study / HISTORY, dtype={"run": str, "stage": str})
    own = rows[rows["run"] == folder.name].drop(columns="run").dropna(axis="columns", how="all")
    return own.reset_index(drop=True)
