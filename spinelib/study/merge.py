"""Finished runs of the same study from another machine's folder, brought into this one.

The same study is one that agrees on the same comparisons, test sets and recipes (`spinelib.runs.frozen`); the same data
hold the same, file for file. Whatever differs is refused before anything is copied. A run comes whole, under its name
at once, or not at all; what has come stays when the rest is interrupted. Questions are not brought: the next start asks
them of all runs.
"""

from __future__ import annotations

import os
import shutil
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import CHECKPOINT, FAILURE, RunFolder, StudyFolder
from spinelib.runs import lock, machine
from spinelib.runs.data import content_of
from spinelib.runs.frozen import agreed_differences, keep_changes, last_agreement
from spinelib.runs.given_files import GIVEN
from spinelib.runs.named import finished_runs
from spinelib.runs.scorings import add_scorings, read_scorings
from spinelib.runs.state import read_state
from spinelib.study.agreed import recipe_of
from spinelib.study.damage import damaged_results
from spinelib.study.pack import unpacked_runs

# Where Snakemake keeps what it knows of an output: by that of an earlier attempt it would make the run again.
MARKS = (Path(".snakemake") / "incomplete", Path(".snakemake") / "metadata")
SHOWN = 3
Found = tuple[RunFolder, dict[str, Any]]


class Merged(NamedTuple):
    """What came of a merge, in sentences: on the runs that came, and on each that was left out."""

    said: list[str]
    left: list[str]


def merge_study(folder: Path, other: Path) -> Merged:
    """Bring the finished runs of the study in `other` that the one in `folder` lacks; gives what came of it.

    Both are folders ``reports/STUDY``; `other` may be a file of `spinelib.study.pack`. Raises BadInput for folders of
    studies that agree on something else, for runs of other data or recipes, naming what differs, for data that are not
    prepared here, and while the study runs here.
    """
    if folder.resolve() == other.resolve():
        raise BadInput(other, "is the folder that runs are to be brought into", "Name the other machine's.")
    with unpacked_runs(other, folder) as place:
        return _merge(folder, place, other)


def _merge(folder: Path, place: Path, other: Path) -> Merged:
    """Merge from the folder `place`, which is `other` or what it unpacks to."""
    here = StudyFolder(folder)
    _check_agreed(folder, place, other)
    lock.take(here.lock)
    try:
        found = sorted(finished_runs(place), key=lambda one: one[0].record.stat().st_mtime_ns)
        missing = [(run, record) for run, record in found if not here.run(run.root.name).record.exists()]
        _check_runs(here, other, missing)
        brought, left = _bring_all(here, missing)
        add_scorings(folder, read_scorings(StudyFolder(place).scorings))
        keep_changes(folder, place)
    finally:
        lock.release(here.lock)
    return Merged(_told(brought, len(found) - len(missing), other), left)


def _check_agreed(folder: Path, place: Path, other: Path) -> None:
    differences = agreed_differences(folder, place)
    if differences:
        remedy = "Bring both to the same study file and options, and start each once."
        raise BadInput(other, f"agrees on something else than {folder}: {_some(differences, '; ')}", remedy)


def _check_runs(here: StudyFolder, other: Path, runs: Sequence[Found]) -> None:
    """Raise BadInput for runs whose data or recipe are not those of the study here, all that differs in one message."""
    recipes, arrays = last_agreement(here.root)["recipes"], _arrays(here.root)
    wrong: Counter[str] = Counter()
    for run, record in runs:
        known = recipes.get(run.root.name)
        wrong.update(
            _other_recipe(record, known) if known is not None else [f"{run.root.name} is no run of this study"]
        )
        wrong.update(_other_data(here, record, arrays))
    if wrong:
        said = [f"{reason} ({count} runs)" if count > 1 else reason for reason, count in wrong.items()]
        remedy = "Make these runs anew there, or give both machines the same data."
        raise BadInput(other, f"holds runs that are not those of {here.root}: {_some(said, '; ')}", remedy)


