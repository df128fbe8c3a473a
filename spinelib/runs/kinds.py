"""Boards that compare like with like: what an entry is, and what it costs.

(C, our choice) Whole methods that learned from the data of the board alone stand on the first one. What started from
other weights or learned from other data, what learned from fewer films, and variants of a method have boards of their
own, each beside the whole method from scratch, a released network beside all of them. Compute is equal where the
multiply-adds of one prediction differ by no more than 5 %.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from math import nan
from pathlib import Path

import pandas as pd

from spinelib.core import names
from spinelib.runs.named import finished_runs
from spinelib.runs.training_cost import core_seconds

SCRATCH, STARTS, FILMS, PARTS = "from scratch", "other weights or data", "fewer films", "variants"
KINDS = (SCRATCH, STARTS, FILMS, PARTS)
EQUAL, COMMON = 1.05, "common"
RELEASED_METHOD = "released"  # of entries whose weights come with the project
MASKS_METHOD = "masks"  # of entries whose outlines other programs made; the variant says which
# What an entry costs, and what boards call it.
EXPENSE = {"gmac": "GMAC", "million": "million parameters", "core_seconds": "core-seconds"}
ENTRY = ("method", "variant", "recipe", "width", "trained_on")
# What `boards.study_cases` adds to a variant and says nothing of what the entry is.
ADDED = re.compile(r"(_published|_shortened)?(_width_[\d.]+)?$")


def entry_kind(method: str, variant: str, trained_on: str, dataset: str) -> str:
    """Which of KINDS an entry is on a data set; variant: as its rows name it."""
    if trained_on != dataset or method == RELEASED_METHOD or re.search(r"(_|^)(pretrained|with)(_|$)", variant):
        return STARTS
    if re.search(r"_films\d+", variant):
        return FILMS
    return SCRATCH if ADDED.sub("", variant) == "full" or method == MASKS_METHOD else PARTS


def kind_of_name(name: str) -> str:
    """`entry_kind` by the name of an entry on the boards of its data, method/variant; `from` names other data there."""
    method, _, variant = name.partition("/")
    return entry_kind(method, variant, "other" if "from" in variant.split("_") else "", "")


def told_apart(rows: pd.DataFrame) -> pd.Series:
    """What tells two entries of one method and variant apart, to be added to the variant of each row; often nothing.

    rows: of a case table or a summary. It is the data of a zero-shot entry (a released network has learned from none of
    the study's), a recipe other than the common one, and the width where a study has one network in several.
    """
    widths = rows.groupby(["method", "variant", "recipe", "trained_on"])["width"].transform("nunique")
    elsewhere = (rows["trained_on"] != rows["dataset"]) & (rows["method"] != RELEASED_METHOD)
    suffixes = (
        ("_from_" + rows["trained_on"]).where(elsewhere, ""),
        ("_" + rows["recipe"]).where(rows["recipe"] != COMMON, ""),
        ("_width_" + rows["width"].astype(float).map("{:g}".format)).where(widths > 1, ""),
    )
    return sum(suffixes[1:], suffixes[0])


def entry_kinds(rows: pd.DataFrame) -> pd.Series:
    """`entry_kind` of every row of a case table or a summary."""
    facts = rows[["method", "variant", "trained_on", "dataset"]]
    found = {key: entry_kind(*key) for key in set(facts.itertuples(index=False, name=None))}
    return pd.Series([found[key] for key in facts.itertuples(index=False, name=None)], rows.index, dtype=object)


def boards_by_kind(
    summary: pd.DataFrame, dataset: str, structure: str, recipe: str
) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of each board of a data set's test cases: kinds of entries that have the structure, as in KINDS."""
    rows = summary[(summary["dataset"] == dataset) & (summary["split"] == "test") & (summary["recipe"] == recipe)]
    found = set(entry_kinds(rows[rows["structure"] == structure]))
    yield from ((kind, rows_of_kind(rows, kind)) for kind in KINDS if kind in found)


def rows_of_kind(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of a kind, and beside what is not from scratch the same methods from scratch.

    Beside a released network stand all of these: it shows what length buys.
    """
    kinds = entry_kinds(rows)
    methods = set(rows.loc[kinds == kind, "method"])
    beside = rows["method"].isin(methods) | (RELEASED_METHOD in methods)
    return rows[(kinds == kind) | ((kinds == SCRATCH) & beside)]


def kind_boards(board: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """The rows of a board, by `name` (method/variant), of each kind of entry, in the order of KINDS; ranked anew.

    What is not from scratch stands beside the same methods from scratch, a released network beside all of them; what is
    no entry (the reference masks, the one answer to every film) stands on every board, without a rank.
    """
    is_entry = board["name"].str.contains("/")
    kinds = board["name"].map(kind_of_name).where(is_entry, "")
    methods = board["name"].str.partition("/")[0]
    for kind in KINDS:
        own_methods = methods[kinds == kind]
        beside = (kinds == SCRATCH) & (methods.isin(own_methods) | (RELEASED_METHOD in set(own_methods)))
        if (kinds == kind).any():
            own = board[(kinds == kind) | beside | ~is_entry].reset_index(drop=True)
            yield kind, own.assign(rank=own["rank"].rank(method="min").astype("Int64")) if "rank" in own else own


def run_compute(results: Path | str) -> pd.DataFrame:
    """A row per finished run: run, ENTRY and EXPENSE, each NaN where it is not known.

    gmac: 1e9 multiply-adds of one prediction; million: parameters in millions; core_seconds: of the training.
    """
    rows = []
    for _, record in finished_runs(results):
        given = record.get("parameters", {})
        if {"method", "variant", "trained_on"} <= set(given):
            facts = (given.get("recipe", COMMON), float(given.get("width", 1.0)), given["trained_on"])
            counts = record.get("facts", {})
            size = (counts.get("flops", nan) / 2e9, counts.get("params", nan) / 1e6)
            spent = core_seconds(record) if "seconds" in counts.get("training", {}) else nan
            rows.append((record["run"], *names.entry(given), *facts, *size, spent))
    return pd.DataFrame(rows, columns=["run", *ENTRY, *EXPENSE])


def compute_words(gmacs: Iterable[float]) -> str:
    """Whether entries compute alike, in a sentence; nothing for fewer than two that are known."""
    known = [gmac for gmac in gmacs if gmac > 0]
    if len(known) < 2:
        return ""
    least, most = min(known), max(known)
    equal = "Compute is equal within 5 %" if most <= EQUAL * least else "Compute is not equal"
    return f"{equal}: {least:.3g} to {most:.3g} GMAC for one prediction."


def with_compute(table: pd.DataFrame, compute: pd.DataFrame, cases: pd.DataFrame) -> pd.DataFrame:
    """A board (of `boards.full_board`) with EXPENSE of its entries as its last columns; cases: rows behind it.

    Seconds are the mean over an entry's trainings.
    """
    runs = cases[["run", "method", "variant"]].drop_duplicates().merge(compute[["run", *EXPENSE]], on="run")
    means = runs.assign(name=runs["method"] + "/" + runs["variant"]).groupby("name")[list(EXPENSE)].mean()
    return table.assign(**{EXPENSE[name]: means[name].reindex(table.index).round(3) for name in EXPENSE})
