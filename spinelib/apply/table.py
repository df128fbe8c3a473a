"""The tables that reading leaves: results.csv, a row per film or volume, and corners.csv, a row per vertebra.

Masks, corners and mm count in pixels of the file; film_area is the film within it (top;left;height;width, px). A film
that could not be used has status ``failed`` with the file, the reason and a remedy. Where the network has a gate
(`spinelib.apply.gate`), a film or volume is ``doubtful`` with the reason, all else as for ``ok``, or ``refused``: no
mask, no angles, no vertebrae, the reason and a remedy. `confidence` is then the gate's, `reading_confidence` that of
the reading of the mask.
A film is done when its row has no other status than these and the digest of the film's bytes, and its mask is there,
unless it was refused; the same network with the same gate does not read it again.

pt_, mt_ and tl_ are the curves with their apex in the proximal thoracic, the main thoracic and the
thoracolumbar/lumbar spine (`spinelib.measures.cobb.regions`): angle in degrees, upper and lower end vertebra, apex, and
the side of the image to which it bulges.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.apply.film import OutlinedFilm
from spinelib.apply.find import Sources
from spinelib.apply.folder import ResultsFolder
from spinelib.apply.gate.judge import UNJUDGED, Judgement
from spinelib.apply.gate.record import DOUBTFUL, OK, REFUSED
from spinelib.cases.readers.landmarks import AXES
from spinelib.cases.volume import is_volume, volume_files
from spinelib.core.csv_rows import guarded, unguarded
from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.measures.cobb.clinical import REGIONS
from spinelib.measures.cobb.reading import Reading
from spinelib.measures.cobb.regions import level_names, levels_certain, regions_of

FAILED = "failed"
# What is shown with its outline.
SHOWN = (OK, DOUBTFUL, REFUSED)
REGION_COLUMNS = dict(zip(("pt", "mt", "tl"), REGIONS, strict=True))
CURVE_COLUMNS = ("angle", "upper", "lower", "apex", "convex")
RESULTS, CORNERS = "results.csv", "corners.csv"
COLUMNS = (
    *("file", "status", "reason", "remedy", "remark", "mask", "height", "width", "slices", "film_area", "mm"),
    *("structures", "outlined", "an1", "an2", "an3", "cobb_status", "cobb_reason", "read_from", "vertebrae"),
    *("confidence", "reading_confidence", "network_an1", "network_an2", "network_an3"),
    *(f"{region}_{what}" for region in REGION_COLUMNS for what in CURVE_COLUMNS),
    *("patient", "study_date", "laterality", "view_position", "accession"),
    *("network", "chosen_by", "network_digest", "file_digest"),
)
# in_mask: the number of a vertebra in the mask, where it shows them one by one.
CORNER_COLUMNS = ("file", "vertebra", *AXES, "read_from", "in_mask")
WHOLE = ("height", "width", "slices", "outlined", "vertebrae")
ANGLE_COLUMNS = ("an1", "an2", "an3", *(f"{region}_angle" for region in REGION_COLUMNS))
NUMBERS = (*ANGLE_COLUMNS, "confidence", "reading_confidence", "network_an1", "network_an2", "network_an3")
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
    facts = {"status": judgement.status, "reason": judgement.reason, "remedy": judgement.remedy}
    return facts | {"confidence": round(judgement.confidence, 3)}


def region_facts(reading: Reading | None) -> Row:
    """Columns of a row for the curves of a reading by region; nothing for a region without one."""
    found = {} if reading is None else regions_of(reading)
    row: Row = {}
    for short, region in REGION_COLUMNS.items():
        if curve := found.get(region):
            values = (round(curve.angle, 2), curve.upper, curve.lower, curve.apex, curve.side)
            row |= {f"{short}_{what}": value for what, value in zip(CURVE_COLUMNS, values, strict=True)}
    return row


def level_remark(reading: Reading | None) -> str:
    """What a reader should know of the names of levels; "" where they are certain, or there are none."""
    if reading is None or not reading.known or levels_certain(reading):
        return ""
    if reading.method != "vertebrae":
        return "levels are not certain: the vertebrae were not told apart, levels share the column evenly"
    return f"levels are not certain: {len(reading.corners)} vertebrae were found, numbered from the top"


def vertebra_rows(name: str, reading: Reading | None) -> list[Row]:
    """A row for every vertebra of a reading, from the top; corners in px of the film.

    17 vertebrae are called T1 to L5, others by their number from the top.
    """
    if reading is None:
        return []
    names = level_names(len(reading.corners))
    return [_vertebra(name, *each, reading.method) for each in zip(names, reading.corners, strict=True)]


def found_vertebrae(name: str, film: OutlinedFilm) -> list[Row]:
    """A row for every vertebra of a film, from the front or from the side, from the top."""
    side = [_vertebra(name, one.level, one.corners, "vertebrae", one.number) for one in film.side]
    return side or vertebra_rows(name, film.reading)


def _vertebra(name: str, level: Any, corners: NDArray[np.floating], method: str, number: int | str = "") -> Row:
    values = [name, level, *np.round(corners.reshape(-1), 2).tolist(), method, number]
    return dict(zip(CORNER_COLUMNS, values, strict=True))


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

    def done(self, name: str, digest: str) -> bool:
        """Whether an earlier call has outlined this very film; its row says with which network."""
        row = self.rows.get(name, {})
        if row.get("file_digest") != digest:
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
        self.folder.write(RESULTS, csv_text(results))
        self.folder.write(CORNERS, csv_text(pd.DataFrame(corners, columns=list(CORNER_COLUMNS))))
        return results


def csv_text(table: pd.DataFrame) -> str:
    """A table as CSV, whose names and words of others no spreadsheet runs as formulas."""
    return table.map(guarded).to_csv(index=False)


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
    return [dict(zip(wanted, map(unguarded, row), strict=True)) for row in found.itertuples(index=False)]
