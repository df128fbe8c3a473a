"""labels.csv or labels.yaml: what the numbers in somebody's own label maps of volumes mean."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.label_names import LabelNames
from spinelib.cases.readers.tables import TableRow, UserTable, read_user_table
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES

REMEDY = "Write the columns value,structure: one row per value, the structure empty for values that are background."
LARGEST = 65535
TABLE, COLUMNS = "labels.csv", ("value", "structure")


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
        """The labels of stored values, uint8. Raises BadInput for a value that is not named."""
        found = np.unique(values)
        known = [0 <= v < len(self.numbers) and v == int(v) and self.numbers[int(v)] >= 0 for v in found]
        if not all(known):
            odd = ", ".join(f"{value:g}" for value in found[~np.array(known)][:4])
            raise BadInput(path, f"holds values that {self.path.name} does not name ({odd})", REMEDY)
        return self.numbers[values.astype(np.intp)].astype(np.uint8), None


def find_label_map(source: Path, names: LabelNames) -> LabelMap | None:
    """What the numbers in the label maps of `source` mean: from `source`/labels.csv, or from labels.yaml (`names`).

    None where neither says it. Raises BadInput where both do, and as `read_label_map`.
    """
    path = source / TABLE
    if path.exists() and (names.values or names.ignore):
        raise BadInput(path, f"says what values mean, and so does {Path(names.file).name}", "Keep one of the two.")
    if path.exists():
        return read_label_map(path)
    if not names.values:
        return None
    pairs = [(value, name or "") for value, name in names.values.items()] + [(value, "") for value in names.ignore]
    return _label_map(Path(names.file), [(value, name) for value, name in pairs if value >= 0])


def read_label_map(path: Path) -> LabelMap:
    """The label map of a labels.csv (columns value, structure). Raises BadInput.

    Where all structures have MRSpineSeg's names, they get its numbers, and those that are not named count as
    unlabelled; otherwise structures are numbered from 1 in the order of the rows. Several values may be one structure.
    Empty rows are passed over.
    """
    table = read_user_table(path, COLUMNS, COLUMNS)
    if table.bad:
        raise BadInput(path, f"row {table.bad[0].line} {table.bad[0].fault}", REMEDY)
    return _label_map(path, [(_value(path, table, row), row.values["structure"]) for row in table.rows])


def _label_map(path: Path, pairs: list[tuple[int, str]]) -> LabelMap:
    values, names = [value for value, _ in pairs], list(dict.fromkeys(name for _, name in pairs if name))
    if len(set(values)) < len(values) or not names or len(names) > 255:
        reason = "names no structure" if not names else "names a value twice, or more than 255 structures"
        raise BadInput(path, reason, REMEDY)
    zero = next((name for value, name in pairs if value == 0 and name), "")
    if zero:
        raise BadInput(path, f"calls 0 {zero!r}, and 0 is what no structure is", "Leave 0 out, or its structure empty.")
    classes = STRUCTURES if set(names) <= set(STRUCTURES) else tuple(names)
    if classes != STRUCTURES:
        _check_spelling(path, names)
    numbers = np.full(max([*values, 0]) + 1, -1, np.int16)
    numbers[0] = 0
    for value, name in pairs:
        numbers[value] = classes.index(name) + 1 if name else 0
    return LabelMap(path, classes, tuple(name for name in classes if name in names), numbers)


def _check_spelling(path: Path, names: list[str]) -> None:
    """Refuse a name that is another one, or one of MRSpineSeg's beside others of them, but for its capitals."""
    known = {name.casefold(): name for name in STRUCTURES} if set(names) & set(STRUCTURES) else {}
    for name in names:
        same = known.setdefault(name.casefold(), name)
        if same != name:
            raise BadInput(path, f"names a structure {name!r}", f"Did you mean {same!r}?")


def _value(path: Path, table: UserTable, row: TableRow) -> int:
    """The whole number in a row's field value; spreadsheets write 1 as 1.0, too."""
    text = row.values["value"]
    number = table.number(text)
    if number is None or number != int(number) or not 0 <= number <= LARGEST:
        raise BadInput(path, f"row {row.line} has value {text!r}", f"Use whole numbers from 0 to {LARGEST}.")
    return int(number)
