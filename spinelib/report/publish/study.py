"""Publish a study: choose, shrink, check, and put the folder in the place of the one before."""

from __future__ import annotations

import json
import posixpath
import re
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.core.layout import (
    HISTORY,
    INDEX,
    PAGE,
    PUBLISHED_RECORDS,
    PUBLISHED_RUNS,
    QUESTIONS,
    RUNS,
    STUDY_FACTS,
    SUMMARY_TABLE,
    RunFolder,
    StudyFolder,
)
from spinelib.report.conduct import uncommitted
from spinelib.report.page import page_html, read_study_facts
from spinelib.report.publish import tables
from spinelib.report.publish.about import about_html, origin_facts
from spinelib.report.publish.edition import MEBI, Edition, FinishedStudy
from spinelib.report.publish.hidden import hide_single
from spinelib.report.publish.index import index_html
from spinelib.report.publish.pages import publish_page, unlink
from spinelib.report.publish.pictures import FOREIGN, Level, PictureSource
from spinelib.report.publish.placing import put_files
from spinelib.runs.figures import is_plot

STUDY_LIMIT = 10 * MEBI
# From all that there is to less and less, until it fits.
LEVELS = (
    *(Level(True, scale, quality) for scale, quality in ((1.0, 70), (1.0, 50), (0.75, 50), (0.6, 50))),
    *(Level(False, scale, 50) for scale in (0.75, 0.5)),
)
ALWAYS = "weights, predictions, prepared data, notebooks, logs, and the table of every case (cases.csv)"
PER_CASE = "tables with a row for each case of other people's data"
SINGLE_CASES = "outputs about single films of other people"
LATER = "pages that differ from another in seed or fold alone (their numbers are in the tables)"
NO_PAGE = "runs and questions without a page"
TWICE = "tables that are the same as summary.csv"
SHOWN = re.compile(r'<img src="([^"]+)"')


def publish(folder: Path, into: Path, allow_dirty: bool = False) -> str:
    """Write the published form of the study in `folder` to the folder `into`, whole or not at all; say what it holds.

    allow_dirty: publish also what code that was not committed has made; the page then says so. Raises BadInput for such
    a study otherwise, for a folder that is no study or holds no finished run, for a target that holds something else,
    and for a study that stays above STUDY_LIMIT.
    """
    if not StudyFolder(folder).facts.is_file():
        raise BadInput(folder, "is not the folder of a study", "Give reports/STUDY.")
    if into.exists() and any(into.iterdir()) and not (into / PUBLISHED_RECORDS).exists():
        raise BadInput(into, "holds something else than published results", "Name another folder, or empty this one.")
    study = FinishedStudy(folder, read_study_facts(folder))
    if not any(study.records(kind, "finished") for kind in study.states):
        raise BadInput(folder, "nothing of this study has finished", "Run it first: make study STUDY=...")
    _check_committed(study, allow_dirty)
    for level in LEVELS:
        edition = _edition(study, level)
        if edition.size <= STUDY_LIMIT:
            break
    else:
        raise BadInput(folder, f"is larger than {STUDY_LIMIT // MEBI} MiB however small its pictures", "Publish less.")
    _check(study, edition)
    put_files(edition.files, into)
    return _told(edition, into)


def _check_committed(study: FinishedStudy, allowed: bool) -> None:
    """Raise BadInput for a study that nobody can make again: its code is in no commit."""
    made = uncommitted(study.states)
    if made and not allowed:
        named = ", ".join(made[:3]) + (f" and {len(made) - 3} more" if len(made) > 3 else "")
        remedy = "Commit, delete their folders and run the study again; or give --allow-dirty, and the page says so."
        raise BadInput(study.folder, f"holds what code that was not committed has made ({named})", remedy)


def _edition(study: FinishedStudy, level: Level) -> Edition:
    edition = Edition(level)
    sources = study.sources(level.every)
    left_out = {source.place for source in study.sources(True)} - {source.place for source in sources}
    for place in sorted(left_out):
        edition.tell(LATER, place)
    for source in sources:
        page = RunFolder(source.folder).page
        if page.exists():
            # Cleaned last: what is embedded is no text
            html = publish_page(_page(study, edition, source), source, edition.gallery, edition.tell)
            edition.add(f"{source.place}/{PAGE}", study.clean(html))
        else:
            edition.tell(NO_PAGE, source.place)
        if source.place.startswith(f"{QUESTIONS}/"):
            _add_tables(study, edition, source.folder, source.place)
    _add_records(study, edition)
    trained, asked = (study.records(kind, "finished") for kind in (RUNS, QUESTIONS))
    facts = origin_facts(trained, asked, uncommitted(study.states))
    edition.add(INDEX, index_html(study, edition, about_html(facts, _command(study), _left(edition))))
    _settle(edition)
    return edition


