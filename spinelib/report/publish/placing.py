"""Put a publication in the place of the one before; what somebody else laid beside it stays."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path, PurePosixPath

from spinelib.core.errors import BadInput
from spinelib.core.layout import (
    HISTORY,
    INDEX,
    JOB_KINDS,
    PROTOCOL,
    PUBLISHED_RECORDS,
    PUBLISHED_RUNS,
    RECOMPUTED,
    SCORINGS,
    SECOND_RUN,
    STUDY_FACTS,
    SUMMARY_TABLE,
)

# What publications write: these files, and files with these endings below the folders of runs and questions.
OF_A_STUDY = {INDEX, STUDY_FACTS, PROTOCOL, SCORINGS, SECOND_RUN, PUBLISHED_RECORDS, PUBLISHED_RUNS, HISTORY}
OF_A_STUDY |= {SUMMARY_TABLE, RECOMPUTED}
ENDINGS = (".html", ".csv", ".json", ".png", ".webp")


def put_files(files: dict[str, bytes], into: Path) -> None:
    """Write all files beside `into`, then let the new folder take its place: whole or not at all.

    Files in `into` that no publication writes are kept. Raises BadInput where it cannot be written, and for a file of
    somebody else under the name of one of `files`.
    """
    new, old = (into.with_name(f".{into.name}.{uuid.uuid4().hex[:8]}") for _ in range(2))
    try:
        for path, data in files.items():
            (new / path).parent.mkdir(parents=True, exist_ok=True)
            (new / path).write_bytes(data)
        for path in foreign_files(into):
            _keep(into, new, path)
        if into.exists():
            into.rename(old)
        new.rename(into)
    except OSError as error:
        if old.exists() and not into.exists():
            old.rename(into)
        reason = f"cannot be written ({error.strerror or error})"
        raise BadInput(into, reason, "Free space on the disk or choose a folder you may write to.") from error
    finally:
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)


def foreign_files(folder: Path) -> list[str]:
    """Paths of the files and links in `folder` that no publication writes, in order; [] where it is not there."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_symlink() or not path.is_dir())
    paths = (path.relative_to(folder).as_posix() for path in found)
    return [path for path in paths if (folder / path).is_symlink() or not _is_written(PurePosixPath(path))]


def _is_written(path: PurePosixPath) -> bool:
    if len(path.parts) == 1:
        return path.name in OF_A_STUDY
    return path.parts[0] in JOB_KINDS and len(path.parts) > 2 and path.suffix in ENDINGS


def _keep(into: Path, new: Path, path: str) -> None:
    target = new / path
    if target.exists():
        raise BadInput(into / path, "is in the way of what is published", "Move it elsewhere.")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(into / path, target, follow_symlinks=False)
