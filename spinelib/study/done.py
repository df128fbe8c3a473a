"""Whether a study has nothing to do, told without starting Snakemake.

What depends on what is said in the Snakefile alone (C, our choice). When Snakemake has left every run and question
finished, a stamp records its inputs (the plan, cells of notebooks, files given to runs, study file, Snakefile, profile,
code and versions of packages) and the files in the study's folder, as sizes and times. While all of that is unchanged,
Snakemake is not started; any difference starts it, also a file that was added or removed. Files that a study's data are
prepared from are looked at elsewhere, since no rule looks at them (`spinelib.study.changes`).
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib import metadata
from pathlib import Path

from spinelib.core.files import digest, write_text
from spinelib.core.shipped import shipped
from spinelib.runs.cells import cells_digest
from spinelib.runs.given_files import files_given
from spinelib.runs.machine import versions
from spinelib.study.jobs import REPORTS, Study

PACKAGE = Path(__file__).parents[1]
PROFILES = Path("profiles")
# Where Snakemake marks outputs that it has begun and not finished, of any study here.
UNFINISHED = Path(".snakemake") / "incomplete"
CACHES = ("__pycache__", ".mypy_cache", ".ruff_cache")


def profile_folder(name: str) -> Path:
    """The folder of a Snakemake profile: ``profiles/name`` of the current folder, else the project's own."""
    own = PROFILES / name
    return own if own.is_dir() else shipped(PROFILES.name, name)


def basis(study: Study, profile: str) -> str:
    """A digest of all that decides what is to be done, but for the study's folder; '' when some of it is missing.

    To be taken before Snakemake starts: what changes while it runs must count as changed.
    """
    jobs = (*study.runs.values(), *study.questions.values())
    files = [study.file, shipped("Snakefile")]
    try:
        packages = {**versions(), "snakemake": metadata.version("snakemake")}
        given = (path for job in jobs for path in files_given(job.parameters, REPORTS))
        looked = [*files, *dict.fromkeys(given), *_below(profile_folder(profile)), *_below(PACKAGE)]
        cells = (cells_digest(notebook) for notebook in dict.fromkeys(job.notebook for job in jobs))
        return digest(repr(study), profile, json.dumps(packages), *cells, _looks(looked))
    except (OSError, metadata.PackageNotFoundError):
        return ""


def is_done(study: Study, before: str) -> bool:
    """Whether nothing has changed since `keep`; `before` is today's `basis`. False whenever that is not certain."""
    try:
        kept = json.loads(study.files.stamp.read_text(encoding="utf-8"))
        begun = any(path.is_file() for path in UNFINISHED.rglob("*"))
        return bool(before) and not begun and kept == {"basis": before, "folder": _contents(study)}
    except (OSError, ValueError):
        return False


def keep(study: Study, before: str) -> None:
    """Leave the stamp of a study in which everything has finished; `before` is the `basis` that it began with.

    None is left where something cannot be read, such as a link to nowhere.
    """
    with suppress(OSError):
        if before:
            write_text(study.files.stamp, json.dumps({"basis": before, "folder": _contents(study)}) + "\n")


def forget(study: Study) -> None:
    """Remove the stamp, before anything is done that may be interrupted."""
    study.files.stamp.unlink(missing_ok=True)


def _contents(study: Study) -> str:
    # Written by any call, whatever it finds; what a record of a source says is looked at before.
    own = {study.files.stamp, study.files.lock, study.files.log}
    own |= {study.files.data(name).source for name in study.data}
    return digest(_looks(path for path in _below(study.folder) if path not in own))


def _looks(files: Iterable[Path]) -> str:
    """Path, size and time of change of every file, one a line."""
    states = ((path.as_posix(), path.stat()) for path in files)
    return "\n".join(f"{name} {state.st_size} {state.st_mtime_ns}" for name, state in states)


def _refuse(error: OSError) -> None:
    raise error


def _below(folder: Path) -> Iterator[Path]:
    """Every file in `folder` and the folders in it, in the order of their names, but for caches of tools."""
    for where, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        folders[:] = sorted(name for name in folders if name not in CACHES)
        yield from (Path(where) / name for name in sorted(names))
