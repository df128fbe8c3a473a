"""What has changed since a study's data were prepared, and which of its jobs that makes stale.

Looked at once per call, by the process that starts the study: its jobs, wherever they run, prepare what is told to be
missing. A run's record says what its data held; a finished run whose data hold something else now is none.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.layout import CHECKPOINT, DataFolder
from spinelib.runs.data import source_of
from spinelib.runs.given_files import GIVEN, held_by
from spinelib.runs.state import read_state
from spinelib.sources import DATASETS
from spinelib.sources.record import Record, source_changes
from spinelib.study.damage import damaged_tables
from spinelib.study.folders import check_source, holds_files
from spinelib.study.jobs import REPORTS, Job, Study


@dataclass(frozen=True)
class Before:
    """Prepared data that are to be prepared again: a digest of what they held, and when they were prepared (ns)."""

    content: str
    made: int


def lost_sources(study: Study) -> list[str]:
    """Names of prepared data whose source is not there any more.

    Raises BadInput for the wrong path of data that were never prepared from it.
    """
    lost = []
    for name, options in study.data.items():
        source, data = source_of(options), study.files.data(name)
        if source is None:
            continue
        prepared = data.manifest.exists() and _options(data) == _plain(options)
        if prepared and not holds_files(source):
            lost.append(name)
        elif not prepared:
            # Folders of one's own alone may be packed.
            check_source(source, DATASETS[options["dataset"]].dims == 0)
    return lost


def find_changes(study: Study) -> dict[str, Before]:
    """Data that no longer are what their options and sources would give, by name; says so, a line for each.

    Their manifests are removed, so that they are prepared again. Raises BadInput for a source that cannot be read.
    """
    again = {}
    for name, options in study.data.items():
        data, source = study.files.data(name), source_of(options)
        why = _reason(data, options, source) if data.manifest.exists() else ""
        if why:
            print(f"  {name}: {why}; prepared again", flush=True)
            record = Record.read(data.root)
            again[name] = Before(record.content if record else "", data.manifest.stat().st_mtime_ns)
            data.manifest.unlink()
    return again


def _reason(data: DataFolder, options: dict[str, Any], source: Path | None) -> str:
    before, now = _options(data), _plain(options)
    if data.options.exists() and before != now:
        alike = isinstance(before, dict) and {**before, "source": ""} == {**now, "source": ""}
        return f"was prepared from {before.get('source', '')!r}" if alike else "was prepared with other options"
    damaged = damaged_tables(data)
    return damaged or (str(source_changes(data.root, source)) if source is not None else "")


def _options(data: DataFolder) -> Any:
    try:
        return json.loads(data.options.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _plain(options: dict[str, Any]) -> Any:
    return json.loads(json.dumps(options))


def keep_equal(study: Study, again: dict[str, Before]) -> None:
    """After `again` were prepared: where the same came of it nothing is newer than it was, and runs stay."""
    for name, before in again.items():
        data = study.files.data(name)
        record = Record.read(data.root) if data.manifest.exists() else None
        if record and before.content and record.content == before.content:
            os.utime(data.manifest, ns=(before.made, before.made))
            print(f"  {name}: the same came of it, its runs stay", flush=True)


def drop_stale(study: Study, again: Iterable[str] = ()) -> list[str]:
    """Remove the records of finished jobs whose data or given files are others now; gives their names, and says them.

    Questions that read data in `again` are asked again whatever came of it: they show what was found wrong with them.
    """
    states = {name: _state(study.files.data(name)) for name in study.data}
    jobs = (*study.runs.values(), *study.questions.values())
    others = {job.id: names for job in jobs if (names := _changed_for(job, states))}
    changed = {name for names in others.values() for name in names}
    made = {name for name in again if states[name]}
    given = {job.id for job in jobs if _given_others(job)}
    asked = {job.id for job in study.questions.values() if made & set(job.data)}
    stale = [job for job in jobs if job.id in {*others, *given, *asked}]
    stale = [job for job in stale if job.files.record.exists()]
    for job in stale:
        job.files.record.unlink()
    for job in study.runs.values():
        # What an interrupted training of the data as they were has left.
        if changed & set(job.data):
            for path in (job.files.checkpoint, *job.folder.glob(f"*/*/{CHECKPOINT}")):
                shutil.rmtree(path, ignore_errors=True)
    for what, ids in (("their data", {*others, *asked}), ("files given to them", given - {*others, *asked})):
        if said := [job.id for job in stale if job.id in ids]:
            print(f"  again, since {what} have changed: {', '.join(said)}", flush=True)
    return [job.id for job in stale]


def _given_others(job: Job) -> bool:
    """Whether a file that the finished `job` was given, of weights or masks, holds something else now."""
    record = read_state(job.folder).record if job.files.record.exists() else {}
    noted = record.get("facts", {}).get(GIVEN, {})
    now = held_by(job.parameters, REPORTS) if noted else {}
    return any(noted[name] != now[name] for name in noted if name in now)


def _state(data: DataFolder) -> Before | None:
    record = Record.read(data.root) if data.manifest.exists() else None
    return Before(record.content, data.manifest.stat().st_mtime_ns) if record else None


def _changed_for(job: Job, states: dict[str, Before | None]) -> list[str]:
    """Names of the data that hold something else than when the finished `job` read them."""
    record = read_state(job.folder).record if job.files.record.exists() else {}
    if not record:
        return []
    noted = record.get("facts", {}).get("prepared", {})
    made = job.files.record.stat().st_mtime_ns
    known = {name: state for name in job.data if (state := states.get(name))}
    # Runs of a version that noted nothing count by their time alone.
    return [name for name, now in known.items() if (noted[name] != now.content if noted.get(name) else now.made > made)]


def changed_meanwhile(study: Study) -> list[str]:
    """Names of data whose source is no longer what they were prepared from; says so. Jobs of this call read either."""
    found = []
    for name, options in study.data.items():
        data, source = study.files.data(name), source_of(options)
        if source is None or not data.manifest.exists():
            continue
        try:
            changes = (
                str(source_changes(data.root, source)) if holds_files(source) else "its folder is not there any more"
            )
        except BadInput as error:
            changes = str(error)
        if changes:
            print(f"  {name}: {changes}, while the study ran: run it again before you read a result", flush=True)
            found.append(name)
    return found
