"""The manifest (one CSV row per image), the problems beside it, and both as typed rows."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from spinelib.core.csv_rows import read_table
from spinelib.core.errors import BadInput, printable
from spinelib.core.files import write_text
from spinelib.core.layout import CLASS_TABLE, FILE_TABLE, MANIFEST, PROBLEMS

VIEWS = ("coronal", "left_bending", "right_bending", "lateral", "sagittal", "other")
MODALITIES = ("xray", "mr", "rgb")
SPLITS = ("train", "test", "")


@dataclass(frozen=True)
class Case:
    """One image of one patient: a row of the manifest.

    `image`, `mask` and `landmarks` are paths, absolute or relative to the manifest's folder; `spacing` is mm per px
    (row, column) or None; `near_duplicate` names the near-duplicates of this image on the other side of the split, or
    where a source declares so, other films of its patient there.
    `study_date`, `laterality`, `view_position` and `accession` are what the image's header says, "" where it is silent.
    """

    case: str
    patient: str
    view: str
    image: str
    mask: str = ""
    landmarks: str = ""
    spacing: tuple[float, float] | None = None
    modality: str = "xray"
    split: str = ""
    near_duplicate: tuple[str, ...] = ()
    note: str = ""
    study_date: str = ""
    laterality: str = ""
    view_position: str = ""
    accession: str = ""


@dataclass(frozen=True)
class FileUse:
    """What became of one file of the user's: a row of files.csv."""

    file: str
    use: Literal["used", "ignored", "problem"]
    reason: str


@dataclass(frozen=True)
class Problem:
    """Something wrong with a label or a file, and what was done about it: a row of problems.csv."""

    case: str
    file: str
    problem: str
    remedy: str
    action: Literal["excluded", "repaired", "kept"]

    @classmethod
    def of(cls, case: str, error: BadInput, action: Literal["excluded", "kept"] = "excluded") -> Problem:
        """The row that says what `error` says."""
        return cls(case, error.file, error.reason, error.remedy, action)


COLUMNS = tuple(field.name for field in fields(Case))
# What a manifest of an earlier version lacks; read as "".
HEADER_COLUMNS = ("study_date", "laterality", "view_position", "accession")


def manifest_path(path: Path | str) -> Path:
    """The manifest's file, given that file or its folder."""
    path = Path(path)
    return path / MANIFEST if path.suffix.lower() != ".csv" else path


def read_manifest(path: Path | str) -> list[Case]:
    """Read the cases of a manifest (its file or folder), every field checked.

    Raises BadInput for a missing file, missing or unknown columns, a missing or repeated case id, or a field that
    holds none of its allowed values.
    """
    path = manifest_path(path)
    cases = [_case(path, line, row) for line, row in enumerate(_rows(path, COLUMNS, HEADER_COLUMNS), 2)]
    if not cases:
        raise BadInput(path, "lists no case", "Give at least one row below the header.")
    seen: dict[str, int] = {}
    for line, case in enumerate(cases, 2):
        if case.case in seen:
            reason = f"case {case.case!r} is in rows {seen[case.case]} and {line}"
            raise BadInput(path, reason, "Give every image its own case id.")
        seen[case.case] = line
    return cases


def write_manifest(cases: Iterable[Case], folder: Path | str) -> Path:
    """Write `folder`/manifest.csv, whole or not at all; gives its path. Raises BadInput when it cannot be written."""
    path = Path(folder) / MANIFEST
    _write(path, COLUMNS, [_fields(case) for case in cases])
    return path


def write_problems(problems: Iterable[Problem], folder: Path | str) -> Path:
    """Write `folder`/problems.csv, repeated rows once; gives its path."""
    path = Path(folder) / PROBLEMS
    columns = [field.name for field in fields(Problem)]
    _write(path, columns, [asdict(problem) for problem in dict.fromkeys(problems)])
    return path


def read_problems(folder: Path | str) -> list[Problem]:
    """The rows of `folder`/problems.csv; an empty list when there is no such file."""
    path = Path(folder) / PROBLEMS
    names = tuple(field.name for field in fields(Problem))
    return [Problem(**row) for row in _rows(path, names)] if path.exists() else []  # type: ignore[arg-type]


