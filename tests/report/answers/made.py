"""Tables of a small study, as its questions leave them."""

import csv

import pandas as pd

from spinelib.report.answers import AnswerEvidence
from spinelib.report.leaderboard import Board, Cell, Line
from spinelib.runs.kinds import SCRATCH

NAMES = ["unet/full", "plunet/full", "pspnet/full"]
STUDY = {"title": "A study", "data": {"d": "dataset aasce, source $DATA", "p": "dataset phantom, patients 9"}}


def contrasts(*rows, dataset="d", metric="dice", structure="spine"):
    """rows: one, other, mean, verdict."""
    about = {"dataset": dataset, "metric": metric, "structure": structure, "kind": "difference"}
    made = [
        {**about, "one": a, "other": b, "mean": m, "low": m - 0.01, "high": m + 0.01, "verdict": v}
        for a, b, m, v in rows
    ]
    columns = [*about, "one", "other", "mean", "low", "high", "verdict"]
    return pd.DataFrame(made, columns=columns)


def board(names=NAMES, kind=SCRATCH, dataset="d", structure="spine", top=0.9, nothing=False):
    """Entries by mean Dice, best first, a step of 0.1 apart; each run of seed 0 and seed 1."""
    means = [top - 0.1 * place for place in range(len(names))]
    lines = [
        Line(name, [Cell(mean, mean - 0.05, mean + 0.05)], None, 1.0, name, (f"{name}-s0", f"{name}-s1"))
        for name, mean in zip(names, means, strict=True)
    ]
    return Board(dataset, "test", structure, "common", kind, [("dice", "", "↑")], lines, 12, [], nothing)


def evidence(folder, boards, trainings=1, **tables):
    """The evidence of a study in `folder`; tables: rows by the file's stem, all of one question."""
    runs = [
        {"id": run, "seed": k if trainings > 1 else 0}
        for one in boards
        for line in one.lines
        for k, run in enumerate(line.runs)
    ]
    place = folder / "questions" / "q"
    place.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        table = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(rows)
        table.to_csv(place / f"{name}.csv", index=False, quoting=csv.QUOTE_MINIMAL)
    return AnswerEvidence(folder, {**STUDY, "runs": runs}, boards)
