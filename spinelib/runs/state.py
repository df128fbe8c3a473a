"""The state of a run, read from its folder alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from spinelib.core.files import write_text
from spinelib.core.layout import PREDICTIONS, RECORD, STAGES, RunFolder
from spinelib.core.seals import FILES, read_sealed, sealed
from spinelib.runs import lock

DAMAGED = f"{RECORD} is damaged, or was edited: the next 'make study' makes this anew"
# The error of a run that was asked to end, which is none of its own.
INTERRUPTED = "Interrupted"
# Endings of what a run leaves as its results.
KINDS = (".csv", ".json", ".safetensors", ".npz", ".png", ".webp")


@dataclass(frozen=True)
class RunState:
    """`status` (finished, failed, killed, running, interrupted, waiting), run.json or failure.json."""

    status: str
    record: dict[str, Any] = field(default_factory=dict)

    @property
    def error(self) -> str:
        """Last line of the error of a failed run, '' otherwise."""
        return str(self.record.get("error", ""))


def read_state(folder: Path) -> RunState:
    """The state of the run in `folder`; one whose record is damaged or was edited has failed."""
    files = RunFolder(folder)
    if lock.is_held(files.engine_lock) or lock.is_held(files.kernel_lock):
        return RunState("running")
    if files.record.exists():
        record = read_sealed(files.record)
        if record is None:
            return RunState("failed", {"status": "failed", "error": DAMAGED, "parameters": {}, "code": ""})
        record.pop(FILES, None)
        return RunState(str(record.get("status", "finished")), record)
    record = read_sealed(files.failure)
    if record:
        return RunState(str(record.get("status", "failed")), record)
    return RunState("interrupted" if files.notebook.exists() else "waiting")


def last_line(console: Path) -> str:
    """The last line a step printed, which names its error if it failed; words for a step that has not run."""
    text = console.read_text(encoding="utf-8", errors="replace").strip() if console.exists() else ""
    return text.splitlines()[-1] if text else "not prepared yet"


def write_failure(folder: Path, started: datetime, error: str, killed: bool, parameters: dict[str, Any]) -> None:
    """Leave failure.json: when, how long, with which parameters and why (`killed`: the kernel died)."""
    from spinelib.runs.machine import code

    record = {
        "status": "killed" if killed else "interrupted" if error == INTERRUPTED else "failed",
        "error": error,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(started.tzinfo) - started).total_seconds(), 1),
        "parameters": parameters,
        **code(),
    }
    write_text(RunFolder(folder).failure, as_text(record))


def as_text(record: dict[str, Any]) -> str:
    """A record as JSON with its seal."""
    plain = json.loads(json.dumps(record, default=_plain))
    return json.dumps(sealed(plain), indent=1, ensure_ascii=False) + "\n"


def _plain(value: Any) -> Any:
    """Numpy scalars and arrays, paths and sets as JSON values."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)


def results_of(folder: Path) -> list[Path]:
    """The files of a run that nothing writes any more once it has finished: tables, weights, figures, predictions."""
    files = RunFolder(folder)
    places = [folder, files.figures, *(folder / name for name in (PREDICTIONS, STAGES)), *folder.glob(f"{STAGES}/*")]
    found = (path for place in places for path in sorted(place.glob("*.*")) if path.is_file())
    return [path for path in found if path.suffix in KINDS and path not in (files.record, files.failure)]


def clear(folder: Path) -> None:
    """Remove the record of an earlier attempt, so that nothing old is taken for the new run's result."""
    files = RunFolder(folder)
    for path in (files.record, files.failure, files.cases):
        path.unlink(missing_ok=True)
    for path in files.figures.glob("*.*"):
        path.unlink()
