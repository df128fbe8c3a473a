"""The model card: `model.json` beside `model.safetensors`, all that it takes to predict with these weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from spinelib.core.errors import BadInput
from spinelib.core.files import digest, write_text
from spinelib.core.layout import CARD, WEIGHTS

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
        values = {**asdict(self), "weights": digest(folder / WEIGHTS)}
        write_text(folder / CARD, json.dumps(values, indent=1, ensure_ascii=False) + "\n")

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
        remedy = "Delete its run.json and run the study again: what is trained is read back, and the card written."
        raise BadInput(path.parent, f"holds weights but no {CARD}, which says how to predict with them", remedy)
    known = {one.name for one in fields(Card)}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in values.items() if k in known}
        return Card(**given)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise BadInput(path, f"is no model card ({error})", REMEDY) from error
