"""Lines of a ledger that was published earlier beside today's: which still ask what today's line of their id asks."""

from __future__ import annotations

import pandas as pd

from spinelib.literature.claims import read_claims

# What a line asks of which entries; texts, margins and published numbers may be put better since.
QUESTION = ("rule", "metric", "unit", "structure", "one", "other")


def asked_today(rows: pd.DataFrame) -> pd.Series:
    """Whether each line of `rows` (columns id and QUESTION) asks what today's line of its id does, bool [rows].

    False for an id that today's ledger does not have.
    """
    today = read_claims().set_index("id")[list(QUESTION)].agg("|".join, axis=1)
    then = rows[list(QUESTION)].fillna("").astype(str).agg("|".join, axis=1)
    return then == rows["id"].map(today)


def asked_otherwise(rows: pd.DataFrame) -> pd.Series:
    """Whether today's ledger asks something else by the id of each line, bool [rows]; False for an id it has not."""
    return rows["id"].isin(read_claims()["id"]) & ~asked_today(rows)


def changed_lines(rows: pd.DataFrame) -> dict[str, int]:
    """How a published ledger differs from today's: lines, today, gone, and otherwise (asks something else today)."""
    ids, today = rows.drop_duplicates("id"), read_claims()["id"]
    gone, otherwise = int((~ids["id"].isin(today)).sum()), int(asked_otherwise(ids).sum())
    return {"lines": len(ids), "today": len(today), "gone": gone, "otherwise": otherwise}
