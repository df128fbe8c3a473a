"""What the runs behind the two sides of a claim must share, lest something else than the claim decide it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from spinelib.models import METHODS
from spinelib.protocol.config import RunConfig

UNKNOWN = "not recorded"
EVEN = 0.1  # by how much of itself a number of steps may differ: epochs and films are whole numbers


def differing(shared: str, one: pd.DataFrame, other: pd.DataFrame, parameters: Mapping[str, Mapping[str, Any]]) -> str:
    """In what the runs of two sides differ although they must share it, in words; empty where they agree.

    shared: names joined by ";": columns of the rows (recipe, width), or what `run_options` has.
    one, other: rows of the case table; parameters: those of every run by its name. What is not recorded differs.
    """
    return "; ".join(_differences(shared, one, other, parameters))


def _differences(
    shared: str, one: pd.DataFrame, other: pd.DataFrame, parameters: Mapping[str, Mapping[str, Any]]
) -> Iterator[str]:
    for name in filter(None, shared.split(";")):
        sides = [_values(name, rows, parameters) for rows in (one, other)]
        if sides[0] != sides[1] or len(sides[0]) != 1 or UNKNOWN in sides[0]:
            here, there = (", ".join(sorted(side)) for side in sides)
            yield f"runs with one {name} on both sides (here {here} and {there})"


def _values(name: str, rows: pd.DataFrame, parameters: Mapping[str, Mapping[str, Any]]) -> set[str]:
    if name in rows.columns:
        return {str(value) for value in rows[name]}
    options = [run_options(parameters.get(str(run), {})) for run in rows["run"].unique()]
    return {str(found.get(name, UNKNOWN)) for found in options}


def uneven_steps(rows: pd.DataFrame, few: Mapping[str, str], steps: Mapping[str, float]) -> str:
    """Which sides learned in other than so many steps from fewer films, in words; empty where none did.

    few: by the entry of a side, what the study calls it as trained on fewer films; steps: of every run by its name.
    """
    words = []
    for side, less in few.items():
        runs = [rows.loc[chosen, "run"].unique() for chosen in (rows["name"] == less, rows["given"] == side)]
        part, every = (sum(steps.get(str(run), 0.0) for run in own) / max(len(own), 1) for own in runs)
        if not every or abs(part / every - 1) > EVEN:
            words.append(f"runs of {side} in as many steps from fewer films as from all (here {part:.0f}, {every:.0f})")
    return "; ".join(words)


def run_options(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What a run with these parameters was configured as, with every option of its network, set or left as usual.

    Fields of `RunConfig` and keywords of the network. Empty for a run without a method; a pipeline of several networks
    has no options of one network.
    """
    config = RunConfig.of(parameters)
    method = METHODS.get(config.method)
    if method is None or not method.constructor:
        return vars(config) if method else {}
    return vars(config) | method.settings(config.variant, config.keywords)
