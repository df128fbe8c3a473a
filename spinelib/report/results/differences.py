"""Paired differences that the study file named beforehand."""

from __future__ import annotations

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import QUESTIONS
from spinelib.report.results.published import AGAIN, PublishedStudy, entry_label
from spinelib.report.results.words import Row, interval, markdown_table, side, standing

LEVEL = 0.05  # of the tests, after Holm


def published_differences(study: PublishedStudy, dataset: str) -> str:
    """The comparisons of a data set: Dice of one less other with its interval, and p of the paired t after Holm."""
    rows = _tests(study, dataset).to_dict("records")
    lines = [
        [
            entry_label(row["one"]),
            entry_label(row["other"]),
            interval(row["mean"], row["low"], row["high"]),
            _reading(row),
            f"{row['holm_t']:.2g}",
            row["n"],
        ]
        for row in rows
    ]
    header = ("one", "other", "Dice, one less other", "one lies", "p after Holm", "n")
    return markdown_table(header, lines)


def lies(study: PublishedStudy, dataset: str, one: str, other: str) -> str:
    """The named comparison of two entries as a sentence; the two may stand in the table in either order."""
    rows = _tests(study, dataset)
    for first, second, sign in ((one, other, 1), (other, one, -1)):
        found = rows[(rows["one"] == first) & (rows["other"] == second)]
        if len(found):
            row = found.iloc[0]
            low, high = sorted((sign * row["low"], sign * row["high"]))
            return standing(
                entry_label(one), entry_label(other), {"mean": sign * row["mean"], "low": low, "high": high}
            )
    raise BadInput(study.folder / _place(dataset), f"{one} and {other} were not compared", AGAIN)


def _reading(row: Row) -> str:
    where = side(row["low"], row["high"]) or "cannot be told"
    return where if where == "cannot be told" or row["holm_t"] < LEVEL else f"{where}, not after Holm"


def _place(dataset: str) -> str:
    return f"{QUESTIONS}/60_significance/tests_{dataset}.csv"


def _tests(study: PublishedStudy, dataset: str) -> pd.DataFrame:
    return study.table(_place(dataset))
