"""What a data set was prepared from, so that a later call sees which files have changed since.

Every file of the source by its name, size, time of change and content. A file with the same name, size and time counts
as the same and is not read; where only the time is another, what it holds decides. Hidden files and what file managers
leave are not looked at, nor is the study's own folder where it lies in the source.
"""

from __future__ import annotations

import csv
import io
import json
import os
import stat
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

from spinelib.core.errors import BadInput
from spinelib.core.files import content_digest, digest, write_text
from spinelib.core.layout import AUDIT, MANIFEST, PROBLEMS, DataFolder

# Raised when the same files and options would be prepared otherwise: everything is then prepared again.
VERSION = 2
PASSED_OVER = ("thumbs.db", "desktop.ini")
TABLES = "*.csv"
# For people to read; one of them grows when films are read.
NOTES = (PROBLEMS, AUDIT)
COLUMNS = ("image", "mask", "landmarks")  # of the manifest, that name files
THREADS = 4

# Size in bytes, time of change in ns and digest of content; "" for what is no regular file.
Facts = tuple[int, int, str]


@dataclass(frozen=True)
class Record:
    """The source files of a data set by their relative names, its tables by digest, and a digest of all that it holds.

    content: over the manifest, the tables beside it and every file that the manifest names: what runs depend on.
    """

    version: int = 0
    files: Mapping[str, Facts] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    content: str = ""

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The record of the data prepared in `folder`; None where there is none that can be read."""
        try:
            found = json.loads(DataFolder(folder).source.read_text(encoding="utf-8"))
            files = {name: (int(facts[0]), int(facts[1]), str(facts[2])) for name, facts in found["files"].items()}
            return cls(int(found["version"]), files, dict(found["tables"]), str(found["content"]))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    @classmethod
    def of(cls, folder: Path, source: Path, files: Mapping[str, Facts]) -> Self:
        """The record of what has just been prepared in `folder` from `files` of `source` (see `file_facts`)."""
        files = {name: facts for name, facts in files.items() if not os.path.isabs(name)}
        files |= _outside(folder, source, files)
        tables = {path.name: content_digest(path) for path in sorted(folder.glob(TABLES)) if path.name not in NOTES}
        return cls(VERSION, files, tables, _content(folder, source, files, tables))

    def write(self, folder: Path) -> None:
        """Write it beside the manifest in `folder`. Raises BadInput."""
        text = json.dumps(asdict(self), indent=1) + "\n"
        write_text(DataFolder(folder).source, text)


@dataclass(frozen=True)
class Changes:
    """Names of source files that changed, are new or are gone since a data set was prepared; other reasons in words."""

    changed: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.changed or self.new or self.removed or self.other)

    def __str__(self) -> str:
        kinds = {"changed": self.changed, "new": self.new, "removed": self.removed}
        said = [f"{len(names)} {kind} ({_some(names)})" for kind, names in kinds.items() if names]
        return ", ".join([*said, *self.other])


def _some(names: tuple[str, ...], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", ..." if len(names) > most else "")


def file_facts(source: Path, own: Path, earlier: Mapping[str, Facts] | None = None) -> dict[str, Facts]:
    """Every file of `source` (a folder, or an archive) as it is now; `own` is the folder that is prepared.

    What has the size and time that `earlier` says is not read again. Raises BadInput for what cannot be read.
    """
    known = earlier or {}

    def facts(name: str, path: Path) -> Facts:
        try:
            state = path.stat()
            if not stat.S_ISREG(state.st_mode):
                return 0, 0, ""
            was = known.get(name)
            same = was is not None and was[:2] == (state.st_size, state.st_mtime_ns)
            mark = was[2] if was is not None and same else content_digest(path)
        except FileNotFoundError:
            return 0, 0, ""  # a link to nowhere
        except OSError as error:
            raise BadInput(path, f"cannot be read ({error.strerror})", "Make it readable, or take it away.") from error
        return state.st_size, state.st_mtime_ns, mark

    found = dict(_walk(source, own))
    # What a table of the source names elsewhere
    found |= {name: Path(name) for name in known if os.path.isabs(name) and os.path.lexists(name)}
    with ThreadPoolExecutor(THREADS) as pool:
        return dict(zip(found, pool.map(facts, found, found.values()), strict=True))


def _walk(source: Path, own: Path) -> Iterator[tuple[str, Path]]:
    """Relative names and paths of the files in `source`, links followed, each folder once."""
    if not source.is_dir():
        yield source.name, source
        return
    within = {own.resolve(), *own.resolve().parents} - {source.resolve(), *source.resolve().parents}
    seen: set[tuple[int, int]] = set()
    for where, folders, names in os.walk(source, onerror=_refuse, followlinks=True):
        here = Path(where)
        state = here.stat()
        again = (state.st_dev, state.st_ino) in seen
        seen.add((state.st_dev, state.st_ino))
        if again or here.resolve() in within:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower() not in PASSED_OVER:
                yield (here / name).relative_to(source).as_posix(), here / name


def _refuse(error: OSError) -> None:
    remedy = "Make it readable, or take it away."
    raise BadInput(error.filename or "a folder", f"cannot be read ({error.strerror})", remedy) from error


def source_changes(folder: Path, source: Path) -> Changes:
    """What has changed in `source` since the data in `folder` were prepared from it.

    Data prepared by a version that kept no record are taken as they are, and recorded, unless a file is newer than they
    are. Raises BadInput for a source that cannot be read.
    """
    record, manifest = Record.read(folder), DataFolder(folder).manifest
    if record is None:
        now = file_facts(source, folder)
        made = manifest.stat().st_mtime_ns
        newer = tuple(name for name, (_, time, _) in now.items() if time > made)
        if newer or DataFolder(folder).source.exists():
            damaged = () if newer else (f"{DataFolder(folder).source.name} is damaged",)
            return Changes(changed=newer, other=damaged)
        Record.of(folder, source, now).write(folder)
        return Changes()
    if record.version != VERSION:
        return Changes(other=("prepared by another version of this repository",))
    return _differences(record, file_facts(source, folder, record.files), folder)


def _differences(record: Record, now: Mapping[str, Facts], folder: Path) -> Changes:
    was = record.files
    changed = tuple(name for name in now if name in was and now[name][2] != was[name][2])
    edited = [name for name, mark in record.tables.items() if _mark(folder / name) != mark]
    if not changed and now.keys() == was.keys() and any(now[name] != was[name] for name in now):
        # Only touched: the next comparison need not read them again.
        Record(record.version, now, record.tables, record.content).write(folder)
    return Changes(
        changed,
        tuple(name for name in now if name not in was),
        tuple(name for name in was if name not in now),
        tuple(f"the prepared {name} was changed" for name in edited),
    )


def _mark(path: Path) -> str:
    return content_digest(path) if path.is_file() else ""


def _content(folder: Path, source: Path, files: Mapping[str, Facts], tables: Mapping[str, str]) -> str:
    """A digest of what a run can see of the data in `folder`: the tables, and the files that its manifest names.

    Where the source lies does not count: its films may move.
    """
    text, base = _manifest(folder), _base(source)
    known = {os.path.abspath(base / name): mark for name, (_, _, mark) in files.items()}
    parts = [text.replace(str(base.resolve()), "").replace(str(base), "")]
    parts += [f"{name} {mark}" for name, mark in tables.items() if name != MANIFEST]
    for name in _named(text):
        parts += [known.get(_place(file, source)) or _mark(file) for file in _inside(folder / name)]
    return digest(*parts)


def _outside(folder: Path, source: Path, files: Mapping[str, Facts]) -> dict[str, Facts]:
    """Facts of files that the manifest in `folder` names and that lie neither there nor among the source's `files`."""
    known = {os.path.abspath(_base(source) / name) for name in files}
    places = {_place(file, source) for name in _named(_manifest(folder)) for file in _inside(folder / name)}
    own = os.path.abspath(folder) + os.sep
    found = {place: (0, 0, "") for place in sorted(places - known) if not place.startswith(own)}
    return {name: facts for name, facts in file_facts(source, folder, found).items() if name in found} if found else {}


def _place(file: Path, source: Path) -> str:
    """The absolute path of a file, within `source` as that is spelled."""
    path = Path(os.path.abspath(file))
    base = _base(source).resolve()
    return os.path.abspath(_base(source) / path.relative_to(base)) if path.is_relative_to(base) else str(path)


def _base(source: Path) -> Path:
    return source if source.is_dir() else source.parent


def _inside(path: Path) -> list[Path]:
    """The file at `path`, or all files of a folder, as of slices."""
    return sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]


def _manifest(folder: Path) -> str:
    path = folder / MANIFEST
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _named(manifest: str) -> list[str]:
    """Paths of images, masks and corners in a manifest's text, in its order."""
    rows = csv.DictReader(io.StringIO(manifest, newline=""))
    return list(dict.fromkeys(row[column] for row in rows for column in COLUMNS if row.get(column)))
