"""Tables of earlier publications judged by the rules of today, as far as their own rows allow.

One training a side says something of this training and nothing of the method, whatever interval its patients give: what
was published about such pairs keeps its numbers and loses verdict and p-value. Intervals stay as they were computed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from spinelib.literature import claims as ledger
from spinelib.literature.asked import asked_today
from spinelib.literature.counting import UNTESTED
from spinelib.questions.ablation.words import sentence
from spinelib.questions.claims.costs import COUNTED
from spinelib.questions.claims.verdicts import FOUND, counted_verdict
from spinelib.questions.cobb.angle_tables import data_boards
from spinelib.questions.cobb.angles import REFERENCE_ENTRY
from spinelib.questions.cobb.guess import GUESS_ENTRY, learned_answers, unlearned_answers
from spinelib.questions.compare.boards import first_structure
from spinelib.questions.compare.contrasts import COLUMNS, DICE
from spinelib.questions.compare.entry_values import MEAN
from spinelib.report.results.claims import BEFORE
from spinelib.report.results.published import EARLIER_WORDS
from spinelib.statistics.contrast_verdicts import ONE_TRAINING, ONE_TRAINING_ORDER, VERDICT_WORDS, WHOLE

OTHERWISE = "new runs of the study: it was published with an answer to another question"
SINCE = "new runs of the study: it was published before the ledger had this line"


def judged_claims(rows: pd.DataFrame) -> pd.DataFrame:
    """Today's ledger of claims with what was published about each; lines on size and operations are counted anew.

    A line that was published as another question, or not at all, is not tested. One on scores of one training a side
    has no finding, no p-value and no verdict. Column `before`: the verdict as first published.
    """
    rows = rows.assign(**{BEFORE: rows[BEFORE if BEFORE in rows else "verdict"]})
    columns = [*ledger.COLUMNS, *FOUND, BEFORE]
    rows = pd.DataFrame([_counted(line) for line in _todays_lines(rows)], columns=columns)
    before = rows[BEFORE]
    once = (rows["rule"] != "cost") & (rows["seeds"] < 2) & (rows["verdict"] != UNTESTED)
    words = {"finding": ONE_TRAINING, "verdict": ONE_TRAINING, "size": ""}
    rows = rows.assign(**{name: rows[name].mask(once, word) for name, word in words.items() if name in rows})
    return _without_p(rows.assign(**{BEFORE: before.to_numpy()}), once)


def _todays_lines(rows: pd.DataFrame) -> Iterator[dict[Any, Any]]:
    """Every line of today's ledger with what was found for it: as often as it was published, else once without."""
    same = asked_today(rows)
    for claim in ledger.read_claims().to_dict("records"):
        own = rows["id"] == claim["id"]
        kept = rows[own & same].to_dict("records")
        yield from ({**line, **claim} for line in kept)
        if not kept:
            before = rows.loc[own, BEFORE].iloc[0] if own.any() else np.nan
            reason = OTHERWISE if own.any() else SINCE
            needed = claim["needs"] if claim["rule"] == "none" else f"{reason}; {claim['needs']}"
            yield {**claim, "finding": UNTESTED, "verdict": UNTESTED, "size": "", "needed": needed, BEFORE: before}


def _counted(line: dict[Any, Any]) -> dict[Any, Any]:
    return line | counted_verdict(line) if line["rule"] == "cost" and line["metric"] in COUNTED else line


def judged_parts(rows: pd.DataFrame) -> pd.DataFrame:
    """The parts of methods: those of one training a side have no p-value, and their sentence says so.

    Beside them stands the paper's number for this very pair of entries, where today's ledger has one.
    """
    pairs = rows[["method", "one", "other", "metric"]].itertuples(index=False, name=None)
    rows = rows.assign(published=[ledger.published_difference(*map(str, pair)) for pair in pairs])
    rows = rows.assign(view=rows["view"].fillna("") if "view" in rows else "", unit=rows["unit"].astype(str))
    once = (rows["seeds"] < 2) & ~rows["verdict"].isin(list(VERDICT_WORDS))
    rows = _without_p(rows.assign(verdict=rows["verdict"].mask(once, ONE_TRAINING)), once)
    lines = [{str(name): cell for name, cell in row.items()} for row in rows.to_dict("records")]
    told = [sentence(line) if line["verdict"] in VERDICT_WORDS else line["sentence"] for line in lines]
    return rows.assign(sentence=told).drop(columns="effect", errors="ignore")


def judged_differences(rows: pd.DataFrame, dataset: str, summary: pd.DataFrame) -> pd.DataFrame:
    """The tests of one data set as contrasts by Dice, of one training a side each.

    rows: one, other, mean, low, high and n; summary: the published means, which tell structure and views.
    """
    structure = first_structure(summary, dataset)
    tested = summary[(summary["dataset"] == dataset) & (summary["structure"] == structure)]
    views = set(tested["view"]) - {"all"}
    view = "all" if len(views) > 1 else next(iter(views), "all")
    about: dict[str, Any] = {
        "dataset": dataset,
        "structure": structure,
        "metric": DICE[0],
        "unit": DICE[1],
        "kind": MEAN,
    }
    about |= {"named": True, "subset": WHOLE, "view": view, "seeds": 1, "verdict": ONE_TRAINING}
    return rows.assign(**about).reindex(columns=list(COLUMNS))


def judged_orders(rows: pd.DataFrame) -> pd.DataFrame:
    """Agreement of the orders on two data sets: of one training a method, which has no reading as one of methods."""
    return rows.assign(trainings=1, reading=ONE_TRAINING_ORDER) if "trainings" not in rows else rows


def judged_angles(rows: pd.DataFrame) -> pd.DataFrame:
    """All boards of Cobb angles, computed again from the published angles of every film (as of `read_rows`).

    An entry learned nothing where its answers do not vary; beside one answer for every film it can be held only where
    that answer was published, too.
    """
    tables = []
    for dataset, own in rows.groupby("dataset", sort=False):
        guess = own[own["name"] == GUESS_ENTRY]
        entries = own[~own["name"].isin([REFERENCE_ENTRY, GUESS_ENTRY])]
        entries = learned_answers(entries, unlearned_answers(entries, guess))
        fixed = pd.concat([own[own["name"] == REFERENCE_ENTRY], guess])
        tables += data_boards(str(dataset), entries, fixed)
    return pd.concat(tables, ignore_index=True)


def without_overlaps(line: str) -> str:
    """A sentence without what it says of overlapping intervals, or of a method that stays best."""
    for words, instead in EARLIER_WORDS:
        line = re.sub(words, instead, line)
    return line


def _without_p(rows: pd.DataFrame, where: pd.Series) -> pd.DataFrame:
    return rows.assign(**{name: rows[name].mask(where, np.nan) for name in ("p", "p_holm") if name in rows})
