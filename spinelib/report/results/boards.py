"""Boards: means with intervals of every entry, best first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd

from spinelib.measures.registry import higher_is_better
from spinelib.report.results.published import Published, clean, shown
from spinelib.report.results.words import fixed, interval, table


class Column(NamedTuple):
    """A column of a board: its metric and unit, title and decimals, and whether it prints interval, SD or the mean."""

    metric: str
    unit: str
    title: str
    digits: int = 3
    form: str = "mean"
    structure: str = ""  # another than the board's own


FILMS = (
    Column("dice", "1", "Dice", form="interval"),
    Column("hd95", "%", "HD95, % of the structure's length", 2),
    Column("nsd", "1", "NSD at 1 %"),
)
VERTEBRAE = (
    Column("identified", "1", "identified", form="interval"),
    Column("dice", "1", "Dice, misses as zero"),
    Column("dice_identified", "1", "Dice of the identified", form="interval"),
    Column("pq", "1", "panoptic quality"),
    Column("level_accuracy", "1", "right level", form="interval"),
    Column("false_detections", "vertebrae", "false per film", 2),
)
VOLUMES = (
    Column("dice", "1", "Dice, all", form="sd"),
    Column("dice", "1", "vertebrae", structure="vertebrae"),
    Column("dice", "1", "discs", structure="discs"),
    Column("hd95", "mm", "HD95 mm", 1),
    Column("assd", "mm", "ASSD mm", 1),
    Column("dice_unshifted", "1", "Dice, levels counted right"),
    Column("level_shift", "levels", "level shift", 2),
)


def board(
    study: Published,
    dataset: str,
    structure: str,
    columns: Sequence[Column] = FILMS,
    recipe: str = "common",
    split: str = "test",
) -> str:
    """Every entry of a data set by the columns' metrics, best first by the first; n: patients.

    Where films have near-duplicates on the other side of the split, a last column leaves those out.
    """
    first = columns[0]
    rows = clean(study, dataset, structure, recipe=recipe, split=split)
    order = _chosen(rows, first).sort_values("mean", ascending=not higher_is_better(first.metric), kind="stable")
    found = [
        _cells(clean(study, dataset, column.structure or structure, recipe=recipe, split=split), column)
        for column in columns
    ]
    without = _chosen(clean(study, dataset, structure, recipe=recipe, split=split, near_duplicate="excluded"), first)
    alone = {row["entry"]: f"{fixed(row['mean'])} ({int(row['n'])})" for row in without.to_dict("records")}
    header = ["entry", *(column.title for column in columns), f"{first.title} without near-duplicates (n)", "n"]
    lines = [
        [shown(row["entry"]), *(cells.get(row["entry"], "") for cells in found), alone.get(row["entry"], ""), row["n"]]
        for row in order.to_dict("records")
    ]
    return table(header, lines)


def _chosen(rows: pd.DataFrame, column: Column) -> pd.DataFrame:
    return rows[(rows["metric"] == column.metric) & (rows["unit"] == column.unit)]


def _cells(rows: pd.DataFrame, column: Column) -> dict[str, str]:
    forms = {
        "interval": lambda row: interval(row["mean"], row["low"], row["high"], column.digits),
        "sd": lambda row: f"{fixed(row['mean'], column.digits)} ± {fixed(row['sd'], column.digits)}",
        "mean": lambda row: fixed(row["mean"], column.digits),
    }
    return {row["entry"]: forms[column.form](row) for row in _chosen(rows, column).to_dict("records")}


def spread(study: Published, dataset: str, structure: str, metric: str = "dice") -> str:
    """The worst and the best entry that learned from the data they are tested on, in words, with their means."""
    rows = clean(study, dataset, structure, recipe="common", trained_on=dataset)
    rows = rows[rows["metric"] == metric].sort_values("mean", ascending=higher_is_better(metric))
    ends = (rows.iloc[0], rows.iloc[-1])
    return " to ".join(f"{fixed(row['mean'])} ({shown(row['entry'])})" for row in ends)
