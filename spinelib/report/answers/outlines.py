"""Which network outlines best, on each set of test cases."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from spinelib.plots.style import short_label
from spinelib.plots.words import with_interval
from spinelib.report.answers.answer import ELSEWHERE, UseAnswer
from spinelib.report.answers.evidence import AnswerEvidence
from spinelib.report.answers.standing import ALONE, FIRST, standing_of, sure_words, verdict_words
from spinelib.report.leaderboard import TESTED, VOLUMES, Board, Cell, Line
from spinelib.runs.kinds import STARTS
from spinelib.statistics.contrast_verdicts import BETTER, turned

DICE = "dice"
OVERLAP = "Dice (the overlap with the reference outline, 0 none, 1 perfect)"


def outline_answers(evidence: AnswerEvidence) -> Iterator[UseAnswer]:
    """An answer for each set of data whose test cases were outlined, by Dice of the first structure that has a board.

    Networks from scratch alone where there are any: what learned elsewhere, or longer, is no fair rival of them.
    """
    seen = set()
    for board in sorted(evidence.boards, key=lambda board: not board.main):
        outlined = board.split == TESTED and bool(board.metrics) and board.metrics[0][0] == DICE
        if outlined and board.dataset not in seen:
            seen.add(board.dataset)
            yield _answer(evidence, board)


def _answer(evidence: AnswerEvidence, board: Board) -> UseAnswer:
    entries = [line.entry for line in board.lines]
    rows = evidence.contrasts
    rows = rows[(rows["dataset"] == board.dataset) & (rows["metric"] == DICE) & (rows["kind"] == "difference")]
    rows = rows[rows["structure"] == board.structure] if len(rows) else rows
    trainings = evidence.trainings(board.dataset, entries)
    found = standing_of(entries, rows, trainings, nothing=board.nothing)
    told = list(best_and_last(board.lines)) if not board.nothing else []
    told += list(_margins(rows, found.first[0])) if found.why == FIRST else []
    told += list(_beside(evidence, board)) if found.why != ALONE else []
    images = evidence.images(board.dataset)
    volumes = board.structure == VOLUMES[0]
    about = board.dataset if volumes else f"{board.structure}, {board.dataset}"
    use = f"Which network for outlines {'in' if volumes else 'on'} {images} ({about})?"
    on = evidence.cases_of(board.dataset, board.patients)
    return UseAnswer(
        use, verdict_words(found, "outlines best"), told, sure_words(found), on, "#leaderboard", found.told
    )


def best_and_last(lines: list[Line]) -> Iterator[str]:
    """The highest mean Dice of a board, the next one and the last, in a sentence."""
    known = [
        (short_label(line.entry), line.cells[0])
        for line in lines
        if line.cells[0] and line.cells[0].mean == line.cells[0].mean
    ]
    if not known:
        return
    first, best = known[0]
    if len(known) == 1:
        yield f"{first} has a mean {OVERLAP} of {_told(best)}."
        return
    words = f"In these trainings {first} has the highest mean {OVERLAP}: {_told(best)}"
    name, second = known[1]
    words += f"; {name} is next, {best.mean - second.mean:.3f} below"
    if len(known) > 2:
        name, last = known[-1]
        words += f"; {name} is the last of {len(known)} with {last.mean:.3f}"
    yield f"{words}."


def _told(cell: Cell) -> str:
    return with_interval(cell.mean, cell.low, cell.high)


def _margins(rows: pd.DataFrame, first: str) -> Iterator[str]:
    judged = [row if row["one"] == first else turned(row) for row in rows.to_dict("records")]
    for row in judged:
        if row["one"] == first and row["verdict"] == BETTER:
            yield f"It lies {with_interval(row['mean'], row['low'], row['high'])} above {short_label(row['other'])}."


def _beside(evidence: AnswerEvidence, board: Board) -> Iterator[str]:
    """What a network that learned elsewhere or longer reaches on the same cases."""
    for other in evidence.boards:
        same = (other.dataset, other.split, other.structure) == (board.dataset, board.split, board.structure)
        line = other.lines[0]
        if (
            same
            and other is not board
            and other.kind == STARTS
            and line.cells[0]
            and line.entry != board.lines[0].entry
        ):
            yield f"Beside them {short_label(line.entry)} reaches {_told(line.cells[0])}. {ELSEWHERE}"
            return
