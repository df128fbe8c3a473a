"""The leaderboard of a study: means with their intervals, best first, from ``summary.csv``."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from spinelib.core.structures import SEVENTEEN_GROUP
from spinelib.measures.cobb.table import ANSWERS
from spinelib.measures.metric import Metric, Table
from spinelib.measures.registry import columns, find, higher_is_better, shown_in
from spinelib.plots.style import label
from spinelib.runs.entry_facts import EntryFacts
from spinelib.runs.kinds import COMMON, KINDS, SCRATCH, compute_words, entry_kinds, rows_of_kind, told_apart
from spinelib.spinefm.instances import is_level

CLEAN = {"condition": ("", "none"), "severity": ("", "0", "0.0"), "near_duplicate": ("", "all")}
TABLE = ("dataset", "split", "structure", "recipe")
# Of tables made before the gaps were closed on both sides: in it a perfect outline of the vertebrae stayed below 1.
OLD = "spine_column"
ROW = {"width": "width {}", "trained_on": "from {}"}
# The boards of volumes; each structure by itself is for the notebook that compares.
VOLUMES = ("all", "vertebrae", "discs", SEVENTEEN_GROUP)
WIDTH, PAD = 176.0, 5.0  # of the plot of an interval, px
TESTED = "test"
SIDES = {TESTED: "test cases", "train": "cases of the training side", "development": "cases used in development"}
ABOUT = {
    "all": "all structures",
    SEVENTEEN_GROUP: "the 17 structures of SAFNet's paper (without T9 and T9/T10)",
    ANSWERS: "Cobb angles answered by the network itself",
    "corners": "Cobb angles by the corners of vertebrae",
}

Column = tuple[str, str]
Key = tuple[str, str, str, str]  # by TABLE


@dataclass(frozen=True)
class Cell:
    """A mean and its interval."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class Line:
    """One method: its name, its cells by metric (None where it has none), and the first as (mean, low, high) in px.

    expense: what it costs, as `spinelib.runs.kinds.EXPENSE` names it; NaN where it is not known. entry: as contrasts
    name it, method/variant. runs: names of the runs behind it.
    """

    name: str
    cells: list[Cell | None]
    plot: tuple[float, float, float] | None
    expense: Mapping[str, float] = field(default_factory=dict)
    entry: str = ""
    runs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Board:
    """One table: what it is about, its metrics as (name, unit, arrow), its lines best first, the patients in it.

    notes: sentences below it, of compute and of runs that learned nothing. nothing: whether no entry learned anything.
    """

    dataset: str
    split: str
    structure: str
    recipe: str
    kind: str
    metrics: list[tuple[str, str, str]]
    lines: list[Line]
    patients: int
    notes: list[str] = field(default_factory=list)
    nothing: bool = False

    @property
    def title(self) -> str:
        """What it is about, in words."""
        words = [f"{self.dataset}: {ABOUT.get(self.structure, self.structure)}", SIDES.get(self.split, self.split)]
        words += [f"{self.recipe} recipe"] if self.recipe not in ("", COMMON) else []
        return ", ".join([*words, *([self.kind] if self.kind != SCRATCH else [])])

    @property
    def main(self) -> bool:
        """Whether it compares whole methods, trained from scratch by the common recipe, on test cases."""
        return self.split == TESTED and self.kind == SCRATCH and self.recipe in ("", COMMON)


def boards(summary: Path, limit: int = 4) -> list[Board]:
    """A board per data set, split, structure, recipe and kind of entry (`spinelib.runs.kinds`), all views together.

    Entries that learned nothing are named below it (`spinelib.runs.learned`).
    It has the first `limit` of the metrics that have a place on the index, and all that have none. Of volumes, whose
    structures are many, those of VOLUMES alone. Metrics pooled over all films have no interval and stay in the file.
    No board without a file. Raises BadInput for a metric that is not registered.
    """
    if not summary.exists():
        return []
    with summary.open(encoding="utf-8", newline="") as handle:
        clean = [row for row in csv.DictReader(handle) if all(row.get(k, "") in ok for k, ok in CLEAN.items())]
    clean = [row for row in clean if not row["metric"].endswith("_pooled") and row["structure"] != OLD]
    rows = [row for row in clean if Table.INDEX in find(row["metric"]).shown]
    volumes = {row["dataset"] for row in rows if row["structure"] == VOLUMES[0]}
    rows = [row for row in rows if row["dataset"] not in volumes or row["structure"] in VOLUMES]
    # Of films whose vertebrae were found one by one, all of them together.
    single = {row["dataset"] for row in rows if row["structure"] == VOLUMES[1]}
    rows = [row for row in rows if row["dataset"] not in single or not is_level(row["structure"])]
    joined = {_key(row) for row in rows if row.get("view") == "all"}
    rows = _named([row for row in rows if row.get("view") == "all" or _key(row) not in joined])
    ran = EntryFacts(summary.parent)
    groups: dict[Key, list[dict[str, str]]] = {}
    for row in rows:
        groups.setdefault(_key(row), []).append(row)
    order = sorted(groups, key=lambda key: VOLUMES.index(key[2]) if key[0] in volumes else -1)
    parts = [(key, kind, own) for key in order for kind, own in _alike(groups[key])]
    return [_board(key, kind, own, limit, ran) for key, kind, own in parts]


