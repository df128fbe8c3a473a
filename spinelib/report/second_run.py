"""``python -m spinelib.report.second_run FOLDER OTHER``: how far a second run of the same study moved its scores.

FOLDER and OTHER are the folders of two runs of one study, or of what was published of them. FOLDER then keeps a table,
``second_run.csv``, from which its index says how far each score moved and which of its own verdicts the other run
changed. Verdicts are those that the indexes of the two folders tell: both must be written by the same code.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from spinelib.core.command_line import OneLineParser
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import CONTRAST_TABLE, QUESTIONS, VERDICT_TABLE, StudyFolder
from spinelib.measures.registry import find
from spinelib.report.answers.answer import counted_of
from spinelib.report.leaderboard import TESTED, Board, boards
from spinelib.report.words import score_words
from spinelib.runs.frozen import agreed_commit, agreed_differences
from spinelib.runs.kinds import COMMON
from spinelib.runs.named import named_folders

COMMIT, SCORE, ANSWER, COMPARISON, CLAIM = "commit", "score", "answer", "comparison", "claim"
COLUMNS = ["what", "on", "entry", "metric", "unit", "first", "second", "difference", "changed"]
NUMBERS = ["first", "second", "difference"]
KEY = ["what", "on", "entry", "metric", "unit"]
ANSWERED = re.compile(r'<h3>([^<]*)</h3>\s*<p class="verdict">([^<]*)</p>')
PAIR = ["dataset", "subset", "view", "structure", "metric", "kind", "one", "other"]
ROUNDED = 1e-5  # published tables keep six digits


@dataclass(frozen=True)
class SecondRun:
    """What a second run moved: whole sentences, and a line for each score, as words.

    moves: by metric, each as (score, how many, median, largest, where); lines: each as (on, entry, score, first,
    second, difference); verdicts: those that changed, each as (what, about, first, second).
    """

    sentences: list[str]
    moves: list[tuple[str, ...]]
    lines: list[tuple[str, ...]]
    verdicts: list[tuple[str, ...]]


def compare_second(folder: Path, other: Path) -> pd.DataFrame:
    """Write the table of the study in `folder` beside a second run in `other`, whole or not at all, and give it.

    One row for each score of the boards of test cases and each verdict that both have. Raises BadInput for folders that
    agreed on different comparisons, test sets or recipes, and for two that have nothing in common.
    """
    differences = agreed_differences(folder, other)
    if differences:
        remedy = "Give two runs of one study, from the same study file."
        raise BadInput(other, f"is no second run of {folder}: {differences[0]}", remedy)
    one, two = (pd.DataFrame(_told(each), columns=[*KEY, "value"]) for each in (folder, other))
    both = one.merge(two, on=KEY, suffixes=("_one", "_two"))
    if len(both) < 2:
        raise BadInput(other, f"has no score or verdict that {folder} has, too", "Wait until both have finished.")
    score = both["what"] == SCORE
    numbers = both[["value_one", "value_two"]].where(score).astype(float)
    table = both.rename(columns={"value_one": "first", "value_two": "second"}).assign(
        difference=numbers["value_two"] - numbers["value_one"],
        changed=np.where(both["what"].isin([COMMIT, SCORE]), "", both["value_one"] != both["value_two"]),
    )[COLUMNS]
    write_text(StudyFolder(folder).second_run, table.to_csv(index=False))
    return table


def _told(folder: Path) -> Iterator[tuple[Any, ...]]:
    """Scores and verdicts of a study as rows of KEY and a value."""
    files = StudyFolder(folder)
    yield COMMIT, "", "", "", "", agreed_commit(folder)
    yield from _scores(boards(files.summary))
    html = files.index.read_text(encoding="utf-8") if files.index.exists() else ""
    yield from ((ANSWER, unescape(use), "", "", "", unescape(verdict)) for use, verdict in ANSWERED.findall(html))
    for row in _rows(folder, CONTRAST_TABLE):
        about = [row[name] for name in PAIR]
        yield COMPARISON, ", ".join(about[:4]), " against ".join(about[6:]), about[4], about[5], row["verdict"]
    for row in _rows(folder, VERDICT_TABLE):
        yield CLAIM, row["id"], "", row["metric"], "", row["verdict"]


def _scores(shown: Sequence[Board]) -> Iterator[tuple[Any, ...]]:
    known = set()  # what stands beside another kind of entry stands on two boards
    for board in shown:
        on = ", ".join([board.dataset, board.structure, *([board.recipe] if board.recipe not in ("", COMMON) else [])])
        for line in board.lines if board.split == TESTED else ():
            for (metric, unit, _), cell in zip(board.metrics, line.cells, strict=True):
                key = SCORE, on, line.name, metric, unit
                if cell and cell.mean == cell.mean and key not in known:
                    known.add(key)
                    yield *key, cell.mean


def _rows(folder: Path, name: str) -> list[Mapping[str, str]]:
    """The rows of a question's table as text; none where no question has it."""
    paths = [question / name for question in named_folders(folder, QUESTIONS)]
    found = next((pd.read_csv(path, dtype=str).fillna("") for path in paths if path.exists()), pd.DataFrame())
    return [{str(key): str(cell) for key, cell in row.items()} for row in found.to_dict("records")]


