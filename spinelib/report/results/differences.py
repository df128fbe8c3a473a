"""The contrasts that the study file named beforehand."""

from __future__ import annotations

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import QUESTIONS
from spinelib.report.results.published import AGAIN, CONTRASTS, PublishedStudy, entry_label
from spinelib.report.results.words import Row, fixed, interval, markdown_table
from spinelib.statistics.contrast_verdicts import BETTER, ONE_TRAINING, VERDICT_WORDS, WHOLE, WORSE, turned


def published_differences(study: PublishedStudy, dataset: str) -> str:
    """The named pairs of a data set by Dice: one less other with its interval, what it rests on, and the verdict."""
    lines = [
        [
            entry_label(row["one"]),
            entry_label(row["other"]),
            interval(row["mean"], row["low"], row["high"]),
            row["subset"],
            row["n"],
            row["seeds"],
            fixed(row["p_holm"], 3),
            VERDICT_WORDS[row["verdict"]],
        ]
        for row in _contrasts(study, dataset).to_dict("records")
    ]
    header = ("one", "other", "Dice, one less other", "on", "patients", "trainings a side", "p after Holm", "verdict")
    return markdown_table(header, lines)


def lies(study: PublishedStudy, dataset: str, one: str, other: str) -> str:
    """The named comparison of two entries as a sentence; the two may stand in the table in either order."""
    rows = _contrasts(study, dataset)
    for first, second in ((one, other), (other, one)):
        found = rows[(rows["one"] == first) & (rows["other"] == second)]
        if len(found):
            row = found.iloc[0].to_dict()
            return standing(row if first == one else turned(row))
    raise BadInput(study.folder / CONTRASTS, f"{one} and {other} were not compared", AGAIN)


def standing(row: Row) -> str:
    """A contrast as a sentence, with a direction only where its verdict has one."""
    one, other = entry_label(row["one"]), entry_label(row["other"])
    if row["verdict"] not in (BETTER, WORSE):
        return f"{one} less {other}: {interval(row['mean'], row['low'], row['high'])}, {VERDICT_WORDS[row['verdict']]}"
    upright = row if row["mean"] > 0 else turned(row)
    where = "above" if row["mean"] > 0 else "below"
    return f"{one} lies {interval(upright['mean'], upright['low'], upright['high'])} {where} {other}"


def _contrasts(study: PublishedStudy, dataset: str) -> pd.DataFrame:
    """The contrasts of a data set by Dice of its first structure."""
    if study.has(CONTRASTS):
        rows = study.table(CONTRASTS)
        rows = rows[(rows["dataset"] == dataset) & (rows["metric"] == "dice") & (rows["kind"] == "difference")]
        return rows[rows["structure"] == rows["structure"].iloc[0]] if len(rows) else rows
    return _earlier(study, dataset)


def _earlier(study: PublishedStudy, dataset: str) -> pd.DataFrame:
    """The differences of a study that was published before there were contrasts: of one training each, unjudged."""
    place = f"{QUESTIONS}/60_significance/tests_{dataset}.csv"
    rows = study.table(place)
    if study.trained_again:
        raise BadInput(study.folder / place, "is of several trainings and has no contrasts", AGAIN)
    return rows.assign(subset=WHOLE, seeds=1, p_holm=float("nan"), verdict=ONE_TRAINING)
