"""What other people's films are called and where they lie: nothing that is published says so.

Names are those of the manifests and of the tables beside them, paths those that the data were prepared from.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import escape as escape_in_template

from spinelib.core.layout import JOB_KINDS, DataFolder, RunFolder, StudyFolder
from spinelib.report.outputs import text_of
from spinelib.report.page import read_cells, script, style
from spinelib.report.publish.origin import is_made, own_images

DATA, FILM = "$DATA", "(a film)"
# Columns of tables that name films, or say when and where they were taken.
NAMING = {"case", "film", "file", "volume", "patient", "image", "mask", "landmarks", "first", "second", "other"}
NAMING |= {"near_duplicate", "study_date", "accession"}
LISTS = ("only", "without", "train")  # options of data that list films, also such as no table holds any more
SHORTEST = 4  # letters of a name in plain ASCII that can be told in running text
NUMBER = re.compile(r"[\d\s._+-]*")
HOME = re.compile(r"(?<![\w./:])/(?:home/[\w.-]+|Users/[\w.-]+|root\b)")
# Folders from the root of a machine; what lies in them keeps its own name.
MACHINE = re.compile(r"(?<![\w.:/<~$*\\)\]}-])/[A-Za-z_][\w.@+~-]*/(?:[\w.@+~-]+/)*")


@dataclass(frozen=True)
class Private:
    """Names and paths, and `home`, the folder in which the study's repository lies."""

    names: frozenset[str]
    paths: frozenset[str]
    home: str

    @cached_property
    def words(self) -> list[tuple[str, re.Pattern[str] | None, str]]:
        """Every way to write each, the longest first; a pattern where it must stand by itself; what stands instead."""
        found: list[tuple[str, re.Pattern[str] | None, str]] = []
        for path in self.paths:
            found += [(w, re.compile(rf"(?<![\w<./-]){re.escape(w)}(?!\w)"), DATA) for w in _written(path)]
        for name in self.names:
            alone = name.isalnum() and len(name) < 2 * SHORTEST
            for word in _written(name):
                pattern = re.compile(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])") if alone else None
                found.append((word, pattern, FILM))
        return sorted(found, key=lambda one: -len(one[0]))

    def holds(self, text: str) -> bool:
        """Whether `text` names any film or folder of theirs."""
        return any(word in text and (not pattern or pattern.search(text)) for word, pattern, _ in self.words)

    def clean(self, text: str) -> str:
        """`text` without their names, and without folders of this machine."""
        for word, pattern, instead in self.words:
            if word in text:
                text = pattern.sub(instead, text) if pattern else text.replace(word, instead)
        return MACHINE.sub(
            "\N{HORIZONTAL ELLIPSIS}/", HOME.sub("~", text.replace(self.home, "") if self.home != "/" else text)
        )


def _written(word: str) -> set[str]:
    """`word` as HTML, JSON, Python and addresses write it."""
    words = {word, repr(word)[1:-1], quote(word, errors="replace"), quote(word, safe="", errors="replace")}
    words |= {json.dumps(word)[1:-1], json.dumps(word, ensure_ascii=False)[1:-1]}
    return words | {f(w) for w in words for f in (escape, _text, _template)}


def _text(word: str) -> str:
    return escape(word, quote=False)


def _template(word: str) -> str:
    return str(escape_in_template(word))


def private_words(folder: Path, facts: Mapping[str, Any], records: Mapping[str, Mapping[str, Any]]) -> Private:
    """What is private of the study in `folder`; facts: its ``study.json``; records: ``run.json`` by KIND/NAME."""
    study = StudyFolder(folder)
    foreign = [study.data(name) for name, text in facts.get("data", {}).items() if not is_made(str(text))]
    jobs = [study.job(*name.split("/", 1)).root for name, record in records.items() if not own_images(record, facts)]
    sources = {str(record.get("parameters", {}).get("source") or "") for record in records.values()}
    sources = sources.union(*map(_sources, foreign), *map(_stated, facts.get("data", {}).values()))
    sources = {path for source in sources if source for path in _ways(source)} - {"/"}
    known = _own_words(study, facts)
    tables = [table for place in (*(data.root for data in foreign), *jobs) for table in place.rglob("*.csv")]
    ordered = sorted(sources, key=len, reverse=True)
    cells = [
        *(cell for table in tables for cell in _cells(table)),
        *(name for data in foreign for name in _listed(data)),
    ]
    names = {name for cell in cells for name in _parts(cell, ordered)}
    paths = frozenset(path for path in sources if Path(path).is_absolute() or _telling(path, known))
    home = f"{folder.resolve().parents[1]}/".replace("//", "/")
    return Private(frozenset(name for name in names if _telling(name, known)), paths, home)


def _sources(data: DataFolder) -> Iterator[str]:
    yield str(_options_of(data).get("source") or "")


def _listed(data: DataFolder) -> Iterator[str]:
    found = (_options_of(data).get(name) for name in LISTS)
    yield from (str(name) for names in found if isinstance(names, list) for name in names)


def _options_of(data: DataFolder) -> dict[str, Any]:
    try:
        options = json.loads(data.options.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return options if isinstance(options, dict) else {}


def _stated(options: Any) -> Iterator[str]:
    """What the source may be by the words of ``study.json``, where a comma may belong to it."""
    if not is_made(str(options)):
        words = str(options).partition("source ")[2].split(", ")
        yield from (", ".join(words[:count]) for count in range(1, len(words) + 1))


def _ways(source: str) -> set[str]:
    """The path as it was given, and from the root."""
    return {source, source.rstrip("/"), str(Path(source).expanduser().resolve())}


def _cells(table: Path) -> Iterator[str]:
    """The cells of the columns that name something."""
    with table.open(encoding="utf-8", errors="replace", newline="") as handle:
        for row in csv.DictReader(handle):
            yield from (value for name, value in row.items() if name in NAMING and isinstance(value, str))


def _parts(cell: str, sources: Iterable[str]) -> Iterator[str]:
    """The names in a cell: of a path every folder below its source, the file, and the file without its ending."""
    for word in {cell, *cell.split(";")}:
        within = next((word.removeprefix(source) for source in sources if word.startswith(source)), word)
        # Of a path from the root that lies elsewhere, the folders above are the machine's
        parts = within.rsplit("/", 2)[1:] if within == word and word.startswith("/") else [within, *within.split("/")]
        for part in parts:
            yield from {part, part.partition(".")[0], part.rpartition(".")[0]}


def _own_words(study: StudyFolder, facts: Mapping[str, Any]) -> str:
    """The words of the pages themselves, which a film may happen to be called by: they tell nothing."""
    texts = [style(), script(), json.dumps({name: value for name, value in facts.items() if name != "data"})]
    for kind in JOB_KINDS:
        for plan in facts.get(kind, []):
            for cell in read_cells(RunFolder(study.job(kind, str(plan["id"])).root).notebook):
                if "injected-parameters" not in cell.get("metadata", {}).get("tags", []):
                    texts.append(text_of(cell["source"]))
    return "\n".join(texts)


def _telling(name: str, known: str) -> bool:
    """Whether `name` can only be theirs: no word of ours, and no small number."""
    digits = sum(letter.isdigit() for letter in name)
    long = len(name) >= SHORTEST if name.isascii() else bool(name)
    return long and name not in known and not (NUMBER.fullmatch(name) and digits < 6)
