"""How an error falls with the number of training films, from the runs of a study that differ in nothing else.

(C, our choice) A family is one method, variant, width, set of options and recipe, trained and tested on the same data;
its members differ in `train_films` (and in the epochs that keep the number of steps) or start from the weights of an
earlier run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from spinelib.core.errors import BadInput
from spinelib.core.layout import StudyFolder

# What makes two runs of different families, beside method, variant, options, width and data, and its usual value.
USUAL = {"recipe": "common", "views": [], "new_head": False}
SCRATCH, PRETRAINED = "from scratch", "pretrained"
COLUMNS = ("family", "route", "start", "training films", "value", "low", "high")


def training_amounts(results: Path | str, rows: pd.DataFrame, board: pd.DataFrame, metric: str) -> pd.DataFrame:
    """The families of a study that were trained on several numbers of films, one row of COLUMNS per entry and route.

    rows: of `DataAngles`, which say what run an entry is; board: `angle_board` of them. value: mean of `metric` with
    its interval. No row where no family has two amounts. Raises BadInput for a run without its record.
    """
    runs = rows.drop_duplicates("name").set_index("name")["run"]
    members = {name: _member(StudyFolder(Path(results)).run(run).record) for name, run in runs.items()}
    known = {name: member for name, member in members.items() if member}
    lines = []
    for entry in board[board["name"].isin(list(known))].to_dict("records"):
        family, start, films = known[entry["name"]]
        found = (entry[f"{metric}{side}"] for side in ("", "_low", "_high"))
        lines.append((family, entry["route"], start, films, *found))
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    amounts = table.groupby("family")["training films"].transform("nunique")
    return table[amounts > 1].sort_values(list(COLUMNS[:4]), ignore_index=True)


def _member(path: Path) -> tuple[str, str, int] | None:
    """Family, start and number of training films of the run with this record; None where nothing was trained."""
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        if "released" in record["facts"]:
            return None
        given, training = record["parameters"], record["facts"]["training"]
        # An epoch is one pass over the training films, so that these three say how many there were.
        # A pipeline of several trainings says it itself.
        films = training.get("films", 0)
        films = films or round(training["steps"] * record["facts"]["recipe"]["batch"] / training["epochs"])
    except (OSError, ValueError, KeyError, ZeroDivisionError) as error:
        raise BadInput(path, f"is no record of a training ({error})", "Start that run again.") from error
    return _family(given), PRETRAINED if given.get("pretrained") else SCRATCH, films


def _family(given: Mapping[str, Any]) -> str:
    """A name for what two runs share, in the form `method/variant ...`."""
    words = [f"{given['method']}/{given['variant']}", *given.get("options", []), f"width {given['width']:g}"]
    words += [f"{name} {given[name]}" for name, usual in USUAL.items() if given.get(name, usual) != usual]
    return " ".join([*words, f"on {given['trained_on']}"])
