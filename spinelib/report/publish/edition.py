"""The files that one study publishes, by path, and what is left out, by reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from spinelib.core.layout import JOB_KINDS, QUESTIONS, RUNS, StudyFolder
from spinelib.report.publish.origin import all_made, is_made, own_images
from spinelib.report.publish.pictures import Gallery, Level, PictureSource
from spinelib.report.publish.private import DATA, private_words
from spinelib.runs.state import RunState, read_state

MEBI = 1024 * 1024
FILE_LIMIT = MEBI
OVER = "files of more than 1 MiB"
SOURCE = re.compile(r"\bsource .*", re.DOTALL)
UNTOLD = "its message may name other people's films and is not published"
WHOLE = re.compile(r"-s\d+-f\d+$")  # how the name of a run ends: seed and fold


@dataclass
class FinishedStudy:
    """A study's folder, its facts (``study.json``), and of every run and question the state and where it lies."""

    folder: Path
    facts: dict[str, Any]

    def __post_init__(self) -> None:
        ids = {kind: [str(plan["id"]) for plan in self.facts.get(kind, [])] for kind in JOB_KINDS}
        study = StudyFolder(self.folder)
        self.states: dict[str, dict[str, RunState]] = {
            kind: {name: read_state(study.job(kind, name).root) for name in ids[kind]} for kind in JOB_KINDS
        }
        self.made = all_made(self.facts)
        every = {f"{kind}/{name}": r for kind in self.states for name, r in self.records(kind).items()}
        self.private = private_words(self.folder, self.facts, every)
        self.facts = {**self.facts, "data": {k: _options(str(v)) for k, v in self.facts.get("data", {}).items()}}

    def state(self, kind: str, name: str) -> RunState:
        """The state as it may be told: not where other people's films lie, nor which of them a run failed on."""
        state = self.states[kind][name]
        given = state.record.get("parameters")
        if isinstance(given, dict) and given.get("source"):
            state = replace(state, record={**state.record, "parameters": {**given, "source": DATA}})
        if not state.error or own_images(self.states[kind][name].record, self.facts):
            return state
        told = f"{state.error.partition(':')[0]}: {UNTOLD}" if state.error.partition(":")[0].isidentifier() else UNTOLD
        return replace(state, record={**state.record, "error": told})

    def records(self, kind: str, status: str = "") -> dict[str, Mapping[str, Any]]:
        """run.json or failure.json of what has one, by its id; of one status if it is given."""
        states = {name: self.state(kind, name) for name in self.states[kind]}
        return {name: state.record for name, state in states.items() if state.record and status in ("", state.status)}

    def sources(self, every: bool) -> list[PictureSource]:
        """All that may have a page, questions first; of runs alike but for seed and fold the first, unless `every`."""
        first: dict[str, str] = {}
        for name in self.states[RUNS]:
            first.setdefault(name if every else WHOLE.sub("", name), name)
        chosen = [*((QUESTIONS, name) for name in self.states[QUESTIONS]), *((RUNS, n) for n in first.values())]
        return [self._source(kind, name) for kind, name in chosen]

    def _source(self, kind: str, name: str) -> PictureSource:
        own = own_images(self.states[kind][name].record, self.facts)
        return PictureSource(StudyFolder(self.folder).job(kind, name).root, f"{kind}/{name}", own)

    def clean(self, text: str) -> str:
        """`text` without other people's names, and without the folders of this machine."""
        return self.private.clean(text)


def _options(text: str) -> str:
    """Options of data in words, without their source; whatever follows it may be part of its name."""
    return SOURCE.sub(f"source {DATA}", text) if not is_made(text) else text


@dataclass
class Edition:
    """The files to publish, the pictures of their pages, and what is left out, by reason."""

    level: Level
    files: dict[str, bytes] = field(default_factory=dict)
    left: dict[str, list[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.gallery = Gallery(self.level)

    def tell(self, reason: str, what: str) -> None:
        """Record something that is left out."""
        self.left.setdefault(reason, []).append(what)

    def add(self, path: str, text: str) -> None:
        """Publish a text, unless it is too large."""
        data = text.encode()
        if len(data) >= FILE_LIMIT:
            self.tell(OVER, f"{path} ({len(data) / MEBI:.1f} MiB)")
        else:
            self.files[path] = data

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(map(len, self.files.values()))
