"""The index of a study: what ran, what failed, the leaderboards, and a link to every page."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from spinelib.core.errors import BadInput
from spinelib.core.layout import JOB_KINDS, QUESTIONS, RUNS, DataFolder, StudyFolder
from spinelib.report.answers import AnswerEvidence, study_answers
from spinelib.report.conduct import codes_of, read_conduct
from spinelib.report.leaderboard import boards, glossary, open_boards
from spinelib.report.page import read_study_facts, script, style, template, title_of, write_html
from spinelib.report.proofs import line_proofs
from spinelib.report.second_run import read_second_run
from spinelib.report.steps import banner_words, protocol_steps
from spinelib.report.story import chapter, read_contrasts, read_gallery, read_ledger
from spinelib.report.terms import study_terms
from spinelib.runs.frozen import protocol_changes
from spinelib.runs.named import left_over
from spinelib.runs.state import RunState, last_line, read_state


@dataclass(frozen=True)
class Entry:
    """One run or question as the index shows it; `link` is '' where there is no page."""

    id: str
    title: str
    link: str
    state: RunState
    other_code: bool


@dataclass(frozen=True)
class DataEntry:
    """One of the study's data: images and problems counted from its tables; `error` when it could not be prepared."""

    name: str
    options: str
    images: int
    problems: int
    error: str


def write_index(folder: Path, *, published: bool = False) -> Path:
    """Write ``index.html`` of the study in `folder`; gives its path. Raises BadInput when there is no such folder.

    published: of a publication, whose runs are what they were when it was made: none is marked as of other code.
    """
    if not folder.is_dir():
        raise BadInput(folder, "is not the folder of a study", "Give reports/STUDY.")
    study = read_study_facts(folder)
    files = StudyFolder(folder)
    plans = {kind: study.get(kind, []) for kind in JOB_KINDS}
    by_kind = {kind: {p["id"]: read_state(files.job(kind, p["id"]).root) for p in plans[kind]} for kind in plans}
    states = {name: state for kind in plans for name, state in by_kind[kind].items()}
    usual = None if published else _usual_code(states.values())
    entries = {
        kind: [_entry(files, kind, name, state, usual) for name, state in by_kind[kind].items()] for kind in plans
    }
    shown, contrasts, conduct = boards(files.summary), read_contrasts(folder), read_conduct(folder, by_kind)
    data = [_prepared(files.data(name), name, text) for name, text in study.get("data", {}).items()]
    images = {item.name: item.images for item in data}
    trained = {name: state.record for name, state in by_kind[RUNS].items() if state.status == "finished"}
    html = template("index.html.j2").render(
        title=study["title"],
        study=study | {"banner": banner_words(str(study["banner"]), trained)},
        runs=entries[RUNS],
        questions=entries[QUESTIONS],
        counts=Counter(state.status for state in states.values()),
        seconds=sum(map(_training_seconds, by_kind[RUNS].values())),
        answers=study_answers(AnswerEvidence(folder, study, shown)),
        steps=protocol_steps(images, trained, shown, conduct, len(contrasts)),
        terms=study_terms(study),
        gallery=read_gallery(folder),
        second=read_second_run(folder, shown),
        proofs=lambda line: line_proofs(files, line),
        main=open_boards(shown),
        boards=shown,
        glossary=glossary(shown),
        chapters=[chapter(folder, entry.id, entry.state) for entry in entries[QUESTIONS]],
        ledger=read_ledger(folder),
        contrasts=contrasts,
        data=data,
        latest=max((s.record for s in states.values() if s.record), key=lambda r: r.get("started", ""), default={}),
        left_over=left_over(folder),
        changes=protocol_changes(folder),
        files=files,
        conduct=conduct,
        tables=[path.name for path in (files.cases, files.summary) if path.exists()],
        style=style(),
        script=script(),
    )
    write_html(files.index, html)
    return files.index


def _training_seconds(state: RunState) -> float:
    return float(((state.record.get("facts") or {}).get("training") or {}).get("seconds") or 0)


def _usual_code(states: Iterable[RunState]) -> tuple[str, str]:
    """Hashes of the code that trained and scored most of what has finished."""
    made = Counter(codes_of(state.record) for state in states if state.status == "finished")
    return made.most_common(1)[0][0] if made else ("", "")


def _same_code(codes: tuple[str, str], usual: tuple[str, str]) -> bool:
    """Whether both are the usual ones; a training of an earlier version, whose code is not known, counts as such."""
    return codes[1] == usual[1] and codes[0] in ("", usual[0])


def _entry(study: StudyFolder, kind: str, name: str, state: RunState, usual: tuple[str, str] | None) -> Entry:
    job = study.job(kind, name)
    link = job.page.relative_to(study.root).as_posix() if job.page.exists() else ""
    other = usual is not None and state.status == "finished" and not _same_code(codes_of(state.record), usual)
    title = title_of(job.root) if kind == QUESTIONS else name
    return Entry(name, title, link, state, other)


def _prepared(data: DataFolder, name: str, options: str) -> DataEntry:
    images, problems = _rows(data.manifest), _rows(data.problems)
    error = "" if data.manifest.exists() else last_line(data.console)
    return DataEntry(name, options, images, problems, error)


def _rows(path: Path) -> int:
    if not path.exists():
        return 0
    with path.open(encoding="utf-8", newline="") as handle:
        return max(0, sum(1 for _ in csv.reader(handle)) - 1)
