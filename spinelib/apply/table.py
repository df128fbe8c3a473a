"""The tables that applying a run leaves: results.csv, a row per film or volume, and corners.csv, a row per vertebra.

Masks, corners and mm count in pixels of the file; film_area is the film within it (top;left;height;width, px). A film
that could not be used has status ``failed`` with the file, the reason and a remedy. A film is done when its row
has status ``ok`` and the digests of the run and of the film's bytes, and its mask is there; it is not done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.measures.cobb.reading import Reading

OK, FAILED = "ok", "failed"
RESULTS, CORNERS = "results.csv", "corners.csv"
COLUMNS = (
    *("file", "status", "reason", "remedy", "remark", "mask", "height", "width", "slices", "film_area", "mm"),
    *("structures", "outlined", "an1", "an2", "an3", "cobb_status", "cobb_reason", "read_from", "vertebrae"),
    *("confidence", "network_an1", "network_an2", "network_an3", "run", "run_digest", "file_digest"),
)
CORNER_COLUMNS = ("file", "vertebra", "tl_x", "tl_y", "tr_x", "tr_y", "bl_x", "bl_y", "br_x", "br_y", "read_from")
WHOLE = ("height", "width", "slices", "outlined", "vertebrae")
NUMBERS = ("an1", "an2", "an3", "confidence", "network_an1", "network_an2", "network_an3")
Row = dict[str, Any]
BLOCK = 2**22


def file_digest(path: Path) -> str:
    """SHA-256 (16 hex digits) of the bytes of a film, or of the names and bytes of a folder of slices."""
    total = hashlib.sha256()
    for file in sorted(p for p in path.iterdir() if p.is_file()) if path.is_dir() else [path]:
        total.update(file.name.encode() if path.is_dir() else b"")
        with file.open("rb") as stream:
            while block := stream.read(BLOCK):
                total.update(block)
    return total.hexdigest()[:16]


def failed(name: str, error: BaseException) -> Row:
    """The row of a film that could not be used, whatever went wrong with it."""
    if isinstance(error, BadInput):
        return {"file": name, "status": FAILED, "reason": error.reason, "remedy": error.remedy}
    text = " ".join(str(error).split())[:120]
    reason = f"could not be outlined ({type(error).__name__}{': ' if text else ''}{text})"
    return {"file": name, "status": FAILED, "reason": reason, "remedy": "Export it again, or leave it out."}


def cobb_facts(reading: Reading | None) -> Row:
    """Columns of a row for a reading of Cobb angles, degrees; nothing where no spine was outlined."""
    if reading is None:
        return {}
    angles = {f"an{k}": round(float(a), 2) for k, a in enumerate(reading.angles, 1) if np.isfinite(a)}
    facts = {"cobb_status": reading.status, "cobb_reason": reading.reason, "read_from": reading.method}
    return {**angles, **facts, "vertebrae": len(reading.corners), "confidence": round(reading.confidence, 3)}


def vertebra_rows(name: str, reading: Reading | None) -> list[Row]:
    """A row for every vertebra of a reading, from the top; corners in px of the film."""
    corners: NDArray[np.floating] = np.empty((0, 4, 2)) if reading is None else reading.corners
    method = reading.method if reading else ""
    numbers = [np.round(quad.reshape(-1), 2).tolist() for quad in corners]
    return [dict(zip(CORNER_COLUMNS, [name, k, *quad, method], strict=True)) for k, quad in enumerate(numbers, 1)]


class ResultsTable:
    """The rows in the folder `out`, those of an earlier call among them."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.rows = {str(row["file"]): row for row in _read(out / RESULTS)}
        self.corners: dict[str, list[Row]] = {}
        for row in _read(out / CORNERS):
            self.corners.setdefault(str(row["file"]), []).append(row)

    def done(self, name: str, run_digest: str, digest: str) -> bool:
        """Whether an earlier call has outlined this very film with this very run."""
        row = self.rows.get(name, {})
        same = (row.get("status"), row.get("run_digest"), row.get("file_digest")) == (OK, run_digest, digest)
        return same and bool(row.get("mask")) and (self.out / str(row["mask"])).is_file()

    def put(self, row: Row, corners: Sequence[Row] = ()) -> None:
        """Replace the row of a film, or add it."""
        self.rows[row["file"]] = row
        self.corners[row["file"]] = list(corners)

    def keep(self, names: Sequence[str]) -> None:
        """Drop the rows of other films, and order the rest as `names`."""
        self.rows = {name: self.rows[name] for name in names if name in self.rows}
        self.corners = {name: self.corners.get(name, []) for name in self.rows}

    def write(self) -> pd.DataFrame:
        """Write both files, each whole or not at all; gives the results. Raises BadInput when that cannot be done."""
        results = _typed(pd.DataFrame(list(self.rows.values()), columns=list(COLUMNS)))
        corners = [row for rows in self.corners.values() for row in rows]
        write_text(self.out / RESULTS, results.to_csv(index=False))
        write_text(self.out / CORNERS, pd.DataFrame(corners, columns=list(CORNER_COLUMNS)).to_csv(index=False))
        return results


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    """Whole numbers and numbers as such, whether made now or read as text; everything else as text."""
    for name in table:
        if name in WHOLE + NUMBERS:
            values = pd.to_numeric(table[name], errors="coerce")
            table[name] = values.astype("Int64") if name in WHOLE else values.astype(float)
        else:
            table[name] = table[name].fillna("").astype(str)
    return table


def _read(path: Path) -> list[Row]:
    """Rows of an earlier call, as text; none where there is no table or somebody has changed its columns."""
    if not path.exists():
        return []
    wanted = COLUMNS if path.name == RESULTS else CORNER_COLUMNS
    try:
        found = pd.read_csv(path, dtype=str, keep_default_na=False)
    except (OSError, ValueError, UnicodeDecodeError):
        return []
    if tuple(found.columns) != wanted:
        return []
    return [dict(zip(wanted, row, strict=True)) for row in found.itertuples(index=False)]
