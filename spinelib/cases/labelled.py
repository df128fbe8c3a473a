"""Which structures are labelled in which case: labelled.csv beside the manifest.

A structure that nobody outlined is unknown, not background: it must neither teach nor be scored there. A case without a
row, or a data set without the file, is fully labelled.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, read_table
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import LABELLED_TABLE

COLUMNS = ("case", "structures")


def write_labelled(labelled: Mapping[str, Sequence[str]], folder: Path | str) -> Path:
    """Write `folder`/labelled.csv: the structures that are labelled in each partly labelled case; gives its path."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([case, ";".join(structures)] for case, structures in labelled.items())
    path = Path(folder) / LABELLED_TABLE
    write_text(path, text.getvalue())
    return path


def read_labelled(folder: Path | str) -> dict[str, tuple[str, ...]]:
    """The labelled structures of each partly labelled case; empty without `folder`/labelled.csv. Raises BadInput."""
    path = Path(folder) / LABELLED_TABLE
    if not path.exists():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for line, row in enumerate(read_table(path), 2):
        if set(row) != set(COLUMNS):
            raise BadInput(path, f"has the columns {', '.join(row)}", f"Use exactly the columns {', '.join(COLUMNS)}.")
        case, names = row["case"].strip(), tuple(name.strip() for name in row["structures"].split(";") if name.strip())
        if not names or case in found:
            reason = f"row {line} {'repeats case' if case in found else 'names no structure of case'} {case!r}"
            raise BadInput(path, reason, 'Give each case one row, structures joined by ";".')
        found[case] = names
    return found


def known_structures(folder: Path | str, cases: Sequence[Case], classes: Sequence[str]) -> NDArray[np.bool_]:
    """Whether class k is labelled in case i, bool [N, K]. Raises BadInput for a structure that is no class."""
    labelled = read_labelled(folder)
    known = np.ones((len(cases), len(classes)), bool)
    for name, structures in labelled.items():
        odd = [structure for structure in structures if structure not in classes]
        if odd:
            reason = f"case {name!r} names {', '.join(odd[:4])}"
            raise BadInput(Path(folder) / LABELLED_TABLE, reason, f"Use names of classes.csv: {', '.join(classes)}.")
    for i, case in enumerate(cases):
        if case.case in labelled:
            known[i] = [structure in labelled[case.case] for structure in classes]
    return known
