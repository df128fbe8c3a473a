"""The model card: `model.json` beside `model.safetensors`, all that it takes to predict with these weights."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.core.seals import sealed, unbroken
from spinelib.models import METHODS

NORMALISATION = "z-score over the film area"
REMEDY = "Name the folder of a finished run, reports/STUDY/runs/RUN, or of released weights; it holds both files."


@dataclass(frozen=True)
class Card:
    """What a folder of weights holds.

    channels: of the images as stored, 1 (grey) or 3; classes: names of the labels 1, 2, ...; input_grid: rows and
    columns (slices before them) that the network sees; evaluation_grid: on which its maps are scored; local: whether it
    sees a second channel with local contrast; precision: number format, `spinelib.prediction.precision`; flip: whether
    the mirrored film is predicted as well; window: slices, rows and columns that it sees at once of a volume, empty for
    all. entry: method/variant as tables name it, with what differs from the usual run. options: keyword arguments of
    the network besides its variant's. pipeline: what a method of several networks needs besides. data, code: digests of
    what the weights came from; scores: of validation; weights: their digest.
    """

    method: str
    variant: str
    width: float
    channels: int
    classes: tuple[str, ...]
    input_grid: tuple[int, ...]
    evaluation_grid: tuple[int, ...]
    local: bool = False
    precision: str = "float32"
    flip: bool = False
    window: tuple[int, ...] = ()
    entry: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    pipeline: Mapping[str, Any] = field(default_factory=dict)
    normalisation: str = NORMALISATION
    data: Mapping[str, Any] = field(default_factory=dict)
    code: Mapping[str, Any] = field(default_factory=dict)
    scores: Mapping[str, float] = field(default_factory=dict)
    weights: str = ""

    @property
    def name(self) -> str:
        """The entry's name in tables, in the form method/variant."""
        return self.entry or f"{self.method}/{self.variant}"

    @property
    def dims(self) -> int:
        """2 for films, 3 for volumes."""
        return len(self.evaluation_grid)

    def write(self, folder: Path) -> None:
        """Write the card beside the weights in `folder`, with their digest."""
        values = json.loads(json.dumps({**asdict(self), "weights": digest(folder / WEIGHTS)}))
        write_text(folder / CARD, json.dumps(sealed(values), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, folder: Path | str) -> Card:
        """The card in `folder`. Raises BadInput where card or weights are missing, damaged or of different networks."""
        folder = Path(folder)
        if not (folder / WEIGHTS).is_file():
            raise BadInput(folder, f"holds no {WEIGHTS}", REMEDY)
        card = _parse(folder / CARD)
        if card.weights != digest(folder / WEIGHTS):
            raise BadInput(
                folder / WEIGHTS, f"are not the weights that {CARD} was written for", "Copy both files again."
            )
        return card


def _parse(path: Path) -> Card:
    if not path.is_file():
        remedy = "Run its study again (make study): the card of a finished run is written where it is missing."
        raise BadInput(path.parent, f"holds weights but no {CARD}, which says how to predict with them", remedy)
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(path, f"is no model card ({error})", REMEDY) from error
    whole = isinstance(values, dict) and unbroken(values)
    wrong = _wrong(values)
    if wrong:
        raise BadInput(path, f"is no model card: {wrong}", REMEDY)
    if not whole:
        raise BadInput(path, "is damaged, or was edited", "Copy it again, or run its study again (make study).")
    given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items()}
    method = METHODS.get(given["method"])
    return Card(**{**given, "options": {**(method.former if method else {}), **given["options"]}})


def _wrong(values: Any) -> str:
    """What keeps JSON values from being a card; '' for a good one. Nothing that decides a prediction is guessed."""
    if not isinstance(values, dict):
        return "it holds no names"
    kinds = {one.name: _KINDS[str(one.type)] for one in fields(Card)}
    for name in sorted({*kinds, *values}):
        if name not in values or name not in kinds:
            return f"{name} is {'missing' if name in kinds else 'not known'}"
        if not kinds[name](values[name]):
            return f"{name} is {values[name]!r}"
    empty = [name for name in ("classes", "input_grid", "evaluation_grid") if not values[name]]
    if empty:
        return f"{empty[0]} is empty"
    return (
        ""
        if values["normalisation"] == NORMALISATION
        else f"the normalisation {values['normalisation']!r} is not known"
    )


def _numbers(value: Any) -> bool:
    return isinstance(value, list) and all(type(one) is int and one > 0 for one in value)


# What JSON holds for each type of a field.
_KINDS: Mapping[str, Callable[[Any], bool]] = {
    "str": lambda value: isinstance(value, str),
    "bool": lambda value: isinstance(value, bool),
    "int": lambda value: type(value) is int and value > 0,
    "float": lambda value: type(value) in (int, float) and value > 0,
    "tuple[str, ...]": lambda value: isinstance(value, list) and all(isinstance(one, str) for one in value),
    "tuple[int, ...]": _numbers,
    "Mapping[str, Any]": lambda value: isinstance(value, dict),
    "Mapping[str, float]": lambda value: isinstance(value, dict),
}