def _page(study: FinishedStudy, edition: Edition, source: PictureSource) -> str:
    """The page of a run as it is; where it saw other people's films, without what speaks of single ones."""
    if source.own:
        return RunFolder(source.folder).page.read_text(encoding="utf-8")
    kind, name = source.place.split("/", 1)
    hide = hide_single(study.private, lambda: edition.tell(SINGLE_CASES, source.place))
    return page_html(source.folder, study.state(kind, name), hide)


def _add_tables(study: FinishedStudy, edition: Edition, folder: Path, place: str) -> None:
    summary = StudyFolder(study.folder).summary
    for path in sorted(folder.glob("*.csv")):
        text = path.read_text(encoding="utf-8")
        if not study.made and (tables.per_case(text) or study.private.holds(text)):
            edition.tell(PER_CASE, f"{place}/{path.name}")
        elif summary.exists() and text == summary.read_text(encoding="utf-8"):
            edition.tell(TWICE, f"{place}/{path.name}")
        else:
            edition.add(f"{place}/{path.name}", study.clean(tables.compact(text)))


def _add_records(study: FinishedStudy, edition: Edition) -> None:
    records = {f"{kind}/{name}": r for kind in study.states for name, r in study.records(kind).items()}
    edition.add(STUDY_FACTS, study.clean(json.dumps(study.facts, indent=1, ensure_ascii=False) + "\n"))
    files = StudyFolder(study.folder)
    for path in (files.protocol, files.scorings, files.second_run):
        if path.exists():
            edition.add(path.name, study.clean(path.read_text(encoding="utf-8")))
    edition.add(PUBLISHED_RECORDS, study.clean(tables.records_text(records)))
    edition.add(PUBLISHED_RUNS, study.clean(tables.published_runs(study.records(RUNS))))
    history = tables.history(StudyFolder(study.folder).run(name).root for name in study.records(RUNS))
    if history:
        edition.add(HISTORY, history)
    summary = StudyFolder(study.folder).summary
    if summary.exists():
        edition.add(SUMMARY_TABLE, tables.compact(summary.read_text(encoding="utf-8")))


def _settle(edition: Edition) -> None:
    """Add the pictures that a page shows, and take links away that lead nowhere."""
    pages = {path: data.decode() for path, data in edition.files.items() if path.endswith(".html")}
    for path, html in pages.items():
        here = posixpath.dirname(path)
        shown = (posixpath.normpath(posixpath.join(here, word)) for word in SHOWN.findall(html))
        edition.files.update({word: edition.gallery.files[word] for word in shown})
    for path, html in pages.items():
        edition.files[path] = unlink(html, posixpath.dirname(path), edition.files).encode()


def _check(study: FinishedStudy, edition: Edition) -> None:
    """Refuse to publish anything embedded, or any picture of foreign data that does not say it is a plot."""
    own = tuple(f"{source.place}/" for source in study.sources(True) if source.own)
    for path, data in edition.files.items():
        text = path.endswith((".html", ".csv", ".json"))
        if b";base64," in data if text else not (path.startswith(own) or is_plot(data)):
            raise ValueError(f"{path}: {FOREIGN}")


def _command(study: FinishedStudy) -> str:
    facts = study.facts
    scale = f" SCALE={facts['scale']}" if facts.get("scale") else ""
    return f"make study STUDY={facts.get('file', facts['name'])}{scale}" + ("" if study.made else " DATA=folder")


def _left(edition: Edition) -> list[str]:
    return [ALWAYS, *(f"{reason}: {len(what)}" for reason, what in edition.left.items())]


def _told(edition: Edition, into: Path) -> str:
    """What was written and what was left out, a reason a line with its first examples."""
    lines = [f"{into}: {len(edition.files)} files, {edition.size / MEBI:.1f} MiB"]
    lines.append(f"  left out: {ALWAYS}")
    for reason, what in edition.left.items():
        more = f" and {len(what) - 3} more" if len(what) > 3 else ""
        lines.append(f"  left out: {reason} ({len(what)}): {'; '.join(what[:3])}{more}")
    return "\n".join(lines)
