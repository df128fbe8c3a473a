"""How a study was conducted, as its index shows it: how often test films were scored, and in which number format."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spinelib.core.layout import JOB_KINDS, RUNS, StudyFolder
from spinelib.runs.scorings import ScoredSet, read_scorings, scored_sets
from spinelib.runs.state import RunState

# Sides of a split that chose neither weights nor anything else; films of the side "train" are shown beside them.
TRAINED_ON = "train"
States = Mapping[str, Mapping[str, RunState]]


@dataclass(frozen=True)
class Conduct:
    """sets: how often each side of each data set was scored; uncounted: runs of earlier versions, which noted nothing.

    lost: runs whose records hold scorings that somebody took out of the ledger, or changed there.
    formats: number formats of the finished runs, each with its runs, the most frequent first.
    """

    sets: list[ScoredSet]
    uncounted: list[str]
    lost: list[str]
    formats: list[tuple[str, list[str]]]

    @property
    def twice(self) -> bool:
        """Whether some run scored the same cases more than once."""
        return any(one.most > 1 for one in self.sets)


def read_conduct(folder: Path, states: States) -> Conduct:
    """How the study in `folder` was conducted; states: of its runs and questions, by kind and name."""
    ledger = read_scorings(StudyFolder(folder).scorings)
    rows = [row for row in ledger if row["split"] != TRAINED_ON]
    noted = {row["job"] for row in rows}
    finished = {name: state for name, state in states[RUNS].items() if state.status == "finished"}
    return Conduct(
        scored_sets(rows),
        [name for name in finished if f"{RUNS}/{name}" not in noted],
        [
            name
            for name, state in finished.items()
            if any(row not in ledger for row in state.record.get("scorings", ()))
        ],
        _formats(finished),
    )


def _formats(finished: Mapping[str, RunState]) -> list[tuple[str, list[str]]]:
    found: dict[str, list[str]] = {}
    for name, state in finished.items():
        used = (state.record.get("facts") or {}).get("precision")
        if used:
            found.setdefault(used, []).append(name)
    return sorted(found.items(), key=lambda one: -len(one[1]))


def training_commit(record: Mapping[str, Any]) -> str:
    """The commit that trained the weights of a run, 7 digits; of a record of earlier versions, that of the record."""
    made = record.get("trained")
    return str((record if made is None else made).get("commit", ""))[:7]


def codes_of(record: Mapping[str, Any]) -> tuple[str, str]:
    """Hashes of the code that trained a run's weights and of the code that scored them."""
    return str((record.get("trained") or record).get("code", "")), str(record["code"])


def uncommitted(states: States) -> list[str]:
    """Runs and questions, as ``runs/NAME``, some part of which was made by code that was not committed."""
    return uncommitted_records({f"{kind}/{n}": s.record for kind in JOB_KINDS for n, s in states[kind].items()})


def uncommitted_records(records: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """`uncommitted` by records of runs and questions, as ``runs/NAME``."""
    return [name for name, record in records.items() if changed_code(record)]


def changed_code(record: Mapping[str, Any]) -> bool:
    """Whether some part of what a record tells was made by code that was not committed."""
    parts: Iterable[Mapping[str, Any]] = (record, record.get("trained") or {}, *record.get("scorings", ()))
    return any(str(part.get("dirty", False)) == str(True) for part in parts)
