"""Structures of volumes that were mixed up: drawn where the case has none, or missed (SAFNet, A: Discussion, Figure 9).

(C, our choice) The paper shows five films and gives no count. Here a category error is a labelled structure that only
one of reference and prediction has, read from the statuses of the case table; a structure that a case does not label is
neither. A chain that is named a level off makes two at its ends; in between every name is still there, but drawn
elsewhere: `misplaced` counts the structures that both have with a Dice below 0.1, beside the errors.
"""

from __future__ import annotations

import pandas as pd

from spinelib.core.structures import SEVENTEEN, SEVENTEEN_GROUP
from spinelib.questions.compare.boards import COMMON, GROUPS, board
from spinelib.statistics import comparison
from spinelib.statistics.limits import limits_of

SACRUM = "S"
KINDS = {"missed": "empty_prediction", "invented": "empty_reference"}
ELSEWHERE = 0.1
COUNTS = (*KINDS, "misplaced")
COLUMNS = ("name", "patients", *COUNTS, "errors", "low", "high", "volumes without")


def category_rows(cases: pd.DataFrame) -> pd.DataFrame:
    """Rows of a case table with metric ``category_errors`` (unit structures), one per run, volume and group.

    Groups: ``all``, and ``seventeen``, the structures that SAFNet's paper scores. cases: a case table; only volumes
    (cases with means over structures) have rows. Columns missed, invented and misplaced beside those of the case table.
    """
    single = cases[(cases["case"] != comparison.ALL) & (cases["condition"] == "none")]
    keys = ["run", "dataset", "split", "case", "view"]
    whole = single.loc[(single["structure"] == comparison.ALL) & (single["metric"] == "dice")].drop_duplicates(keys)
    rows = single[(single["metric"] == "dice") & ~single["structure"].isin(GROUPS)]
    marks = rows[keys].assign(**{name: rows["status"] == kind for name, kind in KINDS.items()})
    marks = marks.assign(misplaced=(rows["status"] == "ok") & (rows["value"] < ELSEWHERE))
    groups = {comparison.ALL: marks, SEVENTEEN_GROUP: marks[rows["structure"].isin(SEVENTEEN)]}
    sums = {group: own.groupby(keys, sort=False)[list(COUNTS)].sum().reset_index() for group, own in groups.items()}
    counted = [whole.assign(structure=group).merge(own, on=keys, how="inner") for group, own in sums.items()]
    found = pd.concat(counted, ignore_index=True)
    errors = (found["missed"] + found["invented"]).astype(float)
    found = found.assign(metric="category_errors", unit="structures", status="ok", value=errors)
    return found[[*cases.columns, *COUNTS]]


def category_errors(cases: pd.DataFrame, dataset: str, recipe: str = COMMON) -> pd.DataFrame:
    """Category errors per volume of every entry, fewest first: one row of COLUMNS each, test cases only.

    missed, invented, misplaced, errors (missed and invented): means over patients; low, high: 95 % interval of the
    errors; "volumes without": share of volumes that have none. Of all structures. Empty for films.
    """
    rows = category_rows(cases)
    rows = rows[rows["structure"] == comparison.ALL]
    rows = rows[(rows["dataset"] == dataset) & (rows["split"] == "test") & (rows["recipe"] == recipe)]
    rows = rows.assign(name=rows["method"] + "/" + rows["variant"])
    lines = []
    for name, own in rows.groupby("name", sort=False):
        people = own.groupby("patient")[[*COUNTS, "value"]].mean()
        interval = comparison.mean_interval(people["value"], limits=limits_of("category_errors", "structures"))
        free = float((own["value"] == 0).mean())
        lines.append((name, len(people), *people[list(COUNTS)].mean(), *interval, free))
    found = pd.DataFrame(lines, columns=list(COLUMNS))
    return found.sort_values("errors", kind="stable", ignore_index=True)


def sacrum_board(summary: pd.DataFrame, dataset: str, recipe: str = COMMON) -> pd.DataFrame:
    """Leaderboard of the sacrum's Dice (columns of `comparison.leaderboard`), where it is labelled; else empty."""
    if not (summary["dataset"].eq(dataset) & summary["structure"].eq(SACRUM)).any():
        return summary.head(0).assign(name="")
    found = board(summary, dataset, SACRUM, "dice", "1", comparison.ALL, recipe)
    return found[found["n"] > 0]
