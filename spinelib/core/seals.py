"""Seals: digests kept beside what they stand for, so that a file that was damaged or edited is noticed.

A record (a dict of JSON values) carries its own; `SEAL` in a folder, or a record's "files", stands for files beside it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import RECORD, SEAL

# Files above this size that look as they did (size and time of change) are not read again; bytes.
LARGE = 4 * 2**20
OWN, FILES = "seal", "files"
Marks = Mapping[str, Mapping[str, Any]]


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """`record` of JSON values with its seal as the last value."""
    return {**record, OWN: _digest(record)}


def unbroken(record: dict[str, Any]) -> bool:
    """Take the seal off a record read back; whether the record is what was sealed.

    One without a seal, of an earlier version, is taken as it is.
    """
    seal = record.pop(OWN, None)
    return seal in (None, _digest(record))


def _digest(record: Mapping[str, Any]) -> str:
    return digest(json.dumps(record, sort_keys=True))


def marks_of(folder: Path, files: Iterable[Path]) -> dict[str, dict[str, Any]]:
    """Size in bytes, time of change in ns and digest of `files` in `folder`, by path within it."""
    return {path.relative_to(folder).as_posix(): _mark(path) for path in sorted(files)}


def _mark(path: Path) -> dict[str, Any]:
    state = path.stat()
    return {"size": state.st_size, "changed_ns": state.st_mtime_ns, "digest": digest(path)}


def changed(folder: Path, marks: Marks) -> list[str]:
    """Which of the files that `marks` stand for are gone or hold something else; large ones are read on suspicion."""
    return [name for name, mark in marks.items() if not _same(folder / name, mark)]


def _same(path: Path, mark: Mapping[str, Any]) -> bool:
    try:
        state = path.stat()
        if state.st_size != mark["size"]:
            return False
        as_it_was = state.st_size > LARGE and state.st_mtime_ns == mark["changed_ns"]
        return as_it_was or digest(path) == mark["digest"]
    except OSError:
        return False


def seal_files(folder: Path, files: Iterable[Path]) -> None:
    """Seal `files` in `folder`, in a file beside them."""
    record = sealed({FILES: marks_of(folder, files)})
    write_text(folder / SEAL, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def broken(folder: Path) -> list[str]:
    """Files of `folder` that are gone or not as its record or `seal_files` had them, a damaged seal itself among them.

    Nothing is said of a folder without either, nor of files that neither names.
    """
    found = []
    for seal in (RECORD, SEAL):
        record = read_sealed(folder / seal) if (folder / seal).exists() else {}
        found += [seal] if record is None else changed(folder, record.get(FILES, {}))
    return found


def check_unchanged(path: Path, folder: Path | None = None) -> None:
    """Raise BadInput for a file that is not as it was sealed in `folder` (None: its own) or by the run's record there.

    A file that nothing was sealed of, as of an earlier version, is taken as it is.
    """
    folder = folder or path.parent
    name = path.relative_to(folder).as_posix()
    for seal in (RECORD, SEAL):
        marks = _marks(folder / seal)
        if name in marks and not _same(path, marks[name]):
            remedy = "Run 'make study' again, or this notebook: what was damaged or edited is made anew."
            raise BadInput(path, "is not as it was written", remedy)


def read_sealed(path: Path) -> dict[str, Any] | None:
    """The JSON record in a file, without its seal; None where it cannot be read or is not as it was sealed."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and unbroken(found) else None


def _marks(path: Path) -> Marks:
    record = read_sealed(path) if path.exists() else {}
    if record is None:
        raise BadInput(path, "is damaged, or was edited", "Run 'make study' again, or this notebook: it is made anew.")
    found: Marks = record.get(FILES, {})
    return found
