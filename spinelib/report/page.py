"""One run's page: its notebook, parameters and provenance as a single HTML file."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import RunFolder, StudyFolder
from spinelib.report.code import highlight
from spinelib.report.conduct import training_commit
from spinelib.report.markdown import Heading, Writer, to_html
from spinelib.report.outputs import drawn, render, text_of
from spinelib.report.places import job_name, neighbours, page_title
from spinelib.report.words import duration, folded_lists, in_groups, name_html, number, score_words
from spinelib.runs.frozen import protocol_changes
from spinelib.runs.parameters import declared
from spinelib.runs.state import RunState, read_state

Cells = list[dict[str, Any]]
LONG = 8  # entries of a list that a table shows
HIDDEN = {"remove-cell", "injected-parameters", "papermill-error-cell-tag", "parameters"}


@dataclass(frozen=True)
class Block:
    """One cell: `kind` is text or code; `summary` is the line shown while the code is folded."""

    kind: str
    html: str
    code: str = ""
    summary: str = ""
    failed: bool = False


@dataclass(frozen=True)
class Row:
    """One line of the table of parameters."""

    name: str
    value: str
    usual: str
    comment: str


def write_page(folder: Path) -> Path:
    """Write ``report.html`` from what the run in `folder` has left, finished or not; gives its path.

    Raises BadInput when the folder does not exist or cannot be written.
    """
    page = RunFolder(folder).page
    write_html(page, page_html(folder))
    return page


def page_html(folder: Path, state: RunState | None = None, shown: Callable[[Cells], Cells] = list) -> str:
    """The page of the run in `folder`; `state` instead of its own, and its notebook's cells as `shown` leaves them.

    Raises BadInput when the folder does not exist.
    """
    if not folder.is_dir():
        raise BadInput(folder, "is not the folder of a run", "Give reports/STUDY/runs/RUN.")
    study = read_study_facts(folder.parent.parent)
    state = state or read_state(folder)
    cells = shown(read_cells(RunFolder(folder).notebook))
    writer = Writer(folder=folder.parents[3] / "notebooks" if len(folder.parents) > 3 else folder)
    blocks = list(_blocks(cells, writer))
    title = next((h.text for h in writer.headings if h.level == 1), folder.name)
    return str(
        template("page.html.j2").render(
            title=page_title(title, state.record, study),
            heading=title,
            job=job_name(state.record),
            around=neighbours(folder, study),
            tables=[path.name for path in sorted(folder.glob("*.csv"))],
            run=folder.name,
            study=study,
            changes=protocol_changes(folder.parent.parent),
            state=state,
            blocks=blocks,
            contents=[heading for heading in writer.headings if heading.level in (2, 3)],
            parameters=_rows(cells, state),
            facts=_facts(state),
            style=style(),
        )
    )


def write_html(path: Path, html: str) -> None:
    """Write a page, whole or not at all; bytes of file names that are no UTF-8 are shown as question marks."""
    write_text(path, html.encode("utf-8", "replace").decode())


@cache
def template(name: str, package: str = "") -> Any:
    """A template of this package, or of another `package` that builds on it; everything put into it is escaped.

    A name that a template does not know is an error, not an empty space.
    """
    loader = ChoiceLoader([*([PackageLoader(package, ".")] if package else []), PackageLoader("spinelib.report")])
    environment = Environment(
        loader=loader, undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
    )
    filters = {"duration": duration, "number": number, "name": name_html, "training_commit": training_commit}
    filters |= {"digest_of": script_digest, "folded": folded_lists, "groupby_in_order": in_groups, "score": score_words}
    environment.filters.update(filters, drawn=drawn)
    return environment.get_template(name)


def style() -> str:
    """The stylesheet that every page embeds."""
    return (resources.files("spinelib.report") / "templates" / "style.css").read_text(encoding="utf-8")


def script() -> str:
    """The one script of this project's pages, which sorts and chooses rows of an index."""
    return (resources.files("spinelib.report") / "templates" / "index.js").read_text(encoding="utf-8")


