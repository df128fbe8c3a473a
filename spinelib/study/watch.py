"""How far a study is, read from the files of its steps alone: what is done, what runs, what is still to come.

No step reports to the driver: jobs may run on other machines, and one that is killed says nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from spinelib.core.live import Live, read_live
from spinelib.runs.lock import is_held
from spinelib.study.jobs import Study

# Seconds of a core for a step that nobody has counted; the part of a step that can be done before it has ended.
USUAL_SECONDS, RUNNING_SHARE = 15.0, 0.9


@dataclass(frozen=True)
class StudyStep:
    """One of a study's data, runs or questions: the files that tell its state, and whether it is asked of the runs."""

    name: str
    kind: str
    folder: Path
    record: Path
    failure: Path | None
    locks: tuple[Path, ...]
    live: Path | None = None
    needs_runs: bool = False


@dataclass(frozen=True)
class Glance:
    """A study at one moment: of `total` steps those that have `finished` or `failed`, and those that run now, by name.

    work: seconds of a core that this call is expected to take in all, NaN where nobody can tell yet; done: of these.
    """

    total: int
    finished: frozenset[str]
    failed: frozenset[str]
    running: Mapping[str, Live | None]
    work: float
    done: float

    @property
    def ended(self) -> frozenset[str]:
        """Steps that are over, finished or failed."""
        return self.finished | self.failed


def steps_of(study: Study) -> Iterator[StudyStep]:
    """The steps of a study in the order in which they can run: data, runs, questions."""
    for name in study.data:
        data = study.files.data(name)
        yield StudyStep(f"data {name}", "data", data.root, data.manifest, None, (data.lock,))
    for job in (*study.runs.values(), *study.questions.values()):
        files, kind = job.files, "run" if job.id in study.runs else "question"
        locks = (files.engine_lock, files.kernel_lock)
        yield StudyStep(job.id, kind, job.folder, files.record, files.failure, locks, files.live, job.needs_runs)


class Watch:
    """Looks at a study again and again while it is brought up to date.

    weights: seconds of a core that steps are expected to take, by name; may be changed at any time.
    """

    def __init__(self, study: Study, weights: Mapping[str, float]) -> None:
        self.steps = {step.name: step for step in steps_of(study)}
        self.weights = dict(weights)
        files = [path for step in self.steps.values() for path in (step.record, step.failure) if path]
        self._before = {path: _written(path) for path in files}
        self._ours: set[str] = set()
        self._since: dict[str, float] = {}

    def look(self) -> Glance:
        """The study as it is now."""
        running = {name for name, step in self.steps.items() if any(map(_is_locked, step.locks))}
        self._ours |= running | {name for name, step in self.steps.items() if not step.record.exists()}
        if any(self.steps[name].kind == "run" for name in self._ours):
            self._ours |= {name for name, step in self.steps.items() if step.needs_runs}
        finished = frozenset(name for name in self.steps.keys() - running if self._has_finished(name))
        failed = frozenset(name for name in self.steps.keys() - running - finished if self._has_failed(name))
        told = {name: _told(self.steps[name]) for name in self.steps if name in running}
        self._since = {name: self._since.get(name, time.monotonic()) for name in told}
        work = {name: self.weights.get(name, USUAL_SECONDS) for name in self._ours}
        done = sum(weight if name in finished | failed else self._begun(name, told) for name, weight in work.items())
        return Glance(len(self.steps), finished, failed, told, sum(work.values()), done)

    def _begun(self, name: str, told: Mapping[str, Live | None]) -> float:
        """Seconds' worth of a step that has not ended: by what it tells, or the time that it has run, what is more."""
        if name not in told:
            return 0.0
        live, weight = told[name], self.weights.get(name, USUAL_SECONDS)
        ran = time.monotonic() - self._since[name]
        return min(RUNNING_SHARE * weight, max(ran, RUNNING_SHARE * weight * live.share if live else 0.0))

    def _has_finished(self, name: str) -> bool:
        """Whether there is a record; of a question about runs that are made in this call, a new one."""
        record = self.steps[name].record
        stands = name not in self._ours or not self.steps[name].needs_runs
        return record.exists() and (stands or self._is_new(record))

    def _has_failed(self, name: str) -> bool:
        # What failed in an earlier call is tried again.
        failure = self.steps[name].failure
        return failure is not None and self._is_new(failure)

    def _is_new(self, path: Path) -> bool:
        return _written(path) not in (None, self._before[path])


def _is_locked(lock: Path) -> bool:
    return lock.exists() and is_held(lock)


def _told(step: StudyStep) -> Live | None:
    return read_live(step.live) if step.live else None


def _written(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
