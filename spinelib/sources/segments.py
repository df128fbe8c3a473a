"""Label maps whose own file names its segments (3D Slicer's .seg.nrrd) as labels of the study's structures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.core.errors import BadInput


def by_names(
    names: Mapping[int, str], classes: tuple[str, ...]
) -> Callable[[Path, NDArray[Any]], tuple[NDArray[np.uint8], tuple[str, ...] | None]] | None:
    """What turns stored values into labels 1..K of `classes` by the names of segments; None where nothing is named so.

    With one class every segment is foreground. Segments of other names keep their numbers only where no segment has
    the name of a class; else they are refused, since their numbers would be taken for other structures. Structures
    that no segment is called count as unlabelled. Capitals and blanks at the ends do not tell names apart.
    """
    known = {name.strip().casefold(): k for k, name in enumerate(classes, 1)}
    numbers = {value: known.get(name.strip().casefold(), 0) for value, name in names.items()}
    if len(classes) == 1 or not any(numbers.values()):
        return None

    def convert(path: Path, values: NDArray[Any]) -> tuple[NDArray[np.uint8], tuple[str, ...]]:
        found = {int(value) for value in np.unique(values)} - {0}
        odd = [names.get(value, f"number {value}") for value in sorted(found) if not numbers.get(value)]
        if odd:
            reason = f"has segments that are none of the structures ({', '.join(odd[:4])})"
            remedy = f"Call segments {', '.join(classes[:4])} ..., remove the others, or give labels.csv."
            raise BadInput(path, reason, remedy)
        table = np.zeros(max(found, default=0) + 1, np.uint8)
        for value in found:
            table[value] = numbers[value]
        labelled = {numbers[value] for value in numbers}
        return table[values.astype(np.intp)], tuple(name for k, name in enumerate(classes, 1) if k in labelled)

    return convert
