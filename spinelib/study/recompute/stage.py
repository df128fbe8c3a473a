"""The index of a publication written anew from its own tables, records and pages."""

from __future__ import annotations

import base64
import json
import re
import tempfile
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from typing import Any

from spinelib.core.layout import (
    CAPTIONS,
    INDEX,
    INDEX_TABLES,
    JOB_KINDS,
    PAGE,
    QUESTIONS,
    RUNS,
    SCORINGS,
    SECOND_RUN,
    STUDY_FACTS,
    SUMMARY_TABLE,
    RunFolder,
    StudyFolder,
)
from spinelib.report.conduct import uncommitted_records
from spinelib.report.index import write_index
from spinelib.report.publish.about import about_html, origin_facts
from spinelib.report.publish.index import FACTS
from spinelib.report.publish.pages import unlink

Files = Mapping[str, bytes]
ABOUT_BEGINS = '<section class="card" id="published">'
ABOUT = re.compile(ABOUT_BEGINS + r".*?</section>\n", re.DOTALL)
DATA = re.compile(r'<h2 id="data">.*?</table></div>\n', re.DOTALL)
TITLE = re.compile(r"<h1\b[^>]*>(.*?)</h1>", re.DOTALL)
FIGURE = re.compile(r'<figure><img src="([^"]+)"[^>]*><figcaption>(.*?)</figcaption></figure>', re.DOTALL)
CHANGES = re.compile(r'<div class="alert" id="changes">.*?</div>\n', re.DOTALL)
FACT_LIST = re.compile(r'<ul class="facts">.*?</ul>', re.DOTALL)
PARTS = "</nav>\n"  # behind the links to the parts of an index stands what was changed after the first run
PROOF = re.compile(r"\s*<a\b.*?</a>", re.DOTALL)  # links of a caption
COUNTS = re.compile(r'<tr><td>([^<]*)</td><td class="number">([^<]*)</td><td class="number">([^<]*)</td>')
KEPT = ", kept as they were made."


def index_again(files: Files, records: Mapping[str, Mapping[str, Any]], mark: str) -> str:
    """The index of the published `files` (bytes by place), with these records by KIND/NAME and the HTML of a mark.

    What lay beside the study and was not published is taken over from the index before: how to make it again, what was
    left out or changed, and the number of images. Raises ValueError for an index that has no such parts.
    """
    before = files[INDEX].decode()
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name) / "study"
        pictures = _stage(files, records, stage)
        _stage_counts(before, stage)
        html = write_index(stage, published=True).read_text(encoding="utf-8")
    for embedded, path in pictures.items():
        html = html.replace(embedded, path)
    about, changes = ABOUT.search(before), CHANGES.search(before)
    if not about or FACTS not in html or PARTS not in html:
        raise ValueError("the index is none of a published study")
    told = FACT_LIST.sub(lambda _: _origin(records), about[0].replace(KEPT, ".") if mark else about[0], count=1)
    html = html.replace(FACTS, mark + told + FACTS, 1)
    html = html.replace(PARTS, PARTS + changes[0], 1) if changes else html
    return unlink(html, "", files)


def _origin(records: Mapping[str, Mapping[str, Any]]) -> str:
    """Where the numbers come from, as the list of a publication's section about itself."""
    runs, asked = ({n: r for n, r in records.items() if n.startswith(f"{kind}/")} for kind in (RUNS, QUESTIONS))
    runs, asked = ({n: r for n, r in own.items() if r.get("status", "finished") == "finished"} for own in (runs, asked))
    found = FACT_LIST.search(about_html(origin_facts(runs, asked, uncommitted_records(records)), "", ()))
    return found[0] if found else ""


def _stage(files: Files, records: Mapping[str, Mapping[str, Any]], stage: Path) -> dict[str, str]:
    """A study's folder with what the index reads; gives the place of every picture by how it would be embedded."""
    facts = json.loads(files[STUDY_FACTS])
    stage.mkdir(parents=True)
    for place in (STUDY_FACTS, SUMMARY_TABLE, SCORINGS, SECOND_RUN):
        if place in files:
            _write(stage / place, files[place])
    pictures: dict[str, str] = {}
    jobs = [(kind, str(plan["id"])) for kind in JOB_KINDS for plan in facts.get(kind, [])]
    for kind, name in jobs:
        job, place = StudyFolder(stage).job(kind, name), f"{kind}/{name}"
        if place in records:
            _write(job.record, json.dumps(records[place]).encode())
        for table in INDEX_TABLES:
            if f"{place}/{table}" in files:
                _write(job.root / table, files[f"{place}/{table}"])
        if f"{place}/{PAGE}" in files:
            pictures |= _stage_page(files, place, job, figures=kind == QUESTIONS)
    return pictures


def _stage_counts(before: str, stage: Path) -> None:
    """As many rows in the tables of every data set as the index before has counted: images and problems."""
    section = DATA.search(before)
    for name, *counts in COUNTS.findall(section[0] if section else ""):
        data = StudyFolder(stage).data(unescape(name))
        for path, count in zip((data.manifest, data.problems), counts, strict=True):
            rows = int(re.sub(r"\D", "", count) or 0)
            if rows:
                _write(path, b"row\n" * (rows + 1))


def _stage_page(files: Files, place: str, job: RunFolder, figures: bool) -> dict[str, str]:
    """The page with its title as a notebook's, and its figures with their captions."""
    page = files[f"{place}/{PAGE}"].decode()
    _write(job.page, files[f"{place}/{PAGE}"])
    title = TITLE.search(page)
    cell = {
        "cell_type": "markdown",
        "source": f"# {unescape(re.sub('<[^>]+>', '', title[1])) if title else job.root.name}",
    }
    _write(job.notebook, json.dumps({"cells": [cell]}).encode())
    captions, pictures = {}, {}
    for path, caption in FIGURE.findall(page) if figures else ():
        data = files[f"{place}/{path}"]
        captions[Path(path).stem] = unescape(PROOF.sub("", caption))
        _write(job.figures / f"{Path(path).stem}.png", data)
        pictures[f"data:image/png;base64,{base64.b64encode(data).decode()}"] = f"{place}/{path}"
    if captions:
        _write(job.figures / CAPTIONS, json.dumps(captions).encode())
    return pictures


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
