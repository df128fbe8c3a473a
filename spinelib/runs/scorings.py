"""The ledger of scorings: every time that cases were scored, by which job and commit; rows are added, never removed.

A test set is scored once where every network met it once. Whether that is so is counted here, not promised: a row is
written before the scores are, also for runs that fail afterwards. The table of a study lies in its folder and outlives
a run's folder that was deleted; a run made by hand has its own.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spinelib.core.csv_rows import read_table
from spinelib.core.files import write_text
from spinelib.core.layout import JOB_KINDS, SCORINGS_LOCK, RunFolder, StudyFolder
from spinelib.runs import lock, machine

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = ("when", "job", "dataset", "split", "cases", "digest", "commit", "code", "dirty")
PATIENCE = 600.0  # seconds that a job waits for another one to write its row


@dataclass(frozen=True)
class ScoredSet:
    """How often the cases of one side of one data set were scored.

    cases: how many of them, the most at once; jobs: runs and questions that scored them; times: scorings in all; most:
    by one job; commits: by which, in their order; changed: whether some of the code was not committed.
    """

    dataset: str
    split: str
    cases: int
    jobs: int
    times: int
    most: int
    commits: tuple[str, ...]
    changed: bool


def note_scoring(folder: Path, cases: pd.DataFrame, digests: Mapping[str, str]) -> None:
    """Add a row for every data set and side of the case table `cases` that the run in `folder` is about to write.

    digests: of the data sets, as the run read them. Raises BadInput where the ledger cannot be written.
    """
    path, job = _place(folder)
    code, now = machine.code(), datetime.now(UTC).isoformat(timespec="seconds")
    own = {"when": now, "job": job, **{name: code[name] for name in ("commit", "code", "dirty")}}
    single = cases[cases["case"] != "all"]
    counts = single.groupby(["dataset", "split"], sort=True)["case"].nunique().reset_index()
    rows = [
        {**own, "dataset": dataset, "split": split, "cases": found, "digest": digests.get(str(dataset), "")}
        for dataset, split, found in counts.itertuples(index=False)
    ]
    _add(path, rows)


def add_scorings(study: Path, rows: Sequence[Mapping[str, str]]) -> None:
    """Add rows of another ledger of the same study to the one in its folder `study`, but for those that it has."""
    path = StudyFolder(study).scorings
    # Two scorings within one second look alike: each row there stands for one of these.
    left = Counter(map(_mark, read_scorings(path)))
    new = []
    for row in rows:
        left[_mark(row)] -= 1
        new += [row] if left[_mark(row)] < 0 else []
    if new:
        _add(path, new)


def read_scorings(path: Path) -> list[dict[str, str]]:
    """The rows of a ledger, the first one first; none without one. Raises BadInput for what is no table."""
    if not path.exists():
        return []
    return read_table(path)


def scorings_of(folder: Path) -> list[dict[str, str]]:
    """The rows of the run in `folder`, the first one first."""
    path, job = _place(folder)
    return [row for row in read_scorings(path) if row["job"] == job]


def scored_sets(rows: Sequence[Mapping[str, str]]) -> list[ScoredSet]:
    """How often each side of each data set was scored, by the rows of a ledger; in the order of their names."""
    keys = sorted({(row["dataset"], row["split"]) for row in rows})
    return [_counted(*key, [row for row in rows if (row["dataset"], row["split"]) == key]) for key in keys]


def _mark(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(row.get(name) or "" for name in COLUMNS)


def _add(path: Path, rows: Sequence[Mapping[str, Any]]) -> None:
    held = path.with_name(SCORINGS_LOCK)
    lock.take(held, patience=PATIENCE)
    try:
        write_text(path, _text([*read_scorings(path), *rows]))
    finally:
        lock.release(held)


def _counted(dataset: str, split: str, rows: list[Mapping[str, str]]) -> ScoredSet:
    jobs = [row["job"] for row in rows]
    commits = tuple(dict.fromkeys(row["commit"] for row in rows if row["commit"]))
    most = max(jobs.count(job) for job in set(jobs))
    cases = max(int(row["cases"]) for row in rows)
    changed = any(row["dirty"] == str(True) for row in rows)
    return ScoredSet(dataset, split, cases, len(set(jobs)), len(rows), most, commits, changed)


def _place(folder: Path) -> tuple[Path, str]:
    """The ledger that the run in `folder` writes to, and the run's name in it."""
    folder = folder.resolve()
    if folder.parent.name in JOB_KINDS:
        return StudyFolder(folder.parent.parent).scorings, f"{folder.parent.name}/{folder.name}"
    return RunFolder(folder).scorings, folder.name


def _text(rows: Iterable[Mapping[str, Any]]) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()
