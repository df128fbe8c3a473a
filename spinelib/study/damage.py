"""What was damaged or edited since a study wrote it: named, and made anew like what is missing."""

from __future__ import annotations

import os
from pathlib import Path

from spinelib.core.seals import broken
from spinelib.study.jobs import Study

LARGE_RESULTS = (".safetensors", ".npz")


def renew(study: Study) -> list[str]:
    """Let all be made anew whose files are not as they were written; gives the names, and says them, a line for each.

    The record of a run or question is removed: what it depends on is read back where it is whole, its weights too.
    Tables of prepared data are put aside, with ``.old`` behind their names, for whoever edited them. Weights and
    predictions that somebody removed to save space are no damage.
    """
    found = []
    for name in study.data:
        data = study.files.data(name)
        wrong = _wrong(data.root, f"data '{name}'", "prepared again, what lies there now kept as .old")
        for file in (path for path in map(data.root.joinpath, wrong) if path.exists()):
            os.replace(file, file.with_name(f"{file.name}.old"))
        if wrong:
            data.manifest.unlink(missing_ok=True)
            found.append(name)
    for job in (*study.runs.values(), *study.questions.values()):
        if _wrong(job.folder, job.id, "made anew"):
            job.files.record.unlink()
            found.append(job.id)
    return found


def _wrong(folder: Path, name: str, instead: str) -> list[str]:
    wrong = [file for file in broken(folder) if (folder / file).exists() or Path(file).suffix not in LARGE_RESULTS]
    if wrong:
        several = ", ".join(wrong[:3]) + (f" and {len(wrong) - 3} more" if len(wrong) > 3 else "")
        print(f"  {name}: {several} damaged, edited or gone; {instead}", flush=True)
    return wrong
