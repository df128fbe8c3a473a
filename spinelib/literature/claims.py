"""The claims of the five papers, one line each in `claims.csv`.

The file holds facts only: what is claimed, where, and the published effect where one is printed (`status` stated) or
follows from printed numbers (derived). `published` names that effect by its id in `numbers.csv`, or as arithmetic on
ids, and so do the texts. Differences are one - other in the metric's unit. Rules: ``level`` (a mean lies within
`margin` of the published value; tested on the paper's data alone, since numbers are no pass mark for other films),
``difference`` (one is better than other), ``worst_view`` (the same of each patient's worst view), ``drop`` (one loses
less on corrupted films; ``drop_contrast``: on those of another contrast), ``fewer_films`` (one loses less with fewer
training films), ``folds`` (one is better in every fold but one), ``spread`` (one differs less between patients),
``both`` (one is better by each of two metrics), ``course`` (one is better by the course of its training),
``course_level`` (that course lies within `margin` of the published one, in trainings by the published recipe),
``cost`` (one is smaller than other, in per cent), ``none`` (no test). `contradicts` says what would contradict the
claim, `paper_data` the data here that are the paper's own (``aasce:128``: with as many test films), `alike` what the
runs of both sides must share (recipe, width, another parameter, or an option of the network), `needs` what a
replication needs, `study` which study of this repository sets out to be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.literature import numbers
from spinelib.literature.arithmetic import in_words

COLUMNS = (
    *("id", "paper", "statement", "source", "rule", "metric", "unit", "structure", "one", "other", "published"),
    *("status", "confidence", "margin", "contradicts", "paper_data", "alike", "needs", "study"),
)
NUMERIC = ("confidence", "margin")
LEVELS = ("level", "course_level")
PAIRED = ("difference", "worst_view", "drop", "drop_contrast", "fewer_films", "folds", "spread", "both", "course")
RULES = (*LEVELS, *PAIRED, "cost", "none")
STUDIES = ("r2mf_paper", "mdwc_paper", "safnet_paper", "spinefm_paper", "seg4reg_paper")
STATUSES = ("stated", "derived", "no number")


def read_claims() -> pd.DataFrame:
    """Every claim with its published effect as a number, columns COLUMNS; a copy, so that it may be changed."""
    return _claims().copy()


def published_difference(method: str, one: str, other: str, metric: str) -> float:
    """What the paper says variant `one` of a method gains over `other`, in the metric's unit; NaN where it does not."""
    claims = read_claims()
    claims = claims[(claims["rule"] == "difference") & (claims["metric"] == metric) & claims["published"].notna()]
    for a, b, sign in ((one, other, 1), (other, one, -1)):
        line = claims[(claims["one"] == f"{method}/{a}") & (claims["other"] == f"{method}/{b}")]
        if len(line):
            return sign * float(line["published"].iloc[0])
    return float("nan")


def own_data(claim: Mapping[Any, Any]) -> dict[str, int]:
    """The data sets here that are the own ones of a claim's paper, each with the test films that it needs."""
    parts = [text.partition(":") for text in str(claim["paper_data"]).split(";") if text]
    return {name: int(films or 0) for name, _, films in parts}


@cache
def _claims() -> pd.DataFrame:
    source = resources.files("spinelib.literature").joinpath("claims.csv")
    with source.open("r", encoding="utf-8") as stream:
        table = pd.read_csv(stream, keep_default_na=False, na_values={name: [""] for name in NUMERIC})
    table = with_numbers(table, str(source))
    return check_claims(table.astype(dict.fromkeys(("published", *NUMERIC), float)), str(source))


def with_numbers(table: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """The claims with ids replaced by their numbers; raises BadInput naming `file` where one names what is no id."""
    known = numbers.known()
    try:
        published = [known.rounded(effect) if effect else float("nan") for effect in table["published"]]
        texts = {name: [in_words(text, known) for text in table[name]] for name in ("statement", "source")}
    except KeyError as error:
        raise BadInput(file, f"names {error}, which is no published number", "Use an id of numbers.csv.") from error
    return table.assign(published=published, **texts)


def check_claims(table: pd.DataFrame, file: str | Path) -> pd.DataFrame:
    """`table` if it keeps the contract above; raises BadInput naming `file` and the first claim that does not."""
    if tuple(table.columns) != COLUMNS:
        raise BadInput(file, f"has the columns {', '.join(table.columns)}", f"Use {', '.join(COLUMNS)}.")
    tested, paired = ~table["rule"].isin(["none", "cost"]), table["rule"].isin(PAIRED)
    compared = paired | (table["rule"] == "cost")
    words = table[["id", "paper", "statement", "source", "contradicts"]]
    mistakes = {
        "has an unknown rule": ~table["rule"].isin(RULES),
        "has an unknown status": ~table["status"].isin(STATUSES),
        "is given twice": table.duplicated("id"),
        "lacks a word in id, paper, statement, source or contradicts": (words == "").any(axis=1),
        "has no metric, structure or entry": tested & (table[["metric", "structure", "one"]] == "").any(axis=1),
        "compares with nothing": compared & (table["other"] == ""),
        "does not say what both sides must share": paired & (table["alike"] == ""),
        "has a level without value or margin": table["rule"].isin(LEVELS)
        & table[["published", "margin"]].isna().any(axis=1),
        "has no confidence": tested & ~table["confidence"].between(0.5, 0.999),
        "has a number without its status": table["published"].notna() & (table["status"] == "no number"),
        "does not say what it needs": table["needs"].str.strip() == "",
        "names no study that sets out to replicate it": ~table["study"].isin(STUDIES),
    }
    for reason, wrong in mistakes.items():
        if wrong.any():
            raise BadInput(file, f"claim {table.loc[wrong, 'id'].iloc[0]}: it {reason}", "Correct that line.")
    return table