def write_file_uses(uses: Iterable[FileUse], folder: Path | str) -> Path:
    """Write `folder`/files.csv, one row per file of the user's; gives its path."""
    path = Path(folder) / FILE_TABLE
    _write(path, [field.name for field in fields(FileUse)], [asdict(use) for use in uses])
    return path


def read_file_uses(folder: Path | str) -> list[FileUse]:
    """The rows of `folder`/files.csv; an empty list when there is no such file. Raises BadInput."""
    path = Path(folder) / FILE_TABLE
    names = tuple(field.name for field in fields(FileUse))
    return [FileUse(**row) for row in _rows(path, names)] if path.exists() else []  # type: ignore[arg-type]


def write_classes(classes: Sequence[str], folder: Path | str) -> Path:
    """Write `folder`/classes.csv: the name of each label value, 1 upwards."""
    path = Path(folder) / CLASS_TABLE
    _write(path, ("label", "name"), [{"label": k, "name": name} for k, name in enumerate(classes, 1)])
    return path


def read_classes(folder: Path | str) -> tuple[str, ...]:
    """Names of the labels 1, 2, ... from `folder`/classes.csv; ("spine",) without that file. Raises BadInput."""
    path = Path(folder) / CLASS_TABLE
    if not path.exists():
        return ("spine",)
    rows = _rows(path, ("label", "name"))
    if [row["label"] for row in rows] != [str(k) for k in range(1, len(rows) + 1)] or not rows:
        raise BadInput(path, "labels are not 1, 2, 3, ...", "Number the classes from 1 without gaps.")
    return tuple(row["name"] for row in rows)


def to_table(cases: Sequence[Case]) -> pd.DataFrame:
    """The manifest's rows as text columns, with a RangeIndex."""
    return pd.DataFrame([_fields(case) for case in cases], columns=list(COLUMNS), dtype=str)


def _fields(case: Case) -> dict[str, str]:
    row: dict[str, Any] = asdict(case)
    row["spacing"] = ";".join(f"{mm:.6g}" for mm in case.spacing) if case.spacing else ""
    row["near_duplicate"] = ";".join(case.near_duplicate)
    return row


def _case(path: Path, line: int, row: dict[str, str]) -> Case:
    for name in ("case", "patient", "image"):
        if not row[name].strip():
            raise BadInput(path, f"row {line} has no {name}", f"Fill the column {name!r} in every row.")
    for name, allowed in (("view", VIEWS), ("modality", MODALITIES), ("split", SPLITS)):
        if row[name] not in allowed:
            words = ", ".join(word or "nothing" for word in allowed)
            raise BadInput(path, f"row {line} has {name} {row[name]!r}", f"Use one of: {words}.")
    near = tuple(name for name in row["near_duplicate"].split(";") if name)
    spacing = parse_spacing(row["spacing"], path, line)
    return Case(**{**row, "spacing": spacing, "near_duplicate": near})  # type: ignore[arg-type]


def parse_spacing(text: str, path: Path, line: int) -> tuple[float, float] | None:
    """Spacing in mm per px from "row;col" or one number for both; None for nothing. Raises BadInput."""
    if not text.strip():
        return None
    try:
        values = [float(part) for part in text.split(";")]
    except ValueError:
        values = []
    if len(values) not in (1, 2) or not all(0 < value < 100 for value in values):
        raise BadInput(path, f"row {line} has spacing {text!r}", 'Write "row;column" in mm per pixel, as "0.14;0.14".')
    return values[0], values[-1]


def _rows(path: Path, columns: Sequence[str], optional: Sequence[str] = ()) -> list[dict[str, str]]:
    rows = [dict.fromkeys(optional, "") | row for row in read_table(path)]
    header = list(rows[0]) if rows else list(columns)
    if set(header) != set(columns):
        missing, unknown = sorted(set(columns) - set(header)), sorted(set(header) - set(columns))
        reason = f"has columns missing ({', '.join(missing) or 'none'}) or unknown ({', '.join(unknown) or 'none'})"
        raise BadInput(path, reason, f"Use exactly the columns {', '.join(columns)}.")
    return rows


def _write(path: Path, columns: Sequence[str], rows: Iterable[dict[str, Any]]) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    # A name that is no UTF-8 must not keep the rows of all others from being written.
    writer.writerows({name: printable(str(value)) for name, value in row.items()} for row in rows)
    write_text(path, text.getvalue())
