"""What a study leaves for its reader: its facts, its tables, the pages of its steps and its index."""

from __future__ import annotations

import json
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.study.jobs import Job, Study

PLAN = ("method", "variant", "trained_on", "seed", "fold")


def write_facts(study: Study) -> None:
    """Write ``study.json``, from which the pages know the study's words and its plan."""
    facts = {
        "name": study.name,
        "file": study.file.stem,
        "scale": study.scale,
        "title": study.title,
        "question": study.question,
        "banner": study.banner,
        "precision": study.precision,
        "linked": True,
        "data": {name: ", ".join(f"{k} {v}" for k, v in options.items()) for name, options in study.data.items()},
        "runs": [{"id": job.id, **{key: job.parameters[key] for key in PLAN}} for job in study.runs.values()],
        "questions": [{"id": job.id} for job in study.questions.values()],
    }
    write_text(study.files.facts, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")


def tables(study: Study) -> None:
    """Write the study's cases.csv and summary.csv from what has finished."""
    from spinelib.study.tables import write_tables

    write_tables([job.folder for job in (*study.runs.values(), *study.questions.values())], study.folder)


def pages(study: Study) -> None:
    """Write the pages that are missing or older than their run, then the index."""
    from spinelib.report.index import write_index
    from spinelib.report.page import write_page

    for job in (*study.runs.values(), *study.questions.values()):
        if _stale(job, study.files.protocol):
            write_page(job.folder)
    write_index(study.folder)


def show_index(study: Study) -> None:
    """Write the index of what has finished so far; where a step is just being written, the next index is whole."""
    from spinelib.report.index import write_index

    try:
        write_index(study.folder)
    except (BadInput, OSError, ValueError, LookupError) as error:
        print(f"  the index is as it was before, until the next step has ended ({error})", flush=True)


def _stale(job: Job, protocol: Path) -> bool:
    page = job.files.page
    sources = [job.files.notebook, job.files.record, job.files.failure, *([protocol] if page.exists() else [])]
    made = page.stat().st_mtime if page.exists() else 0.0
    return any(source.exists() and source.stat().st_mtime > made for source in sources)
