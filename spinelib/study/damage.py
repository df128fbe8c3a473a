"""What was damaged or edited since a study wrote it: named, and made anew like what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from spinelib.core.layout import DataFolder, RunFolder
from spinelib.core.seals import broken
from spinelib.study.jobs import Study

LARGE_RESULTS = (".safetensors", ".npz")


def renew(study: Study) -> list[str]:
    """Let every run and question be made anew whose files are not as they were written; gives and says their names.

    The record of a run or question is removed: what it depends on is read back where it is whole, its weights too.
    Weights and predictions that somebody removed to save space are no damage.
    """
    found = []
    for job in (*study.runs.values(), *study.questions.values()):
        wrong = damaged_results(job.files)
        if wrong:
            print(f"  {job.id}: {wrong}; made anew", flush=True)
            job.files.record.unlink()
            found.append(job.id)
    return found


def damaged_results(run: RunFolder) -> str:
    """Which files of a finished run or question are not as they were written, in words; '' for none."""
    files = [file for file in broken(run.root) if not _spared(run.root / file)]
    # The notebook is written after the record, and the page is made from it.
    if run.record.exists() and run.notebook.exists() and not _is_json(run.notebook):
        files.append(run.notebook.name)
    return _told(files)


def damaged_tables(data: DataFolder) -> str:
    """Which tables of prepared data are not as they were written, in words; '' for none.

    What lies there now is copied, with ``.old`` behind its name, for whoever edited it.
    """
    wrong = broken(data.root)
    for path in (data.root / name for name in wrong):
        if path.exists():
            shutil.copy2(path, path.with_name(f"{path.name}.old"))
    return _told(wrong, ", kept as .old")


def _is_json(path: Path) -> bool:
    try:
        json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _spared(path: Path) -> bool:
    return path.suffix in LARGE_RESULTS and not path.exists()


def _told(wrong: list[str], more: str = "") -> str:
    several = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
    return f"{several} damaged, edited or gone{more}" if wrong else ""