def _named(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows with `entry`, their name in contrasts."""
    if not rows:
        return rows
    table = pd.DataFrame(rows).reindex(columns=list(dict.fromkeys([*rows[0], "width", "recipe", "trained_on"])))
    table = table.assign(width=table["width"].replace("", "1").fillna("1"), recipe=table["recipe"].replace("", COMMON))
    names = table["method"] + "/" + table["variant"] + told_apart(table)
    return [{**row, "entry": name} for row, name in zip(rows, names, strict=True)]


def _alike(rows: list[dict[str, str]]) -> Iterator[tuple[str, list[dict[str, str]]]]:
    """The rows of each kind of entry, the whole methods from scratch first, and again beside each other kind."""
    table = pd.DataFrame(rows)
    kinds = entry_kinds(table)
    for kind in KINDS:
        if (kinds == kind).any():
            yield kind, [rows[i] for i in rows_of_kind(table, kind).index]


def open_boards(shown: Sequence[Board]) -> list[Board]:
    """Those of some boards that a reader sees at once: of each data set the first of whole methods; else the first."""
    first: dict[str, Board] = {}
    for board in shown:
        if board.main:
            first.setdefault(board.dataset, board)
    return list(first.values()) or list(shown[:1])


def glossary(shown: Sequence[Board]) -> list[Metric]:
    """The metrics of some boards, each once, in the order of the boards' columns."""
    names = {name for board in shown for name, _, _ in board.metrics}
    return [metric for metric in shown_in(Table.INDEX) if metric.name in names]


def _key(row: dict[str, str]) -> Key:
    dataset, split, structure, recipe = (row.get(name, "") for name in TABLE)
    return dataset, split, structure, recipe


def _board(key: Key, kind: str, rows: list[dict[str, str]], limit: int, ran: EntryFacts) -> Board:
    rows, notes = ran.learned(rows)
    varied = [name for name in ROW if len({row.get(name) for row in rows}) > 1]
    found: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        entry = label(f"{row['method']}/{row['variant']}")
        found.setdefault(" · ".join([entry, *(ROW[part].format(row.get(part, "")) for part in varied)]), []).append(row)
    cells = {name: {(row["metric"], row.get("unit", "")): _cell(row) for row in own} for name, own in found.items()}
    shown = _shown({column for line in cells.values() for column in line}, limit)
    names = sorted(cells, key=lambda name: _merit(cells[name].get(shown[0]), shown[0]))
    ends = [x for line in cells.values() if shown[0] in line for x in _ends(line[shown[0]])]
    reach = min(ends, default=0), max(ends, default=1)
    lines = [_line(name, found[name][-1], [cells[name].get(column) for column in shown], reach, ran) for name in names]
    metrics = [(metric, "" if unit == "1" else unit, find(metric).arrow) for metric, unit in shown]
    notes = [text for text in (compute_words(line.expense["gmac"] for line in lines), *notes) if text]
    patients = max(int(_number(row.get("n"), 0)) for row in rows)
    return Board(*key, kind, metrics, lines, patients, notes, ran.nothing(rows))


def _cell(row: dict[str, str]) -> Cell:
    return Cell(_number(row.get("mean")), _number(row.get("low")), _number(row.get("high")))


def _line(
    name: str, row: dict[str, str], cells: list[Cell | None], reach: tuple[float, float], ran: EntryFacts
) -> Line:
    return Line(name, cells, _plot(cells[0], *reach), ran.expense(row), row["entry"], ran.runs(row))


def _number(text: str | None, otherwise: float = math.nan) -> float:
    return float(text) if text else otherwise


def _shown(found: set[Column], limit: int) -> list[Column]:
    """The columns of a board, each metric once: in mm where there is spacing, else in % of length."""
    first: dict[str, Column] = {}
    for column in columns(Table.INDEX):
        if column in found:
            first.setdefault(column[0], column)
    ranked = [name for name in first if find(name).shown[Table.INDEX].place is not None]
    return [column for name, column in first.items() if name not in ranked[limit:]]


def _merit(cell: Cell | None, column: Column) -> float:
    if cell is None or math.isnan(cell.mean):
        return math.inf
    return -cell.mean if higher_is_better(column[0]) else cell.mean


def _ends(cell: Cell) -> list[float]:
    """Mean, low and high; the mean stands in for a bound that is not known."""
    return [cell.mean if math.isnan(x) else x for x in (cell.mean, cell.low, cell.high) if not math.isnan(cell.mean)]


def _plot(cell: Cell | None, low: float, high: float) -> tuple[float, float, float] | None:
    if cell is None or math.isnan(cell.mean):
        return None
    span = high - low or 1.0
    mean, left, right = (round(PAD + (WIDTH - 2 * PAD) * (x - low) / span, 1) for x in _ends(cell))
    return mean, left, right