def script_digest(text: str) -> str:
    """A script's hash as the policy of a page names it: nothing else that a page may hold runs."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def read_study_facts(folder: Path) -> dict[str, Any]:
    """``study.json`` of a study's folder; a bare title where there is none."""
    try:
        return dict(json.loads((StudyFolder(folder).facts).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {"name": folder.name, "title": folder.name, "question": "", "banner": "", "linked": False}


def read_cells(notebook: Path) -> list[dict[str, Any]]:
    """The cells of a notebook file; none when it is missing or was cut off in the middle of a write."""
    try:
        return list(json.loads(notebook.read_text(encoding="utf-8"))["cells"])
    except (OSError, ValueError, KeyError):
        return []


def title_of(folder: Path) -> str:
    """The first heading of the notebook in `folder`, or the folder's name."""
    for cell in read_cells(RunFolder(folder).notebook):
        for line in text_of(cell["source"]).splitlines() if cell["cell_type"] == "markdown" else ():
            if line.startswith("# "):
                return line[2:].strip()
    return folder.name


def _blocks(cells: list[dict[str, Any]], writer: Writer) -> Iterator[Block]:
    for cell in cells:
        source = text_of(cell["source"])
        if HIDDEN & set(cell.get("metadata", {}).get("tags", [])):
            continue
        if cell["cell_type"] == "markdown":
            writer.attachments = cell.get("attachments", {})
            yield Block("text", to_html(source, writer))
        elif cell["cell_type"] == "code" and source.strip():
            failed = any(output["output_type"] == "error" for output in cell.get("outputs", []))
            html = render(cell.get("outputs", []), writer)
            summary = _summary(source) + ("" if cell.get("execution_count") else "  (not run)")
            yield Block("code", html, highlight(source), summary, failed)


def _summary(source: str) -> str:
    lines = [line for line in source.splitlines() if line.strip()]
    return lines[0].strip() if len(lines) == 1 else f"{lines[0].strip()}  … {len(lines)} lines"


def _rows(cells: list[dict[str, Any]], state: RunState) -> list[Row]:
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    try:
        known = declared(text_of(tagged[0]["source"]), "") if tagged else {}
    except (BadInput, SyntaxError):
        known = {}
    given = state.record.get("parameters", {})
    rows = []
    for name in [*known, *(name for name in given if name not in known)]:
        usual = known[name].default if name in known else None
        value = given.get(name, usual)
        other = "" if value == usual else _shown(usual)
        rows.append(Row(name, _shown(value), other, known[name].comment if name in known else ""))
    return rows


def _shown(value: Any) -> str:
    if isinstance(value, list) and len(value) > LONG:
        return f"{_shown(value[: LONG - 2])[:-1]}, … {len(value)} in all]"
    return value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)


def _facts(state: RunState) -> list[tuple[str, str]]:
    """Provenance as pairs of words, in reading order, flat."""
    record = {
        key: value for key, value in state.record.items() if key not in ("parameters", "status", "error", "answer")
    }
    scored = record.pop("scorings", [])
    record |= {"scored": {str(number): one for number, one in enumerate(scored, start=1)}} if scored else {}
    pairs: list[tuple[str, str]] = []
    for key, value in record.items():
        if isinstance(value, dict):
            pairs += [(f"{key}: {name}", _fact(part)) for name, part in value.items()]
        elif value not in ("", None):
            pairs.append((key.replace("_", " "), _fact(value)))
    return pairs


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_fact(part)}" for name, part in value.items())
    return number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else _shown(value)


__all__ = [
    "Block",
    "Heading",
    "Row",
    "page_html",
    "read_cells",
    "read_study_facts",
    "style",
    "template",
    "title_of",
    "write_html",
    "write_page",
]
