"""Where a page stands in its study: what it is called, and the pages before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spinelib.core import names
from spinelib.core.layout import JOB_KINDS, PAGE


def page_title(heading: str, record: Mapping[str, Any], study: Mapping[str, Any]) -> str:
    """Title of a page: method and data of a run, else the notebook's heading; then the study.

    record: of the run; study: facts (``study.json``).
    """
    own = job_name(record) or heading
    return own if own == study["title"] else f"{own} · {study['title']}"


def job_name(record: Mapping[str, Any]) -> str:
    """What a run trained or used, on which data; '' for a question."""
    given = record.get("parameters")
    if not isinstance(given, Mapping) or not {"method", "variant", "trained_on"} <= set(given):
        return ""
    # Figures load pandas, and a page of a question needs none
    from spinelib.plots.style import short_label

    parts = [f"{short_label('/'.join(names.entry(given)))} on {given['trained_on']}"]
    parts += [f"{name} {given[name]}" for name in ("seed", "fold") if name in given]
    return ", ".join(parts)


def neighbours(folder: Path, study: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Words and links of the page before and the page after that of the run in `folder`, in the order of the plan.

    Nothing for a page outside any study; '' as a link at either end.
    """
    jobs = [(kind, str(job["id"])) for kind in JOB_KINDS for job in study.get(kind, [])]
    here = (folder.parent.name, folder.name)
    if not study.get("linked") or here not in jobs:
        return []
    place = jobs.index(here)
    around = [jobs[place - 1] if place else None, jobs[place + 1] if place + 1 < len(jobs) else None]
    return [(job[1], f"../../{job[0]}/{job[1]}/{PAGE}") if job else ("", "") for job in around]
