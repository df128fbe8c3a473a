"""The case table: one row per case, structure and metric, in the same columns for every study."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.errors import BadInput, closest
from spinelib.core.files import write_text
from spinelib.core.seals import check_unchanged

IDENTITY = ("study", "run", "dataset", "trained_on", "method", "variant", "recipe", "width", "seed", "fold")
CASE = ("split", "case", "patient", "view", "condition", "severity", "near_duplicate")
RESULT = ("structure", "metric", "value", "unit", "status")
CASE_COLUMNS = [*IDENTITY, *CASE, *RESULT]
STATUSES = ("ok", "empty_prediction", "empty_reference", "absent", "few_vertebrae", "out_of_range")
OPTIONAL: dict[str, Any] = {
    "condition": "none",
    "severity": 0,
    "near_duplicate": "",
    "unit": "",
    "status": "ok",
}
UNIQUE = ("run", "dataset", "split", "case", "view", "condition", "severity", "structure", "metric", "unit")
TEXT = {name: str for name in CASE_COLUMNS if name not in ("width", "seed", "fold", "severity", "value")}


def complete(rows: pd.DataFrame, identity: Mapping[str, Any], file: str | Path) -> pd.DataFrame:
    """`rows` with the run's identity and the usual defaults filled in, checked, in the order of CASE_COLUMNS.

    Raises BadInput for an unknown or missing column, an unknown status, a value that is no number or a row
    given twice.
    """
    filled = {**OPTIONAL, **{key: value for key, value in identity.items() if key in CASE_COLUMNS}}
    rows = rows.assign(**{key: value for key, value in filled.items() if key not in rows.columns})
    return check_cases(rows.fillna(OPTIONAL), file)


def check_cases(rows: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """`rows` in the order of CASE_COLUMNS; raises BadInput when they break the contract of the case table."""
    for name in rows.columns:
        if name not in CASE_COLUMNS:
            raise BadInput(file, f"unknown column '{name}'", closest(name, CASE_COLUMNS))
    missing = [name for name in CASE_COLUMNS if name not in rows.columns]
    if missing:
        raise BadInput(file, f"no column {', '.join(missing)}", "Every row names its case, structure and metric.")
    rows = rows[CASE_COLUMNS]
    for name in sorted(set(rows["status"]) - set(STATUSES)):
        raise BadInput(file, f"unknown status '{name}'", closest(name, STATUSES))
    if not pd.api.types.is_numeric_dtype(rows["value"]) and len(rows):
        raise BadInput(file, "a value is not a number", "Give numbers, and NaN only with status 'absent'.")
    unstated = rows["value"].isna() & (rows["status"] != "absent")
    twice = rows.duplicated(list(UNIQUE))
    for bad, reason, remedy in (
        (
            unstated,
            "NaN without status 'absent'",
            "A missed structure takes the stated penalty of its metric.",
        ),
        (twice, "a row is given twice", f"One row per {', '.join(UNIQUE)}."),
    ):
        if bad.any():
            row = rows[bad].iloc[0]
            where = f"case {row['case']}, {row['structure']}, {row['metric']}"
            raise BadInput(file, f"{reason} ({where})", remedy)
    return rows


def write_cases(rows: pd.DataFrame, path: Path) -> None:
    """Write a checked case table, whole or not at all; equal tables give equal files."""
    write_text(path, rows.to_csv(index=False))


def read_cases(path: Path) -> pd.DataFrame:
    """A case table, text kept as text (an empty cell is '').

    Raises BadInput when it breaks the contract, and when it is not as its run wrote it.
    """
    check_unchanged(path)
    try:
        rows = pd.read_csv(path, dtype=TEXT, keep_default_na=False, na_values={"value": ["", "nan", "NaN"]})
    except (OSError, ValueError) as error:
        reason = f"cannot be read as a case table ({error})"
        raise BadInput(path, reason, "Delete the folder of this run and start the study again.") from error
    return check_cases(rows, path)


def empty_cases() -> pd.DataFrame:
    """A case table without rows."""
    return pd.DataFrame(columns=CASE_COLUMNS)
