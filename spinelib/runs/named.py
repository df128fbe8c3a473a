"""Which runs, questions and data a study names now: what else lies in its folder is of an earlier plan, and no result.

The plan is that of ``study.json``. A folder without one, as of runs made by hand, is taken with all that lies in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.layout import DATA, JOB_KINDS, RUNS, RunFolder, StudyFolder
from spinelib.runs.published import is_published, published_records
from spinelib.runs.state import read_state


def finished_runs(results: Path | str) -> Iterator[tuple[RunFolder, dict[str, Any]]]:
    """Folder and record of every finished run that the study in `results` names, in the order of their names.

    Of a published study the folders hold pages alone. Raises BadInput for a plan that cannot be read.
    """
    if is_published(results):
        yield from ((StudyFolder(Path(results)).run(name), rec) for name, rec in published_records(results).items())
        return
    for path in named_folders(results, RUNS):
        state = read_state(path)
        if state.status == "finished":
            yield RunFolder(path), state.record


def named_folders(results: Path | str, kind: str) -> list[Path]:
    """The folders of `kind` (runs, questions or data) that the study names, in the order of their names."""
    plan, found = _plan(Path(results)), _folders(Path(results), kind)
    return [path for path in found if kind not in plan or path.name in plan[kind]]


def left_over(results: Path | str) -> list[str]:
    """Folders of runs, questions and data that the study does not name any more, as ``runs/NAME``."""
    plan = _plan(Path(results))
    found = [(kind, path.name) for kind in sorted(plan) for path in _folders(Path(results), kind)]
    return [f"{kind}/{name}" for kind, name in found if name not in plan[kind]]


def _folders(results: Path, kind: str) -> list[Path]:
    return sorted(path for path in (results / kind).glob("*") if path.is_dir() and not path.name.startswith("."))


def _plan(results: Path) -> dict[str, set[str]]:
    """Names by kind; nothing for a kind of which nothing is said."""
    path = StudyFolder(results).facts
    try:
        facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(facts, dict):
            raise TypeError(type(facts).__name__)
        names = {kind: {str(job["id"]) for job in facts[kind]} for kind in JOB_KINDS if kind in facts}
        return names | ({DATA: set(facts[DATA])} if DATA in facts else {})
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        remedy = "Run make study again: it is written anew."
        raise BadInput(path, f"is no plan of a study ({type(error).__name__})", remedy) from error
