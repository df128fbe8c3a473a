"""How an error falls with the number of training films, from the runs of a study that differ in nothing else.

(C, our choice) A family is one method, variant, width, set of options and recipe, trained and tested on the same data;
its members differ in `train_films` (and in the epochs that keep the number of steps) or start from the weights of an
earlier run. A network that is scored as it was released, and that members of a family start from, stands in that
family with no training film.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Mapping
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
    read = {name: _record(StudyFolder(Path(results)).run(run).record) for name, run in runs.items()}
    records = {name: given for name, given in read.items() if given}
    lines = []
    for entry in board[board["name"].isin(list(records))].to_dict("records"):
        found = tuple(entry[f"{metric}{side}"] for side in ("", "_low", "_high"))
        for family, start, films in _members(entry["name"], records):
            lines.append((family, entry["route"], start, films, *found))
    table = pd.DataFrame(lines, columns=list(COLUMNS))
    amounts = table.groupby("family")["training films"].transform("nunique")
    return table[amounts > 1].sort_values(list(COLUMNS[:4]), ignore_index=True)


def _record(path: Path) -> dict[str, Any]:
    """Parameters of the run with this record, and `films` (training films; 0: none was needed).

    Nothing of masks made elsewhere: nobody knows here what they took.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        given = dict(record["parameters"])
        if "released" in record["facts"]:
            return {**given, "network": record["facts"]["released"]["network"], "films": 0}
        if "masks" in record["facts"]:
            return {}
        training = record["facts"]["training"]
        # An epoch is one pass over the training films, so that these three say how many there were.
        # A pipeline of several trainings says it itself.
        films = training.get("films", 0)
        films = films or round(training["steps"] * record["facts"]["recipe"]["batch"] / training["epochs"])
    except (OSError, ValueError, KeyError, ZeroDivisionError) as error:
        raise BadInput(path, f"is no record of a training ({error})", "Start that run again.") from error
    return {**given, "films": films}


def _members(name: str, records: Mapping[Hashable, Mapping[str, Any]]) -> list[tuple[str, str, int]]:
    """Family, start and number of training films of an entry; one for each family that starts from a released one."""
    own = records[name]
    if own["films"]:
        return [(_family(own), PRETRAINED if own.get("pretrained") else SCRATCH, own["films"])]
    begun = [
        _family(other)
        for other in records.values()
        if other["films"] and (other.get("pretrained"), other["trained_on"]) == (own["network"], own["trained_on"])
    ]
    return [(family, PRETRAINED, 0) for family in dict.fromkeys(begun)]


def _family(given: Mapping[str, Any]) -> str:
    """A name for what two runs share, in the form `method/variant ...`."""
    words = [f"{given['method']}/{given['variant']}", *given.get("options", []), f"width {given['width']:g}"]
    words += [f"{name} {given[name]}" for name, usual in USUAL.items() if given.get(name, usual) != usual]
    return " ".join([*words, f"on {given['trained_on']}"])
