"""The index of a published study: rendered anew, so that it links and shows only what is published."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from spinelib.core.layout import (
    CAPTIONS,
    CONSOLE,
    INDEX_TABLES,
    JOB_KINDS,
    MANIFEST,
    NOTEBOOK,
    PAGE,
    PROBLEMS,
    PROTOCOL,
    QUESTIONS,
    SCORINGS,
    SECOND_RUN,
    SUMMARY_TABLE,
    StudyFolder,
)
from spinelib.report.index import write_index
from spinelib.report.publish.edition import Edition, FinishedStudy
from spinelib.report.publish.pages import publish_page
from spinelib.report.publish.pictures import PictureSource, pixels_of
from spinelib.runs.figures import read_captions

FACTS = '<ul class="facts">'


def index_html(study: FinishedStudy, edition: Edition, about: str) -> str:
    """The index with the section `about` behind the title; its figures are those that the pages of questions show."""
    with tempfile.TemporaryDirectory() as name:
        stage = Path(name) / study.folder.name
        _stage(study, edition, stage)
        html = write_index(stage, published=True).read_text(encoding="utf-8")
        html = study.clean(publish_page(html, PictureSource(stage, "", own=False), edition.gallery, edition.tell))
    if FACTS not in html:
        raise ValueError("the template of the index has no list of facts any more")
    return html.replace(FACTS, about + FACTS, 1)


def _stage(study: FinishedStudy, edition: Edition, stage: Path) -> None:
    """A study's folder with what is published: links to its files, records and tables."""
    stage.mkdir(parents=True)
    StudyFolder(stage).facts.write_text(json.dumps(study.facts), encoding="utf-8")
    _link(study.folder, stage, SUMMARY_TABLE, PROTOCOL, SCORINGS, SECOND_RUN)
    for name in study.facts.get("data", {}):
        data, place = StudyFolder(study.folder).data(name), StudyFolder(stage).data(name)
        # What stopped a preparation may name a film
        _link(data.root, place.root, MANIFEST, PROBLEMS, *([CONSOLE] if study.made else []))
    for kind in JOB_KINDS:
        for name in study.states[kind]:
            job, staged = StudyFolder(study.folder).job(kind, name), StudyFolder(stage).job(kind, name)
            _link(job.root, staged.root, NOTEBOOK, *INDEX_TABLES)
            state = study.state(kind, name)
            for file, there in ((staged.record, job.record), (staged.failure, job.failure)):
                if there.exists() and state.record:
                    file.write_text(json.dumps(state.record), encoding="utf-8")
            if f"{kind}/{name}/{PAGE}" in edition.files:
                _link(job.root, staged.root, PAGE)
            if kind == QUESTIONS:
                _stage_figures(job.figures, staged.figures, edition)


def _stage_figures(folder: Path, place: Path, edition: Edition) -> None:
    captions = read_captions(folder)
    paths = {name: folder / f"{name}.png" for name in captions}
    shown = {n: words for n, words in captions.items() if paths[n].exists() and _known(paths[n], edition)}
    _link(folder, place, *(f"{name}.png" for name in shown))
    (place / CAPTIONS).write_text(json.dumps(shown), encoding="utf-8")


def _known(path: Path, edition: Edition) -> bool:
    try:
        return pixels_of(path.read_bytes()) in edition.gallery.known
    except (OSError, ValueError):
        return False


def _link(folder: Path, place: Path, *names: str) -> None:
    place.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (folder / name).exists():
            (place / name).symlink_to((folder / name).resolve())
