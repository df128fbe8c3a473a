"""The one registry of metrics: names, words, units, directions, and the columns of every table that shows them.

A new metric of outlines is one function of a `pair.Pair` and one entry in `entries/outlines.py`. Its rows then stand in
the case table and in the summary, and its column in the tables that `Metric.shown` names, all of them unless said.
"""

from __future__ import annotations

import math

from spinelib.core.errors import BadInput, closest
from spinelib.measures.entries import ENTRIES
from spinelib.measures.metric import Kind, Metric, Table

METRICS: dict[str, Metric] = {metric.name: metric for metric in ENTRIES}


def find(name: str) -> Metric:
    """The metric called `name`, pooled over cases or not. Raises BadInput for a name that is not registered."""
    known = name.removesuffix("_pooled")
    if known not in METRICS:
        raise BadInput("metric", f"no metric is called '{name}'", closest(known, METRICS))
    return METRICS[known]


def higher_is_better(name: str) -> bool:
    """Whether larger values of a metric (pooled or not) are better. Raises BadInput for an unknown one."""
    return find(name).higher_is_better


def of_kind(kind: Kind, structure: str = "") -> list[Metric]:
    """The metrics of a kind, in the order of the case table; with `structure` only those that are about it."""
    found = [metric for metric in METRICS.values() if metric.kind == kind]
    return [m for m in found if not structure or not m.structures or structure in m.structures]


def shown_in(table: Table) -> list[Metric]:
    """The metrics that have a column in a table, from the left; those without a place come last."""
    found = [metric for metric in METRICS.values() if table in metric.shown]
    return sorted(found, key=lambda metric: _place(metric, table))


def _place(metric: Metric, table: Table) -> float:
    place = metric.shown[table].place
    return math.inf if place is None else place


def columns(table: Table) -> list[tuple[str, str]]:
    """Metric and unit of every column that a table may have, from the left."""
    return [(m.name, unit) for m in shown_in(table) for unit in m.shown[table].units or m.units]


def heading(metric: str, unit: str) -> str:
    """What a column is called: the metric's name, with its unit where it has one."""
    return metric if unit == "1" else f"{metric} {unit}"
