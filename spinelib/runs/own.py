"""Whether a folder is ours to clear and write: it is new or empty, or carries a record or lock of ours."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.core.layout import CONSOLE, DATA, JOB_KINDS, DataFolder, RunFolder, StudyFolder
from spinelib.core.seals import read_sealed


def check_own(folder: Path) -> None:
    """Raise BadInput for a folder that holds files and neither record nor lock of a run; nothing is written there.

    Notebooks and what the system hides do not count: no run removes them.
    """
    files = RunFolder(folder)
    if files.engine_lock.exists() or files.kernel_lock.exists():
        return
    for path in (files.record, files.failure):
        if {"status", "parameters"} <= (read_sealed(path) or {}).keys():
            return
    _check_empty(folder, "run", "Choose another folder as 'out', or an empty one.")


def check_own_data(folder: Path) -> None:
    """Raise BadInput for a folder that holds files and was not made for prepared data; nothing is written there."""
    if not DataFolder(folder).lock.exists():
        _check_empty(folder, "preparing", "Choose another 'out': its data go to the folder 'data' beside it.")


def check_own_study(folder: Path) -> None:
    """Raise BadInput for a folder with tables or pages of somebody else, where a study would write its own."""
    if not is_own_study(folder):
        remedy = "Give the study another name, or move that folder away."
        # What lies in these is looked at by those that write there.
        _check_empty(folder, "study", remedy, (DATA, *JOB_KINDS))


def is_own_study(folder: Path) -> bool:
    """Whether a study of ours has begun in a folder: only there anything of it may be kept."""
    files = StudyFolder(folder)
    return files.lock.exists() or files.facts.exists()


def _check_empty(folder: Path, maker: str, remedy: str, known: Collection[str] = ()) -> None:
    found = sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
    theirs = [name for name in found if not name.startswith(".") and not name.endswith(".ipynb")]
    theirs = [name for name in theirs if name not in (CONSOLE, *known)]
    if theirs:
        shown = ", ".join(theirs[:3]) + (f" and {len(theirs) - 3} more" if len(theirs) > 3 else "")
        raise BadInput(folder, f"is not empty ({shown}), and no {maker} of ours made it", remedy)