def _other_recipe(record: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[str]:
    """Where the parameters of a run are others than the study's; those that its notebook lacked do not count.

    Files count by what they hold, wherever they lie; of a file that nothing was kept of nobody knows.
    """
    for name, value in recipe_of(record["parameters"], record["facts"].get(GIVEN, {})).items():
        if name in known and known[name] != value:
            yield f"{record['run']} was made with {name} {value!r}, and the study says {known[name]!r}"


def _arrays(folder: Path) -> dict[tuple[str, str], str]:
    """Digests of the data that the finished runs here have read, by name and grid."""
    return {key: mark for _, record in finished_runs(folder) for key, mark in _read_arrays(record)}


def _read_arrays(record: Mapping[str, Any]) -> Iterator[tuple[tuple[str, str], str]]:
    for name, about in record["facts"].get("data", {}).items():
        yield (name, str(record["parameters"].get("grid"))), str(about.get("digest", ""))


def _other_data(here: StudyFolder, record: Mapping[str, Any], arrays: Mapping[tuple[str, str], str]) -> Iterator[str]:
    """Which data of a finished run hold something else here, or are not prepared here."""
    facts = record["facts"]
    for name, mark in facts.get("manifests", {}).items():
        manifest = here.data(name).manifest
        if not manifest.exists():
            yield f"the data '{name}' are not prepared here: start the study here first"
            continue
        own, content = content_of(manifest), facts.get("prepared", {}).get(name, "")
        same = own == content if own or content else digest(manifest) == mark and _same_arrays(name, record, arrays)
        if not same:
            yield f"the data '{name}' hold something else"


def _same_arrays(name: str, record: Mapping[str, Any], known: Mapping[tuple[str, str], str]) -> bool:
    """Whether made data came out alike, as far as a run here has read them."""
    found = {key: mark for key, mark in _read_arrays(record) if key[0] == name}
    return all(known.get(key, mark) == mark for key, mark in found.items())


def _bring_all(here: StudyFolder, runs: Iterable[Found]) -> tuple[list[Found], list[str]]:
    brought, left = [], []
    for run, record in runs:
        target = here.run(run.root.name)
        if read_state(target.root).status == "running":
            left.append(f"left out: {run.root.name} runs here")
        elif wrong := damaged_results(run) or _bring(run, target, here.merging):
            left.append(f"left out: {run.root.name}, {wrong} in {run.root.parent}")
        else:
            brought.append((run, record))
    return brought, left


def _bring(run: RunFolder, target: RunFolder, staging: Path) -> str:
    """Copy a finished run beside the study's runs, look whether it came whole, then give it its name.

    Gives what came damaged, in words; '' for nothing. Raises BadInput where it cannot be written.
    """
    shutil.rmtree(staging, ignore_errors=True)
    new, old = RunFolder(staging / "new"), staging / "old"
    try:
        shutil.copytree(run.root, new.root, ignore=shutil.ignore_patterns(".*", CHECKPOINT, FAILURE))
        wrong = damaged_results(new)
        if wrong:
            return wrong
        # What came later than the data here is not made again, and what was asked before is asked anew.
        os.utime(new.record)
        _forget(target.record)
        target.root.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            target.root.rename(old)
        new.root.rename(target.root)
    except OSError as error:
        reason = f"cannot be brought in ({error.strerror or error})"
        raise BadInput(target.root, reason, "Free space on the disk, then give the same command again.") from error
    finally:
        shutil.rmtree(staging, ignore_errors=True)
    return ""


def _forget(record: Path) -> None:
    """Remove what Snakemake noted on an attempt at this run here; long names of its notes are in pieces."""
    home = record.resolve().parents[4]
    name = urlsafe_b64encode(record.resolve().relative_to(home).as_posix().encode()).decode()
    for place in MARKS:
        for path in (home / place).rglob("*"):
            parts = path.relative_to(home / place).parts
            if path.is_file() and "".join(part.removeprefix("@") for part in parts) == name:
                path.unlink()


def _told(brought: Sequence[Found], there: int, other: Path) -> list[str]:
    names = [run.root.name for run, _ in brought]
    lines = [f"{len(names)} runs brought in from {other}" + (f": {_some(names, ', ')}" if names else "")]
    lines += [f"{there} had finished here already and stay as they are"] if there else []
    codes = Counter(_code(record.get("trained") or record) for _, record in brought)
    lines += [f"made by {code}: {count} runs" for code, count in codes.items()]
    lines += [f"this copy of the project is {_code(machine.code())}; the next start asks the questions anew"] * bool(
        names
    )
    return lines


def _code(about: Mapping[str, Any]) -> str:
    changed = " with changes" if about.get("dirty") else ""
    return f"commit {about.get('commit') or 'unknown'}{changed}, code {about.get('code') or 'unknown'}"


def _some(words: Sequence[str], between: str) -> str:
    more = f" and {len(words) - SHOWN} more" if len(words) > SHOWN else ""
    return between.join(words[:SHOWN]) + more
