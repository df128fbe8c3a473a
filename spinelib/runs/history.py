"""The course of a run's training as its folder keeps it: the one reader of ``history.csv``."""

from __future__ import annotations

from pathlib import Path

import pandas as pd


def read_history(path: Path) -> pd.DataFrame:
    """One row per validation of the training whose history lies in `path`, oldest first; no row without the file.

    Columns are those of `spinelib.training.history`: losses in nat, seconds of the row. A pipeline has a course for
    each of its trainings, and gives no row.
    """
    table = pd.read_csv(path) if path.exists() else pd.DataFrame()
    return table.head(0) if "stage" in table else table
