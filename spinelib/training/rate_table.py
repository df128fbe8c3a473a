"""The table of a learning-rate search on disk: sealed, and taken from another training where the search is the same."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from spinelib.core import files

# Else a digest of digits alone would be read as a number.
TEXTS = {"searched_in": str, "identity": str, "digest": str}


def keep_rates(path: Path, table: pd.DataFrame) -> None:
    """Write the table with a digest of it in a last column."""
    sealed = table.assign(digest=files.digest(table.to_csv(index=False)))
    files.write_text(path, sealed.to_csv(index=False))


def kept_rates(paths: Iterable[Path], identity: str) -> pd.DataFrame | None:
    """The first of these tables that is of the search `identity`; None without one.

    One that is damaged or was edited is passed over, with a warning.
    """
    return next((table for path in paths if (table := _read(path, identity)) is not None), None)


def _read(path: Path, identity: str) -> pd.DataFrame | None:
    if not path.exists():
        return None
    try:
        table = pd.read_csv(path, float_precision="round_trip", dtype=TEXTS)
        own = table.drop(columns="digest")
        if not (own["identity"] == identity).all():
            return None
        if table["digest"].eq(files.digest(own.to_csv(index=False))).all():
            return own
    except (OSError, ValueError, KeyError):
        pass
    warnings.warn(f"{path}: is damaged, or was edited. The learning rate is searched again.", stacklevel=3)
    return None
