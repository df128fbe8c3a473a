"""What the papers claimed, with what a study's runs show."""

from __future__ import annotations

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import QUESTIONS, VERDICT_TABLE
from spinelib.literature.asked import asked_otherwise
from spinelib.literature.counting import ACCURACY, COSTS, UNTESTED, counted_lines
from spinelib.report.results.earlier import read_earlier
from spinelib.report.results.published import AGAIN, PublishedStudy
from spinelib.report.results.words import Row, fixed, interval, listed_in_words, markdown_table, side
from spinelib.statistics.claim_verdicts import CLAIM_VERDICTS, CONTRADICTED, REPLICATED
from spinelib.statistics.contrast_verdicts import ONE_TRAINING

PLACE = f"{QUESTIONS}/70_claims/{VERDICT_TABLE}"
# The verdict of each line before it was judged anew.
BEFORE, WAS = "before", ", as first published"


def claims_by_paper(study: PublishedStudy) -> str:
    """Claims on accuracy by paper and verdict, all papers together, and claims on costs; counted as `counted_lines`.

    Two lines more, the same counts of the verdicts as they were published before: of a publication that was judged
    anew, and of one whose earlier verdicts were kept (`spinelib.report.results.earlier`).
    """
    rows = _ledger(study)
    counts = [_counts(rows)]
    if BEFORE in rows:
        was = _counts(rows[rows[BEFORE].notna()].assign(verdict=rows[BEFORE]))
        counts.append(was[~was.index.isin(rows["paper"])].rename(index=lambda name: name + WAS))
    for (commit, date), was in read_earlier(study.folder).groupby(["commit", "date"]):
        found = _counts(was)
        found = found[~found.index.isin(was["paper"])]
        counts.append(found.set_axis([f"{name}, {date}, {commit}" for name in found.index]))
    table = pd.concat(counts)
    known = [verdict for verdict in CLAIM_VERDICTS if verdict in table.columns]
    lines = [[name, *table.loc[name, known].fillna(0).astype(int)] for name in table.index]
    return markdown_table(("paper", *known), lines)


def _counts(rows: pd.DataFrame) -> pd.DataFrame:
    """Numbers of counted lines, a column for each verdict: those on accuracy by paper, all of these, those on costs."""
    rows = counted_lines(rows)
    accuracy = rows["about"] == ACCURACY
    papers = pd.crosstab(rows["paper"][accuracy], rows["verdict"][accuracy])
    costs = rows["verdict"][~accuracy].value_counts().to_frame(COSTS).T
    return pd.concat([papers, papers.sum().to_frame("all").T, costs[costs.sum(axis=1) > 0]])


def tested(study: PublishedStudy) -> str:
    """Every claim that could be tested: what was published, what was found on which data, and the verdict."""
    rows = _ledger(study)
    rows = rows[rows["verdict"] != UNTESTED].sort_values(
        "verdict", key=lambda c: c.map(CLAIM_VERDICTS.index), kind="stable"
    )
    lines = [
        [
            row["statement"],
            row["paper"].partition(" 20")[0],
            _number(row, "published"),
            _found(row),
            row["dataset"],
            row["verdict"],
        ]
        for row in rows.to_dict("records")
    ]
    return markdown_table(("claim", "paper", "published", "found here", "data", "verdict"), lines)


def claim(study: PublishedStudy, name: str) -> str:
    """One claim of the ledger as a sentence."""
    row = _row(study, name)
    words = f"published {_number(row, 'published')}, here {_found(row)}: {row['verdict']}"
    return f"“{row['statement']}” ({row['source']}): {words}"


def published_number(study: PublishedStudy, name: str) -> float:
    """The number that a claim's paper printed."""
    return float(_row(study, name)["published"])


def claim_side(study: PublishedStudy, name: str) -> str:
    """Whether what was found lies ``above`` or ``below`` the published number by its interval; '' for neither."""
    row = _row(study, name)
    return side(row["low"], row["high"], row["published"])


def any_settled(study: PublishedStudy) -> str:
    """Whether any claim is replicated or contradicted in full, in words."""
    rows = counted_lines(_ledger(study))
    counts = rows.loc[rows["about"] == ACCURACY, "verdict"].value_counts()
    found = [f"{counts[verdict]} {verdict}" for verdict in (REPLICATED, CONTRADICTED) if verdict in counts]
    return f"In full: {listed_in_words(found)}." if found else "None is replicated or contradicted in full."


def _ledger(study: PublishedStudy) -> pd.DataFrame:
    """The ledger without a verdict of lines on scores of one training a side, even if it was published with one.

    What today's ledger asks otherwise has no answer here.
    """
    rows = study.table(PLACE)
    other = asked_otherwise(rows)
    blank = {name: rows[name].mask(other) for name in ("mean", "low", "high", "seeds")}
    rows = rows.assign(**blank, verdict=rows["verdict"].mask(other, UNTESTED))
    once = (rows["rule"] != "cost") & (rows["seeds"] < 2) & (rows["verdict"] != UNTESTED)
    return rows.assign(verdict=rows["verdict"].mask(once, ONE_TRAINING))


def _row(study: PublishedStudy, name: str) -> Row:
    """The ledger's line `name`; raises BadInput where there is none."""
    rows = _ledger(study)
    rows = rows[rows["id"] == name]
    if len(rows) != 1:
        raise BadInput(study.folder / PLACE, f"has no claim {name!r}", AGAIN)
    return rows.to_dict("records")[0]


def _digits(row: Row) -> int:
    return 3 if row["unit"] in ("1", 1) else 2


def _unit(row: Row) -> str:
    return {"1": "", "deg": "°"}.get(str(row["unit"]), f" {row['unit']}")


def _number(row: Row, column: str) -> str:
    return fixed(row[column], _digits(row)) + _unit(row) if pd.notna(row[column]) else ""


def _found(row: Row) -> str:
    if pd.isna(row["mean"]):
        return ""
    words = interval(row["mean"], row["low"], row["high"], _digits(row))
    return (words if row["low"] != row["high"] else fixed(row["mean"], _digits(row))) + _unit(row)