def read_second_run(folder: Path, shown: Sequence[Board]) -> SecondRun | None:
    """What the index of the study in `folder` says of a second run; `shown`: its boards.

    None without a table, and where the study's scores are no longer those that were compared.
    """
    path = StudyFolder(folder).second_run
    if not path.exists():
        return None
    table = pd.read_csv(path, dtype=dict.fromkeys(COLUMNS, str)).fillna("")
    scores = table[table["what"] == SCORE]
    scores = scores.astype(dict.fromkeys(NUMBERS, float))
    now = {row[:5]: row[5] for row in _scores(shown)}
    before = dict(zip(scores[KEY].itertuples(index=False, name=None), scores["first"], strict=True))
    if any(key not in now or not np.isclose(value, now[key], rtol=ROUNDED) for key, value in before.items()):
        return None
    verdicts = table[~table["what"].isin([COMMIT, SCORE])]
    commits = table.loc[table["what"] == COMMIT, ["first", "second"]].to_numpy(str)
    changed = verdicts[verdicts["changed"] == str(True)]
    moves = [_move(str(name), own) for name, own in scores.groupby("metric", sort=False)]
    return SecondRun(
        [*_sentences(scores, verdicts, changed, " and ".join(commits[0]) if len(commits) else "")],
        moves,
        [_line(row) for row in scores.to_dict("records")],
        [(row["what"], _about(row), row["first"], row["second"]) for row in changed.to_dict("records")],
    )


def _sentences(scores: pd.DataFrame, verdicts: pd.DataFrame, changed: pd.DataFrame, commits: str) -> Iterator[str]:
    same = int(np.isclose(scores["first"], scores["second"], rtol=ROUNDED, atol=0).sum())
    yield (
        f"The same study was run twice from its beginning (commits {commits}). Of {counted_of(len(scores), 'score')} "
        f"on the boards of test cases {same} are the same in five digits."
    )
    kinds = [f"{counted_of(len(own), str(what))}" for what, own in verdicts.groupby("what", sort=False)]
    number = len(changed) or "none"
    yield f"Of {len(verdicts)} verdicts of this page ({', '.join(kinds)}) the second run changed {number}."


def _move(name: str, own: pd.DataFrame) -> tuple[str, ...]:
    size = own["difference"].abs()
    most = own.iloc[int(size.to_numpy().argmax())]
    unit = str(most["unit"])
    title = f"{find(name).title}{f', {_unit(unit)}' if unit else ''}"
    return title, str(len(own)), _moved(size.median()), _moved(size.max()), f"{most['entry']}, {most['on']}"


def _line(row: Mapping[object, object]) -> tuple[str, ...]:
    unit = str(row["unit"])
    first, second, moved = (float(str(row[name])) for name in ("first", "second", "difference"))
    numbers = score_words(first, unit), score_words(second, unit), _moved(moved)
    title = find(str(row["metric"])).title
    return str(row["on"]), str(row["entry"]), f"{title}{f', {_unit(unit)}' if unit else ''}", *numbers


def _moved(value: float) -> str:
    """A difference in two digits; 0 for less than published tables tell."""
    return "0" if abs(value) < ROUNDED else f"{value:.2g}"


def _unit(unit: str) -> str:
    return "degrees" if unit == "deg" else unit


def _about(row: Mapping[object, object]) -> str:
    return ", ".join(str(row[name]) for name in ("entry", "on", "metric") if row[name])


def main(words: list[str] | None = None) -> int:
    """Compare two runs of a study and say what moved; gives 2 for folders that cannot be compared, in one line."""
    parser = OneLineParser(prog="python -m spinelib.report.second_run", description=__doc__)
    parser.add_argument("folder", type=Path, help="folder of the study whose index tells it")
    parser.add_argument("other", type=Path, help="folder of the other run of the same study, or of its publication")
    given = parser.parse_args(words)
    try:
        table = compare_second(given.folder, given.other)
    except BadInput as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    found = read_second_run(given.folder, boards(StudyFolder(given.folder).summary))
    print("\n".join(found.sentences if found else [f"{len(table)} rows"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
