"""Films or volumes: the grid of every data set of a study, and whether a run's method and data go together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.models import METHODS, NETWORKS
from spinelib.runs.ranges import LARGEST_SIDE
from spinelib.sources import DATASETS

# By the numbers of a grid: what lies on it, and what the numbers are.
KINDS = {2: ("films", "rows and columns"), 3: ("volumes", "slices, rows and columns")}


def read_grids(file: Path, given: Mapping[str, Any]) -> dict[str, list[int]]:
    """The grid of every data set of the study `given`: its own ``grid``, else the study's; empty without either.

    Raises BadInput for a grid that is not two (films) or three (volumes) whole numbers, or does not fit its data set.
    """
    shared = _grid(file, given.get("grid", []), "the study") if "grid" in given else []
    grids = {}
    for name, options in given.get("data", {}).items():
        options = options if isinstance(options, dict) else {}
        own = _grid(file, options["grid"], f"data '{name}'") if "grid" in options else shared
        entry = DATASETS.get(str(options.get("dataset")))
        dims = entry.dims if entry else 0
        if own and dims and len(own) != dims:
            kind, numbers = KINDS[dims]
            remedy = f"Give the data a grid of {numbers}."
            raise BadInput(file, f"data '{name}' are {kind}, but their grid is {own}", remedy)
        grids[name] = own
    return grids


def _grid(file: Path, value: Any, where: str) -> list[int]:
    good = (
        isinstance(value, list) and len(value) in KINDS and all(type(x) is int and 0 < x <= LARGEST_SIDE for x in value)
    )
    if not good:
        remedy = "Give rows and columns for films, slices, rows and columns for volumes."
        raise BadInput(file, f"the grid of {where} is {value!r}", remedy)
    return list(value)


def check_run(file: Path, where: str, chosen: Mapping[str, Any], grid: Sequence[int], grids: Mapping[str, Any]) -> None:
    """Raise BadInput when a run's method is not made for its data, or its data do not go together.

    chosen: the run's method, trained_on, tested_on and perhaps added; grid: the one that its networks see; grids: from
    `read_grids`. Volumes of several grids go together, since they are scored as they were scanned; films do not.
    """
    trained, dims = chosen["trained_on"], len(grid)
    for name in (*chosen["tested_on"], *chosen.get("added", ())):
        other = grids[name] or grid
        if len(other) != dims:
            pair = f"'{trained}' ({KINDS[dims][0]}) and '{name}' ({KINDS[len(other)][0]})"
            raise BadInput(file, f"{where} joins {pair}", "Train and test a network on films or on volumes.")
        if dims == 2 and list(other) != list(grid):
            reason = f"{where} scores '{name}' on {list(grid)}, and its own grid is {list(other)}"
            raise BadInput(file, reason, f"Give '{name}' and '{trained}' the same grid.")
    method = METHODS.get(chosen["method"])
    if method and method.dims not in (0, dims):
        fitting = [name for name, other in NETWORKS.items() if other.dims == dims]
        reason = f"{where} trains '{method.name}', a {method.dims}-D method, on '{trained}', which are {KINDS[dims][0]}"
        remedy = f"Choose one of {', '.join(fitting)}; or data on a grid of {KINDS[method.dims][1]}."
        raise BadInput(file, reason, remedy)
