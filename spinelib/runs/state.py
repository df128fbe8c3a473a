"""The state of a run, read from its folder alone."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from spinelib.core.files import write_text
from spinelib.core.layout import RunFolder
from spinelib.runs import lock


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
    """The state of the run in `folder`; a broken or half-written file counts as absent."""
    files = RunFolder(folder)
    if lock.is_held(files.engine_lock) or lock.is_held(files.kernel_lock):
        return RunState("running")
    for path in (files.record, files.failure):
        record = _read(path)
        if record:
            return RunState(str(record.get("status", "finished")), record)
    return RunState("interrupted" if files.notebook.exists() else "waiting")


def last_line(console: Path) -> str:
    """The last line a step printed, which names its error if it failed; words for a step that has not run."""
    text = console.read_text(encoding="utf-8", errors="replace").strip() if console.exists() else ""
    return text.splitlines()[-1] if text else "not prepared yet"


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def write_failure(folder: Path, started: datetime, error: str, killed: bool, parameters: dict[str, Any]) -> None:
    """Leave failure.json: when, how long, with which parameters and why (`killed`: the kernel died)."""
    from spinelib.runs.machine import code

    record = {
        "status": "killed" if killed else "failed",
        "error": error,
        "started": started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(started.tzinfo) - started).total_seconds(), 1),
        "parameters": parameters,
        **code(),
    }
    write_text(RunFolder(folder).failure, json.dumps(record, indent=1, ensure_ascii=False) + "\n")


def clear(folder: Path) -> None:
    """Remove the record of an earlier attempt, so that nothing old is taken for the new run's result."""
    files = RunFolder(folder)
    for path in (files.record, files.failure, files.cases):
        path.unlink(missing_ok=True)
    for path in files.figures.glob("*.*"):
        path.unlink()
