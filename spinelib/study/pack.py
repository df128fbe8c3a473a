"""The finished runs of a study in one small file: what later questions need of them, neither weights nor pictures.

For machines that are taken away, and for sending: `spinelib study merge` takes the file like the folder of another
machine. (C, our choice) Left out is what can only be looked at, and weights, which are a hundred times as large as all
the rest: questions that ask the networks themselves answer for runs of this machine alone. Names of films are kept, as
tables of cases need them: what is made of films of one's own is as private as they are.
"""

from __future__ import annotations

import lzma
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.files import replace
from spinelib.core.layout import RECORD, RUNS, RunFolder, StudyFolder
from spinelib.core.seals import FILES, read_sealed
from spinelib.runs.named import finished_runs
from spinelib.runs.state import as_text
from spinelib.study.damage import damaged_results

# Endings of what stays, and of whole runs' files those of the study itself.
KEPT = (".csv", ".json", ".npz")
LEFT = "left_out"
LARGEST = 2**31  # bytes, unpacked


def pack_study(folder: Path, target: Path) -> list[str]:
    """Write the finished runs of the study in `folder`, ``reports/STUDY``, to the zip file `target`.

    It is written whole or not at all. Gives what was packed and left out, in sentences. Raises BadInput without a
    finished run, and for a target that is no zip file of such runs.
    """
    if target.exists() and not _is_pack(target):
        raise BadInput(target, "is there, and holds no runs of a study", "Give another name.")
    study, left, packed = StudyFolder(folder), list[str](), 0
    with replace(target, lasting=True) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_LZMA) as archive:
        for run, _ in finished_runs(folder):
            if wrong := damaged_results(run):
                left.append(f"left out: {run.root.name}, {wrong}")
            else:
                _add(archive, run)
                packed += 1
        if not packed:
            raise BadInput(folder, "holds no finished run", "Start the study there first.")
        for path in (study.facts, study.protocol, study.scorings):
            if path.exists():
                archive.write(path, path.name)
    size = target.stat().st_size / 1e6
    return [f"{packed} runs in {target}, {size:.2g} MB; without weights, notebooks and pictures", *left]


def _add(archive: zipfile.ZipFile, run: RunFolder) -> None:
    """Add a run, its record naming what it was left without."""
    record: dict[str, Any] = read_sealed(run.record) or {}
    files = record.get(FILES, {})
    kept = {name: mark for name, mark in files.items() if _stays(name) and (run.root / name).exists()}
    record |= {FILES: kept, LEFT: sorted(set(files) - set(kept))}
    archive.writestr(f"{RUNS}/{run.root.name}/{RECORD}", as_text(record))
    for name in kept:
        archive.write(run.root / name, f"{RUNS}/{run.root.name}/{name}")


def _stays(name: str) -> bool:
    path = PurePosixPath(name)
    return path.suffix in KEPT and path.parts[0] != RunFolder(Path()).figures.name


@contextmanager
def unpacked_runs(other: Path, beside: Path) -> Iterator[Path]:
    """`other` where it is a folder; the folder that the file of `pack_study` unpacks to, while the block runs.

    beside: the folder in which it may lie meanwhile. Raises BadInput for a file that is none, is damaged, holds paths
    that lead outside, or more than LARGEST.
    """
    if not other.is_file():
        yield other
        return
    if not _is_pack(other):
        raise BadInput(other, "holds no runs of a study", "Give a file that 'spinelib study pack' wrote.")
    place = beside if beside.is_dir() else None
    with tempfile.TemporaryDirectory(dir=place, prefix=".") as folder, zipfile.ZipFile(other) as archive:
        infos = archive.infolist()
        if any(PurePosixPath(one.filename).is_absolute() or ".." in one.filename.split("/") for one in infos):
            raise BadInput(other, "holds a path that leads outside", "Do not use it.")
        if sum(one.file_size for one in infos) > LARGEST:
            raise BadInput(other, "holds more than 2 GiB", "Merge the folder of the study instead.")
        try:
            archive.extractall(folder)
        except (zipfile.BadZipFile, lzma.LZMAError, EOFError, ValueError) as error:
            raise BadInput(other, f"is damaged ({error})", "Copy it again.") from error
        yield Path(folder)


def _is_pack(path: Path) -> bool:
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.startswith(f"{RUNS}/") and name.endswith(f"/{RECORD}") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False
