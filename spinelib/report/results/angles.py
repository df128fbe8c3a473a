"""Cobb angles: one board of all routes, and single entries within sentences."""

from __future__ import annotations

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import COBB_TABLE, QUESTIONS
from spinelib.report.results.boards import under_kinds
from spinelib.report.results.published import AGAIN, PublishedStudy, entry_label
from spinelib.report.results.words import Row, fixed, interval, markdown_table, side
from spinelib.runs.kinds import kind_boards

COBB = f"{QUESTIONS}/40_cobb/{COBB_TABLE}"
HEADER = ("entry", "route", "SMAPE %", "SMAPE % without near-duplicates", "CMAE °", "major °", "ICC", "unread", "films")


def published_angle_board(study: PublishedStudy, dataset: str) -> str:
    """Every entry and route of a data set, smallest SMAPE first, the reading of the reference masks last.

    A board for each kind of entry (`spinelib.runs.kinds`), under its name where there are several.
    """
    rows = _rows(study, dataset, "all")
    alone = _rows(study, dataset, "excluded").set_index(["name", "route"])
    found = dict(kind_boards(rows))
    return "\n\n".join(under_kinds(list(found), [_one_board(own, alone) for own in found.values()]))


def _one_board(rows: pd.DataFrame, alone: pd.DataFrame) -> str:
    """The table of entries of one kind; alone: all rows without near-duplicates, by name and route."""
    lines = []
    for row in rows.to_dict("records"):
        key = row["name"], row["route"]
        lines.append(
            [
                _named(row["name"]),
                row["route"],
                _interval(row, "smape", 1),
                _interval(alone.loc[[key]].to_dict("records")[0], "smape", 1) if key in alone.index else "",
                _interval(row, "cmae", 1),
                _interval(row, "cobb_error", 1),
                fixed(row["icc"], 2),
                str(int(row["unread"])),
                str(int(row["films"])),
            ]
        )
    return markdown_table(HEADER, lines)


def angle(study: PublishedStudy, dataset: str, entry: str, route: str, metric: str = "smape", near: str = "all") -> str:
    """Mean error of an entry by a route with its interval, one decimal; in % (smape) or degrees."""
    return _interval(_row(study, dataset, entry, route, near), metric, 1)


def angle_holds(study: PublishedStudy, dataset: str, entry: str, route: str, metric: str, published: float) -> str:
    """Whether an entry's interval holds a published number, in words."""
    row = _row(study, dataset, entry, route, "all")
    where = side(row[f"{metric}_low"], row[f"{metric}_high"], published)
    return f"lies {where} it" if where else "holds it"


def routes(study: PublishedStudy, dataset: str, entry: str) -> str:
    """An entry's mask route beside its network's own answer."""
    mask, network = (_row(study, dataset, entry, route, "all") for route in ("mask", "network"))
    return f"{_interval(mask, 'smape', 1)} % from the mask, {_interval(network, 'smape', 1)} % answered by the network"


def below_answer(study: PublishedStudy, dataset: str, entry: str, method: str) -> str:
    """How many plain outlines of other methods than `method`, read by rule, err less than `entry`'s own answer."""
    rows, limit = _rows(study, dataset, "all"), _row(study, dataset, entry, "network", "all")["smape"]
    plain = rows[(rows["route"] == "mask") & rows["name"].str.endswith("/full") & ~rows["name"].str.startswith(method)]
    return f"{(plain['smape'] < limit).sum()} of {len(plain)}"


def _rows(study: PublishedStudy, dataset: str, near: str) -> pd.DataFrame:
    rows = study.table(COBB)
    rows = rows[(rows["dataset"] == dataset) & (rows["near_duplicate"] == near)]
    return rows.sort_values("rank", kind="stable", na_position="last")


def _row(study: PublishedStudy, dataset: str, entry: str, route: str, near: str) -> Row:
    rows = _rows(study, dataset, near)
    rows = rows[(rows["name"] == entry) & (rows["route"] == route)]
    if len(rows) != 1:
        raise BadInput(study.folder / COBB, f"{len(rows)} rows for {entry} by {route} on {dataset}", AGAIN)
    return rows.to_dict("records")[0]


def _interval(row: Row, metric: str, digits: int) -> str:
    return interval(row[metric], row[f"{metric}_low"], row[f"{metric}_high"], digits)


def _named(name: str) -> str:
    return entry_label(name) if "/" in name else name
