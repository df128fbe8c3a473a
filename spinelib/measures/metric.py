"""What is known of one metric: its words, its direction, who computes it and which tables show it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib import import_module
from typing import Any, Final, NamedTuple


class Kind(StrEnum):
    """What a metric is computed from, and thereby who computes it."""

    PIXELS = "pixels"  # TP, FP, FN and TN of a structure; also pooled over cases, under the suffix `_pooled`
    OUTLINES = "outlines"  # prediction and reference of a structure, a `pair.Pair`
    ANGLES = "angles"  # Cobb angles of a film, `cobb.errors`
    LEVELS = "levels"  # the names of a volume's structures, `volumes`
    VERTEBRAE = "vertebrae"  # vertebrae found one by one, `spinelib.spinefm.score`
    DERIVED = "derived"  # rows of the case table, or something beside it; computed by the question that asks


class Table(StrEnum):
    """The tables that choose their columns by the registry."""

    SCORES = "scores"  # of one run, in its notebook
    FILMS = "films"  # boards of the comparison
    VOLUMES = "volumes"
    VERTEBRAE = "vertebrae"  # of one run that finds them one by one
    ANGLES = "angles"  # of the question about Cobb angles
    INDEX = "index"  # leaderboards of a study's first page


class Column(NamedTuple):
    """Where a metric stands in a table, from the left (None: after all that have a place), and in which units.

    Without units: in all of the metric's. The index shows the first of the units that a board has.
    """

    place: int | None = None
    units: tuple[str, ...] = ()


# What a structure that was missed or invented scores: the length of the reference, or of the image; 100 in %.
LENGTH: Final = "length"
EVERYWHERE: Final = {table: Column() for table in (Table.SCORES, Table.FILMS, Table.VOLUMES, Table.INDEX)}


@dataclass(frozen=True)
class Metric:
    """One metric: `name` as in tables, `title` as in figures, which direction is better, what it says in a sentence.

    units: "1" for a share. function, of the kinds PIXELS and OUTLINES: a callable or where it lies
    ("package.module:name"), called with arrays of TP, FP, FN and TN, or with a `pair.Pair` and a unit. penalty, of
    OUTLINES: the value where prediction or reference has nothing of the structure. structures: the only ones it is
    about; none: all. shown: its column in each table that has one. short: what its own board calls it, if not `title`.
    """

    name: str
    title: str
    higher_is_better: bool
    definition: str
    kind: Kind = Kind.OUTLINES
    function: str | Callable[..., Any] = ""
    units: tuple[str, ...] = ("1",)
    penalty: float | str = 0.0
    structures: tuple[str, ...] = ()
    shown: Mapping[Table, Column] = field(default_factory=EVERYWHERE.copy)
    short: str = ""

    @property
    def unit(self) -> str:
        """Its unit; of several the first."""
        return self.units[0]

    @property
    def arrow(self) -> str:
        """Which direction is better."""
        return "↑" if self.higher_is_better else "↓"

    @property
    def compute(self) -> Callable[..., Any]:
        """The function that computes it."""
        return self.function if callable(self.function) else _found(self.function)


@cache
def _found(place: str) -> Callable[..., Any]:
    module, _, name = place.partition(":")
    function: Callable[..., Any] = getattr(import_module(module), name)
    return function
