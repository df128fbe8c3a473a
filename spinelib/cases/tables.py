"""Tables that lie beside a manifest, as data frames in which a name is text whatever it looks like."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd

from spinelib.cases.manifest import COLUMNS
from spinelib.core.csv_rows import read_table

# Columns of names and words: those of the manifest, of problems, of pairs of films.
WORDS = frozenset({*COLUMNS, "file", "problem", "remedy", "action", "a", "b", "name", "structure", "structures"})
TRUTHS = {"True": True, "False": False}


def read_frame(path: Path) -> pd.DataFrame:
    """The table at `path`, empty where there is none: "007", "1e5" and "NA" stay such names, numbers become numbers.

    An empty field is "" in a column of words and NaN among numbers. Raises BadInput for what is no table.
    """
    if not path.exists():
        return pd.DataFrame()
    rows = read_table(path)
    table = pd.DataFrame(rows, columns=list(rows[0]) if rows else _header(path), dtype=str)
    for column in table.columns.difference(list(WORDS)):
        table[column] = _typed(table[column])
    return table


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(csv.reader(file), [])


def _typed(values: pd.Series) -> pd.Series:
    if set(values) <= set(TRUTHS):
        return values.map(TRUTHS).astype(bool)
    try:
        return pd.to_numeric(values)
    except ValueError:
        return values
