"""labels.csv: what the numbers in somebody's own label maps mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import read_table
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES

REMEDY = "Write the columns value,structure: one row per value, the structure empty for values that are background."
LARGEST = 65535


@dataclass(frozen=True)
class LabelMap:
    """`numbers[v]` is the label of stored value v, -1 where labels.csv does not name it; label k is classes[k - 1].

    `named` are the structures that labels.csv names: those of `classes` that are labelled.
    """

    path: Path
    classes: tuple[str, ...]
    named: tuple[str, ...]
    numbers: NDArray[np.int16]

    def convert(self, path: Path, values: NDArray[Any]) -> tuple[NDArray[np.uint8], None]:
        """The labels of stored values, uint8. Raises BadInput for a value that labels.csv does not name."""
        found = np.unique(values)
        known = [0 <= v < len(self.numbers) and v == int(v) and self.numbers[int(v)] >= 0 for v in found]
        if not all(known):
            odd = ", ".join(f"{value:g}" for value in found[~np.array(known)][:4])
            raise BadInput(path, f"holds values that {self.path.name} does not name ({odd})", REMEDY)
        return self.numbers[values.astype(np.intp)].astype(np.uint8), None


def read_label_map(path: Path) -> LabelMap:
    """The label map of a labels.csv (columns value, structure). Raises BadInput.

    Where all structures have MRSpineSeg's names, they get its numbers, and those that are not named count as
    unlabelled; otherwise structures are numbered from 1 in the order of the rows. Several values may be one structure.
    """
    rows = read_table(path)
    if not rows or set(rows[0]) != {"value", "structure"}:
        raise BadInput(path, f"has the columns {', '.join(rows[0]) if rows else 'of no row'}", REMEDY)
    pairs = [(_value(path, line, row["value"]), row["structure"].strip()) for line, row in enumerate(rows, 2)]
    values, names = [value for value, _ in pairs], list(dict.fromkeys(name for _, name in pairs if name))
    if len(set(values)) < len(values) or not names or len(names) > 255:
        reason = "names no structure" if not names else "names a value twice, or more than 255 structures"
        raise BadInput(path, reason, REMEDY)
    classes = STRUCTURES if set(names) <= set(STRUCTURES) else tuple(names)
    numbers = np.full(max([*values, 0]) + 1, -1, np.int16)
    numbers[0] = 0
    for value, name in pairs:
        numbers[value] = classes.index(name) + 1 if name else 0
    return LabelMap(path, classes, tuple(name for name in classes if name in names), numbers)


def _value(path: Path, line: int, text: str) -> int:
    if not text.strip().isdecimal() or int(text) > LARGEST:
        raise BadInput(path, f"row {line} has value {text!r}", f"Use whole numbers from 0 to {LARGEST}.")
    return int(text)
