"""The folder that results go to: whose it is, and what of it somebody has changed by hand.

Nothing of the user's is lost: a folder that is not empty is taken only where an earlier call has left its record,
results of one source are never replaced by those of another, and a table that was edited since is kept under
another name before a new one is written.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import APPLIED

REMEDY = "Choose an empty or a new folder for the results."


class ResultsFolder:
    """The folder `out` of results of `source`, with the record of what was written to it. Raises BadInput."""

    def __init__(self, out: Path, source: Path, hash_patients: bool = False) -> None:
        self.out, self.source, self.hash_patients = out, source, hash_patients
        self.record = check_out(out, source)
        # Rows that name patients, or hide them, are not those that are asked for now.
        self.other_patients = bool(self.record) and self.record.get("hash_patients", False) != hash_patients

    def claim(self) -> None:
        """Write the record, so that a later call knows the folder again. Raises BadInput."""
        places: dict[str, Any] = {"source": str(self.source.resolve()), "beside": _beside(self.source, self.out)}
        places["hash_patients"] = self.hash_patients
        self.record = {"tables": {}, **self.record, **places}
        self._save()

    def know_classes(self, run: str, classes: tuple[str, ...]) -> None:
        """Note what the labels 1, 2, ... in the masks of a run mean; saved with the next table."""
        self.record.setdefault("classes", {})[run] = list(classes)

    def keep_edited(self, names: tuple[str, ...]) -> list[Path]:
        """Copies of those tables that somebody has changed since they were written, beside them."""
        kept = []
        for path in (self.out / name for name in names):
            known = self.record.get("tables", {}).get(path.name)
            # Of a record that was damaged nothing is known: what lies there is kept.
            if path.is_file() and digest(path) not in (known or ()):
                copy = path.with_name(f"{path.stem}.edited-{digest(path)[:8]}{path.suffix}")
                if not copy.exists():
                    shutil.copyfile(path, copy)
                    kept.append(copy)
        return kept

    def write(self, name: str, text: str) -> None:
        """Write a table of results, whole or not at all. Raises BadInput."""
        tables = self.record.setdefault("tables", {})
        # A call may be killed between the two writings: the record then knows both states of the table.
        tables[name] = [*tables.get(name, [])[-1:], digest(text)]
        self._save()
        write_text(self.out / name, text)

    def trusted(self, name: str) -> bool:
        """Whether a table is as it was written."""
        known = self.record.get("tables", {}).get(name)
        return known is None or ((self.out / name).is_file() and digest(self.out / name) in known)

    def edited(self, mask: str) -> bool:
        """Whether a mask that an earlier call wrote holds something else now."""
        known = self.record.get("masks", {}).get(mask)
        return known is not None and (self.out / mask).is_file() and digest(self.out / mask) != known

    @contextmanager
    def mask(self, name: str) -> Iterator[Path]:
        """Where to write a mask; what lies there and is not what an earlier call wrote is kept under another name."""
        path, copy = self.out / name, None
        if path.is_file() and digest(path) != self.record.get("masks", {}).get(name):
            copy = path.with_name(f"{path.name.removesuffix(_ending(path))}.edited-{digest(path)[:8]}{_ending(path)}")
            shutil.copyfile(path, copy)
        yield path
        self.record.setdefault("masks", {})[name] = digest(path)
        # A call that was killed may have written the very same mask without noting it.
        if copy is not None and digest(copy) == digest(path):
            copy.unlink()

    def drop_mask(self, name: str) -> None:
        """Take away a mask that an earlier call wrote; one that was edited since stays."""
        if (self.out / name).is_file() and digest(self.out / name) == self.record.get("masks", {}).get(name):
            (self.out / name).unlink()
            del self.record["masks"][name]

    def _save(self) -> None:
        write_text(self.out / APPLIED, json.dumps(self.record, indent=1) + "\n")


def check_out(out: Path, source: Path) -> dict[str, Any]:
    """The record in `out`, {} in a new folder. Raises BadInput where results of `source` must not be written there."""
    if out.exists() and not out.is_dir():
        raise BadInput(out, "is a file, not a folder", REMEDY)
    there, films = out.resolve(), source.resolve()
    if there == films or there in films.parents:
        raise BadInput(out, f"is or holds the source {source}", REMEDY)
    if not out.is_dir():
        return {}
    record = read_owner(out)
    if record is None:
        # A lock alone says too little: studies and prepared data have one of this name, too.
        if any(not path.name.startswith(".") for path in out.iterdir()):
            raise BadInput(out, "is not empty, and no earlier call has left its record there", REMEDY)
        return {}
    if record and not _same(record, out, source):
        raise BadInput(out, f"holds the results of {record.get('source')}", REMEDY)
    return record


def read_owner(folder: Path) -> dict[str, Any] | None:
    """The record of results in `folder`: None without one, {} where it cannot be read."""
    try:
        found = json.loads((folder / APPLIED).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _ending(path: Path) -> str:
    return ".nii.gz" if path.name.endswith(".nii.gz") else path.suffix


def _same(record: dict[str, Any], out: Path, source: Path) -> bool:
    """Whether the record is of this source: at its path, or as it lies to the results where both were moved."""
    return str(source.resolve()) == record.get("source") or _beside(source, out) == record.get("beside")


def _beside(source: Path, out: Path) -> str:
    """The way from the results to the source, where both lie in one folder of the user; "" where they do not."""
    try:
        way = os.path.relpath(source.resolve(), out.resolve())
    except ValueError:
        return ""
    # From one corner of the disk to another it says no more than the path itself.
    return way if way.count("..") <= 1 else ""
