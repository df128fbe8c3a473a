"""The tables that applying a run leaves: results.csv, a row per film or volume, and corners.csv, a row per vertebra.

Masks, corners and mm count in pixels of the file; film_area is the film within it (top;left;height;width, px). A film
that could not be used has status ``failed`` with the file, the reason and a remedy. Where the network has a gate
(`spinelib.apply.gate`), a film is ``doubtful`` with the reason, all else as for ``ok``, or ``refused``: no mask, no
angles, the reason and a remedy. `confidence` is then the gate's, `reading_confidence` that of the reading of the mask.
A film is done when its row has no other status than these and the digests of the run and of the film's bytes, and its
mask is there, unless it was refused; it is not done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.apply.find import Sources
from spinelib.apply.folder import ResultsFolder
from spinelib.apply.gate.judge import REMEDY, UNJUDGED, Judgement
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED
from spinelib.cases.volume import is_volume, volume_files
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.measures.cobb.reading import Reading

FAILED = "failed"
# What is shown with its outline.
SHOWN = (OK, DOUBTFUL, REFUSED)
RESULTS, CORNERS = "results.csv", "corners.csv"
COLUMNS = (
    *("file", "status", "reason", "remedy", "remark", "mask", "height", "width", "slices", "film_area", "mm"),
    *("structures", "outlined", "an1", "an2", "an3", "cobb_status", "cobb_reason", "read_from", "vertebrae"),
    *("confidence", "reading_confidence", "network_an1", "network_an2", "network_an3"),
    *("patient", "study_date", "laterality", "view_position", "accession", "run", "run_digest", "file_digest"),
)
CORNER_COLUMNS = ("file", "vertebra", "tl_x", "tl_y", "tr_x", "tr_y", "bl_x", "bl_y", "br_x", "br_y", "read_from")
WHOLE = ("height", "width", "slices", "outlined", "vertebrae")
NUMBERS = ("an1", "an2", "an3", "confidence", "reading_confidence", "network_an1", "network_an2", "network_an3")
EDITED = "its mask was edited since, and is kept; move it away to have the film outlined again"
Row = dict[str, Any]
BLOCK = 2**22


def file_digest(path: Path) -> str:
    """SHA-256 (16 hex digits) of the bytes of a film, or of the names and bytes of the files of a volume."""
    total = hashlib.sha256()
    several = is_volume(path)
    for file in volume_files(path) if several else [path]:
        total.update(file.name.encode() if several else b"")
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


def hashed(row: Row) -> Row:
    """Columns of a row that name its patient, the name replaced by a digest and the accession number left out."""
    patient = str(row.get("patient", ""))
    return {"patient": digest(patient) if patient else "", "accession": ""}


def file_table(found: Sources, rows: dict[str, Row]) -> pd.DataFrame:
    """Every file of a source, what became of it (used, ignored, problem) and why; columns file, use, reason."""
    images = [(name, rows[name]) for name in found.names if name not in set(found.slices.values())]
    images += [(name, rows[volume]) for name, volume in found.slices.items()]
    used = [(name, "used" if row["status"] in SHOWN else "problem", row.get("reason", "")) for name, row in images]
    ignored = [(name, "ignored", why) for name, why in found.ignored.items()]
    return pd.DataFrame(sorted([*used, *ignored]), columns=["file", "use", "reason"])


def cobb_facts(reading: Reading | None) -> Row:
    """Columns of a row for a reading of Cobb angles, degrees; nothing where no spine was outlined."""
    if reading is None:
        return {}
    angles = {f"an{k}": round(float(a), 2) for k, a in enumerate(reading.angles, 1) if np.isfinite(a)}
    facts = {"cobb_status": reading.status, "cobb_reason": reading.reason, "read_from": reading.method}
    sure = round(reading.confidence, 3)
    return {**angles, **facts, "vertebrae": len(reading.corners), "confidence": sure, "reading_confidence": sure}


def gate_facts(judgement: Judgement) -> Row:
    """Columns of a row for what a gate says; nothing without a gate."""
    if judgement is UNJUDGED:
        return {}
    remedy = REMEDY if judgement.status == REFUSED else ""
    sure = round(judgement.confidence, 3)
    return {"status": judgement.status, "reason": judgement.reason, "remedy": remedy, "confidence": sure}


def vertebra_rows(name: str, reading: Reading | None) -> list[Row]:
    """A row for every vertebra of a reading, from the top; corners in px of the film."""
    corners: NDArray[np.floating] = np.empty((0, 4, 2)) if reading is None else reading.corners
    method = reading.method if reading else ""
    numbers = [np.round(quad.reshape(-1), 2).tolist() for quad in corners]
    return [dict(zip(CORNER_COLUMNS, [name, k, *quad, method], strict=True)) for k, quad in enumerate(numbers, 1)]


class ResultsTable:
    """The rows in the folder `out`, those of an earlier call among them."""

    def __init__(self, folder: ResultsFolder) -> None:
        self.folder, self.out = folder, folder.out
        # Rows of a table that somebody has edited are theirs; the films are outlined again.
        whole = folder.trusted(RESULTS) and folder.trusted(CORNERS) and not folder.other_patients
        self.kept = folder.keep_edited((RESULTS, CORNERS))
        self.rows = {str(row["file"]): row for row in _read(self.out / RESULTS)} if whole else {}
        self.corners: dict[str, list[Row]] = {}
        for row in _read(self.out / CORNERS) if whole else []:
            self.corners.setdefault(str(row["file"]), []).append(row)

    def done(self, name: str, run_digest: str, digest: str) -> bool:
        """Whether an earlier call has outlined this very film with this very run."""
        row = self.rows.get(name, {})
        if (row.get("run_digest"), row.get("file_digest")) != (run_digest, digest):
            return False
        if row.get("status") == REFUSED:
            return True
        there = row.get("mask") and (self.out / str(row["mask"])).is_file()
        if row.get("status") not in (OK, DOUBTFUL) or not there:
            return False
        if self.folder.edited(str(row["mask"])):
            row["remark"] = EDITED
        return True

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
        self.folder.write(RESULTS, results.to_csv(index=False))
        self.folder.write(CORNERS, pd.DataFrame(corners, columns=list(CORNER_COLUMNS)).to_csv(index=False))
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
