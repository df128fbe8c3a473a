"""Which network brings Cobb angles nearest to the reference, on each set of films."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from spinelib.core.layout import COBB_TABLE
from spinelib.plots.style import short_label
from spinelib.plots.words import with_interval
from spinelib.report.answers.answer import ELSEWHERE, UseAnswer
from spinelib.report.answers.evidence import AnswerEvidence
from spinelib.report.answers.standing import standing_of, sure_words, verdict_words
from spinelib.report.results.published import BORROWED
from spinelib.runs.kinds import STARTS, kind_boards
from spinelib.statistics.comparison import ALL

ROUTES = {
    "mask": "its outline",
    "corners": "the corners it finds",
    "network": "no outline, by its own answer",
}
SMAPE = "smape"
ERROR = "SMAPE (relative error of a film's three Cobb angles; 0 is perfect)"
Row = Mapping[Any, Any]


def angle_answers(evidence: AnswerEvidence) -> Iterator[UseAnswer]:
    """One answer for each set of films with Cobb angles, by SMAPE; of networks from scratch where there are any."""
    table = evidence.table(COBB_TABLE)
    if table.empty:
        return
    # The page may order its boards by another score.
    table = table[table["near_duplicate"] == ALL].sort_values(SMAPE, kind="stable")
    table = table.assign(name=table["name"].str.replace(BORROWED, r"\1", regex=True))
    for dataset, rows in table.groupby("dataset", sort=False):
        # Names without a variant are no networks: the reference itself, and one answer for all.
        networks = rows[rows["name"].str.contains("/")]
        boards = dict(kind_boards(networks)) if len(networks) else {}
        if boards:
            yield _answer(evidence, str(dataset), boards, rows)


def _answer(
    evidence: AnswerEvidence, dataset: str, boards: Mapping[str, pd.DataFrame], rows: pd.DataFrame
) -> UseAnswer:
    kind, board = next(iter(boards.items()))
    entries = list(dict.fromkeys(board["name"]))
    known = evidence.contrasts
    known = known[(known["dataset"] == dataset) & (known["metric"] == SMAPE) & (known["kind"] == "difference")]
    found = standing_of(entries, known, evidence.trainings(dataset, entries))
    best = board.iloc[0].to_dict()
    told = [_best(board), *_limits(rows), *_beside(boards, kind, best["name"])]
    verdict = verdict_words(found, "comes nearest to the Cobb angles of the reference")
    # Boards of the index mix the views of a patient, and have other numbers where there are several.
    on = (
        f"{evidence.cases_of(dataset, int(best['patients']))} Of films in several views those taken standing (coronal)."
    )
    return UseAnswer(
        f"Which network for Cobb angles ({dataset})?",
        verdict,
        told,
        sure_words(found),
        on,
        evidence.question(COBB_TABLE),
        told=found.told,
    )


def _best(board: pd.DataFrame) -> str:
    """The lowest mean of a board, and the last, in a sentence."""
    best, last = board.iloc[0].to_dict(), board.iloc[-1].to_dict()
    if len(board) == 1:
        return f"{_named(best)} has a mean {ERROR} of {_told(best)}. {_major(best)}"
    words = f"In these trainings {_named(best)} has the lowest mean {ERROR}: {_told(best)}"
    words += f"; the last of {len(board)} readings, {_named(last)}, has {last[SMAPE]:.1f} %"
    return f"{words}. {_major(best)}"


def _beside(boards: Mapping[str, pd.DataFrame], kind: str, best: str) -> Iterator[str]:
    """What a network that learned elsewhere or longer reaches on the same films."""
    if kind != STARTS and STARTS in boards:
        other = boards[STARTS].iloc[0].to_dict()
        if other["name"] != best:
            yield f"Beside them {_named(other)} has {_told(other)}. {_major(other)} {ELSEWHERE}"


def _named(row: Row) -> str:
    return f"{short_label(row['name'])} (read from {ROUTES.get(row['route'], row['route'])})"


def _told(row: Row) -> str:
    return f"{with_interval(row[SMAPE], row[f'{SMAPE}_low'], row[f'{SMAPE}_high'], 1)} %"


def _major(row: Row) -> str:
    """The error of the largest angle, in degrees."""
    ends = row["cobb_error"], row["cobb_error_low"], row["cobb_error_high"]
    return f"Its largest angle of a film is off by {with_interval(*ends, 1)}° on average."


def _limits(rows: pd.DataFrame) -> Iterator[str]:
    """What reading the reference masks would give, and what one answer to every film would."""
    words = {
        "reference masks": "Read from the reference outlines, angles are off by {:.1f}°: no outline does better.",
        "same answer for every film": "One answer for every film, the mean of training, is off by {:.1f}°.",
    }
    for name, told in words.items():
        own = rows[rows["name"] == name]
        if len(own):
            yield told.format(own["cobb_error"].iloc[0])
