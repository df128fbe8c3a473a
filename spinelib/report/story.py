"""What the questions of a study answered, as the index tells it: sentences, figures, and the ledger of claims."""

from __future__ import annotations

import base64
import csv
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from spinelib.core.layout import CONTRAST_TABLE, QUESTIONS, VERDICT_TABLE, StudyFolder
from spinelib.literature.claim_words import claim_sentence
from spinelib.literature.counting import ACCURACY, COST, counted_lines
from spinelib.plots.style import label
from spinelib.runs.figures import read_captions
from spinelib.runs.named import named_folders
from spinelib.runs.state import RunState
from spinelib.statistics.claim_verdicts import CLAIM_VERDICTS
from spinelib.statistics.contrast_verdicts import BETTER, ONE_TRAINING, OPEN, WORSE

CONTRAST_WORDS = {
    BETTER: "better",
    WORSE: "worse",
    OPEN: "cannot be told",
    ONE_TRAINING: "cannot be told: one training",
}
GALLERY = "gallery"  # how the names of figures begin that show the same cases for every method


@dataclass(frozen=True)
class ChapterFigure:
    """A figure of a question: embedded source and caption."""

    source: str
    caption: str


@dataclass(frozen=True)
class Chapter:
    """A question's answer: its sentences, its first figure (None without one) and how many more its page has.

    tables: its tables, as paths within the study.
    """

    answer: list[str]
    picture: ChapterFigure | None
    more: int
    tables: list[str]


@dataclass(frozen=True)
class Claim:
    """A line of the ledger: its verdict, who says it, and a sentence of what was said and what was found."""

    verdict: str
    paper: str
    sentence: str


@dataclass(frozen=True)
class ContrastLine:
    """A named contrast as words: two entries, what they are compared by and where, and what was found."""

    one: str
    other: str
    score: str
    where: str
    patients: str
    trainings: str
    found: str
    p: str
    verdict: str

    @property
    def words(self) -> str:
        """The verdict as people say it, about the first."""
        return CONTRAST_WORDS.get(self.verdict, self.verdict)


@dataclass(frozen=True)
class Ledger:
    """Lines by verdict (only those that occur), lines on costs apart, every line, and the folder they come from.

    Lines that rest on one pair count once (`counted_lines`).
    """

    counts: dict[str, int]
    costs: dict[str, int]
    lines: list[Claim]
    question: str


def chapter(folder: Path, name: str, state: RunState) -> Chapter:
    """The answer of the question `name` of the study in `folder` so far."""
    kept = _figures(folder, name)
    root = StudyFolder(folder).question(name).root
    tables = [path.relative_to(folder).as_posix() for path in sorted(root.glob("*.csv"))]
    first = ChapterFigure(_embedded(kept[0][0]), kept[0][1]) if kept else None
    return Chapter(list(state.record.get("answer", [])), first, max(0, len(kept) - 1), tables)


def read_gallery(folder: Path) -> list[ChapterFigure]:
    """The figures that show the same cases for every method, of all questions of the study in `folder`."""
    names = [question.name for question in named_folders(folder, QUESTIONS)]
    kept = [pair for name in names for pair in _figures(folder, name) if pair[0].stem.startswith(GALLERY)]
    return [ChapterFigure(_embedded(path), caption) for path, caption in kept]


def _figures(folder: Path, name: str) -> list[tuple[Path, str]]:
    """Paths and captions of the figures that a question kept, in their order."""
    figures = StudyFolder(folder).question(name).figures
    kept = [(figures / f"{figure}.png", caption) for figure, caption in read_captions(figures).items()]
    return [(path, caption) for path, caption in kept if path.exists()]


def _embedded(path: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"


def read_ledger(folder: Path) -> Ledger | None:
    """The ledger of claims of the study in `folder`; None while no question has judged them."""
    for path in [question / VERDICT_TABLE for question in named_folders(folder, QUESTIONS)]:
        if not path.exists():
            continue
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.DictReader(handle))
        counts, costs = (_by_verdict(rows, about) for about in (ACCURACY, COST))
        lines = sorted(map(_claim, rows), key=lambda claim: CLAIM_VERDICTS.index(claim.verdict))
        return Ledger(counts, costs, lines, path.parent.name)
    return None


def _by_verdict(rows: list[dict[str, str]], about: str) -> dict[str, int]:
    lines = counted_lines(pd.DataFrame(rows)) if rows else pd.DataFrame(columns=["about", "verdict"])
    verdicts = list(lines[lines["about"] == about]["verdict"])
    return {verdict: verdicts.count(verdict) for verdict in CLAIM_VERDICTS if verdict in verdicts}


def read_contrasts(folder: Path) -> list[ContrastLine]:
    """The contrasts that the study in `folder` named; none while no question has computed them."""
    for path in [question / CONTRAST_TABLE for question in named_folders(folder, QUESTIONS)]:
        if path.exists():
            with path.open(encoding="utf-8", newline="") as handle:
                return [_contrast_line(row) for row in csv.DictReader(handle)]
    return []


def _contrast_line(row: dict[str, str]) -> ContrastLine:
    mean, low, high, p = (_short(row[name]) for name in ("mean", "low", "high", "p_holm"))
    view = "all views" if row["view"] == "all" else label(row["view"])
    kind = "" if row["kind"] == "difference" else ", worst view of each patient"
    unit = f" {row['unit']}" if row["unit"] not in ("", "1") else ""
    return ContrastLine(
        one=label(row["one"]),
        other=label(row["other"]),
        score=f"{label(row['metric'])} of {row['structure']}{kind}",
        where=f"{row['dataset']}, {row['subset']}, {view}",
        patients=row["n"],
        trainings=row["seeds"],
        found=f"{mean} [{low}, {high}]{unit}",
        p=p,
        verdict=row["verdict"],
    )


def _claim(row: dict[str, str]) -> Claim:
    return Claim(row["verdict"], row["paper"], claim_sentence(row))


def _short(number: str) -> str:
    return f"{float(number):.3g}" if number else ""
