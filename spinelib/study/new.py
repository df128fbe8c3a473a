"""A study file for somebody's own films or volumes, written by what lies in their folder.

(C, our choice) Films are scored on a grid of their own proportions, 256 px along the longer side. One network learns
from nothing, and the same from the released one where it knows these structures, also from 10, 20, 40, ... films: about
as many steps each, so that the page shows what ten more films buy. The released one is scored as it is, too: no films.

Marks: (C) our choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.prediction.card import Card
from spinelib.prediction.released import RELEASED
from spinelib.study.found import FoundData, look_into
from spinelib.study.schema import check_name

LONGER, STEP = 256, 32
# Of volumes where no released network says another: slices, rows, columns.
VOLUME_GRID = (18, 128, 64)
# Training steps of one run, films and volumes at once, and the parts of the patients of which one validates.
STEPS, BATCH, FOLDS = {2: 400, 3: 600}, {2: 8, 3: 2}, 8
AMOUNTS = (10, 20, 40, 80, 160)
LONGEST = 200
SPINE = ("spine",)


class _Dumper(yaml.SafeDumper):
    """Short lists in one line, and nothing by reference: people read and change these files."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **{**options, "default_flow_style": None})

    def ignore_aliases(self, data: Any) -> bool:
        """Whether a value is written out each time."""
        return True


def write_study(name: str, folder: Path, file: Path) -> list[str]:
    """Write the study file `file` (studies/NAME.yaml) for the labelled films or volumes in `folder`.

    Gives lines that say what was found there and what the study does. Raises BadInput for a name that is none, a file
    that is there already, and a folder without labels; asks nothing.
    """
    folder, file = Path(folder), Path(file)
    check_name(name, file, "a study")
    if file.exists():
        raise BadInput(file, "is there already", "Choose another name, or move it away.")
    found = look_into(folder.resolve())
    released, why = _released(found)
    study = _study(name, found, released)
    said = [*found.words(), why, _next(name, len(study.get("runs", [])))]
    comments = "".join(f"# {' '.join(line.split())}\n" for line in (*found.words(), why))
    write_text(file, comments + yaml.dump(study, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))
    return said


def _next(name: str, runs: int) -> str:
    if runs:
        return f"runs: {runs}; start them with: spinelib study run {name}, or make study STUDY={name}"
    return (
        "no runs: fewer than two patients are left to learn from; label more; then take the file away and write it anew"
    )


def _released(found: FoundData) -> tuple[Card | None, str]:
    """The card of the released network that a run starts from, if any, and why."""
    entry = RELEASED["film" if found.films else "mr"]
    if found.films and (found.classes != SPINE or any(case.view == "lateral" for case in found.cases)):
        return None, "no released network outlines these structures in such films: all is learned from nothing"
    if not entry.there:
        return None, f"the released network {entry.name} has not come with this copy: all is learned from nothing"
    return Card.read(entry.folder), f"a second run starts from the released network {entry.name}"


def _study(name: str, found: FoundData, card: Card | None) -> dict[str, Any]:
    corners = ["40_cobb"] if found.with_corners else []
    study: dict[str, Any] = {
        "title": f"My {'films' if found.films else 'volumes'}: {name}",
        "question": "How well does a network outline these, and what did the films that were labelled buy?",
        "grid": _grid(found, card),
        "data": {name: {"dataset": "folder", "source": str(found.folder)}},
    }
    runs = _runs(name, found, card)
    questions = ["00_explore", *(["90_compare", "32_learning", *corners] if runs else [])]
    return {**study, **({"runs": runs} if runs else {}), "questions": questions}


def _grid(found: FoundData, card: Card | None) -> list[int]:
    """On which all is scored: of the films' proportions; of volumes the released network's."""
    if not found.films:
        return list(card.evaluation_grid if card else VOLUME_GRID)
    high, wide = np.exp(np.log(found.sizes).mean(0))
    sides = np.array([high, wide]) * LONGER / max(high, wide)
    return [max(2 * STEP, int(STEP * round(side / STEP))) for side in sides]


def _runs(name: str, found: FoundData, card: Card | None) -> list[dict[str, Any]]:
    """A run from nothing, one from the released network, that from fewer and from no films; none for one patient."""
    patients = {case.patient for case in found.train}
    folds = min(FOLDS, len(patients))
    if folds < 2:
        return []
    dims, films = 2 if found.films else 3, len(found.train)
    network: dict[str, Any] = {"notebook": "20_baseline", "trained_on": name}
    network |= {"method": "unet", "variant": "resnet18"} if dims == 2 else {"method": "unet3d"}
    learned = films - round(films / folds)
    shared: dict[str, Any] = {"batch": min(BATCH[dims], learned), "folds": folds}
    shared |= {"ema": 0.99, "flip": True} if dims == 2 else {}
    if card is None:
        return [{**network, "parameters": {**shared, "learning_rate": 0.001, "epochs": _epochs(learned, dims)}}]
    network |= {"method": card.method, "variant": card.variant}
    network |= {"width": card.width} if card.width != 1 else {}
    shared |= _as_released(found, card)
    released = RELEASED["film" if found.films else "mr"].name
    start = {"pretrained": released}
    fewer = [amount for amount in AMOUNTS if amount < learned]
    runs = [{**network, "parameters": {**shared, "learning_rate": 0.001, "epochs": _epochs(learned, dims)}}]
    for amount in (0, *fewer):
        given = shared | {"learning_rate": 0.0005, "epochs": _epochs(amount or learned, dims)}
        given |= {"train_films": amount} if amount else {}
        runs.append({**network, **start, **({"tag": f"films{amount}"} if amount else {}), "parameters": given})
    return runs if found.classes != card.classes else [*runs, _untrained(name, released)]


def _untrained(name: str, released: str) -> dict[str, Any]:
    """The run that scores a released network as it is."""
    run = {"notebook": "22_released", "method": "released", "variant": released, "trained_on": name}
    return {**run, "parameters": {"network": released}}


def _as_released(found: FoundData, card: Card) -> dict[str, Any]:
    """Parameters by which a network is built and sees as the released one does."""
    given: dict[str, Any] = {"options": [f"{name}={value}" for name, value in card.options.items()]}
    given |= {"local": card.local, "own_grid": list(card.input_grid)} if found.films else {}
    given |= {"window": list(card.window)} if card.window else {}
    # Other structures than the network knows need last layers of their own.
    given |= {"new_head": True} if found.classes != card.classes else {}
    return {name: value for name, value in given.items() if value != []}


def _epochs(films: int, dims: int) -> int:
    """Passes over so many films that make STEPS steps."""
    return max(1, min(LONGEST, round(STEPS[dims] * BATCH[dims] / max(films, 1))))
