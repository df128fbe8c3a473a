"""Boards: means with intervals of every entry, best first."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd

from spinelib.core.structures import SEVENTEEN_GROUP
from spinelib.measures.registry import higher_is_better
from spinelib.report.results.published import PublishedStudy, clean_rows, entry_label
from spinelib.report.results.words import Row, fixed, interval, markdown_table
from spinelib.runs.kinds import KINDS, entry_kinds, rows_of_kind
from spinelib.statistics.group_intervals import RATES


class BoardColumn(NamedTuple):
    """A column of a board: its metric and unit, title and decimals, and whether it prints interval, SD or the mean.

    form "missed" prints the rate of misses in % with its interval, where the study has it.
    """

    metric: str
    unit: str
    title: str
    digits: int = 3
    form: str = "mean"
    structure: str = ""  # another than the board's own


FILMS = (
    BoardColumn("dice", "1", "Dice", form="interval"),
    BoardColumn("hd95", "%", "HD95, % of the structure's length", 2),
    BoardColumn("nsd", "1", "NSD"),
    BoardColumn("dice", "1", "missed %", 1, form="missed"),
)
VERTEBRAE = (
    BoardColumn("identified", "1", "identified", form="interval"),
    BoardColumn("dice", "1", "Dice, misses as zero"),
    BoardColumn("dice_identified", "1", "Dice of the identified", form="interval"),
    BoardColumn("pq", "1", "panoptic quality"),
    BoardColumn("level_accuracy", "1", "right level", form="interval"),
    BoardColumn("false_detections", "vertebrae", "false per film", 2),
)
VOLUMES = (
    BoardColumn("dice", "1", "Dice, all", form="sd"),
    BoardColumn("dice", "1", "SAFNet's 17", structure=SEVENTEEN_GROUP),
    BoardColumn("dice", "1", "vertebrae", structure="vertebrae"),
    BoardColumn("dice", "1", "discs", structure="discs"),
    BoardColumn("hd95", "mm", "HD95 mm", 1),
    BoardColumn("assd", "mm", "ASSD mm", 1),
    BoardColumn("dice_unshifted", "1", "Dice, levels counted right"),
    BoardColumn("level_shift", "levels", "level shift", 2),
)


def board_places(study: PublishedStudy) -> list[tuple[str, str, str]]:
    """Data set, recipe (common first) and structure of every board that a study has; one structure of each data set.

    The whole spine, a lung or a lesion; of volumes all structures, of films with levels alone the vertebrae.
    """
    rows = study.summary[study.summary["split"] == "test"]
    found = []
    for dataset in rows["dataset"].unique():
        own = rows[rows["dataset"] == dataset]
        for recipe in sorted(own["recipe"].unique(), key=lambda name: name != "common"):
            there = set(own.loc[own["recipe"] == recipe, "structure"])
            wholes = [name for name in ("spine", "lung", "lesion") if name in there]
            parts = [name for name in ("all", "vertebrae") if name in there][:1]
            found += [(dataset, recipe, name) for name in [*wholes, *parts]]
    return found


def published_board(
    study: PublishedStudy,
    dataset: str,
    structure: str,
    columns: Sequence[BoardColumn] = FILMS,
    recipe: str = "common",
    split: str = "test",
) -> str:
    """Every entry of a data set by the columns' metrics, best first by the first; n: patients.

    A board for each kind of entry that there is (`spinelib.runs.kinds`), under its name where there are several. Where
    films have near-duplicates on the other side of the split, a last column leaves those out.
    """
    rows = clean_rows(study, dataset, structure, recipe=recipe, split=split)
    found = [kind for kind in KINDS if (entry_kinds(rows) == kind).any()]
    where = {"recipe": recipe, "split": split}
    parts = [_one_board(study, dataset, structure, columns, rows_of_kind(rows, kind), where) for kind in found]
    return "\n\n".join(under_kinds(found, parts))


def under_kinds(kinds: Sequence[str], tables: Sequence[str]) -> list[str]:
    """Tables under the names of their kinds of entries; one alone needs none."""
    if len(tables) < 2:
        return list(tables)
    return [f"{kind.capitalize()}:\n\n{table}" for kind, table in zip(kinds, tables, strict=True)]


def _one_board(
    study: PublishedStudy,
    dataset: str,
    structure: str,
    columns: Sequence[BoardColumn],
    rows: pd.DataFrame,
    where: Mapping[str, str],
) -> str:
    """The table of entries of one kind; rows: theirs."""
    first = columns[0]
    order = _chosen(rows, first).sort_values("mean", ascending=not higher_is_better(first.metric), kind="stable")
    found = [_cells(clean_rows(study, dataset, column.structure or structure, **where), column) for column in columns]
    without = _chosen(clean_rows(study, dataset, structure, **where, near_duplicate="excluded"), first)
    alone = {row["entry"]: f"{fixed(row['mean'])} ({int(row['n'])})" for row in without.to_dict("records")}
    header = ["entry", *(column.title for column in columns), f"{first.title} without near-duplicates (n)", "n"]
    lines = [
        [
            entry_label(row["entry"]),
            *(cells.get(row["entry"], "") for cells in found),
            alone.get(row["entry"], ""),
            f"{row['n']:.0f}",
        ]
        for row in order.to_dict("records")
    ]
    return markdown_table(header, lines)


def _chosen(rows: pd.DataFrame, column: BoardColumn) -> pd.DataFrame:
    return rows[(rows["metric"] == column.metric) & (rows["unit"] == column.unit)]


def _cells(rows: pd.DataFrame, column: BoardColumn) -> dict[str, str]:
    forms = {
        "interval": lambda row: interval(row["mean"], row["low"], row["high"], column.digits),
        "sd": lambda row: f"{fixed(row['mean'], column.digits)} ± {fixed(row['sd'], column.digits)}",
        "mean": lambda row: fixed(row["mean"], column.digits),
        "missed": lambda row: _rate(row, column.digits),
    }
    return {row["entry"]: forms[column.form](row) for row in _chosen(rows, column).to_dict("records")}


def _rate(row: Row, digits: int) -> str:
    """The rate of misses in %; studies that were published before there was one have none."""
    rate, low, high = (100 * row.get(name, math.nan) for name in RATES)
    return interval(rate, low, high, digits)


def spread(study: PublishedStudy, dataset: str, structure: str, metric: str = "dice") -> str:
    """The worst and the best entry that learned from the data they are tested on, in words, with their means."""
    rows = clean_rows(study, dataset, structure, recipe="common", trained_on=dataset)
    rows = rows[rows["metric"] == metric].sort_values("mean", ascending=higher_is_better(metric))
    ends = (rows.iloc[0], rows.iloc[-1])
    return " to ".join(f"{fixed(row['mean'])} ({entry_label(row['entry'])})" for row in ends)
