"""Which structures are labelled in which case: labelled.csv beside the manifest.

A structure that nobody outlined is unknown, not background: it must neither teach nor be scored there. A case without a
row, or a data set without the file, is fully labelled.
"""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case, Problem
from spinelib.cases.readers.tables import read_user_table, suggest
from spinelib.core.csv_rows import read_table
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import LABELLED_TABLE

COLUMNS = ("case", "structures")
ROW = 'Give each case one row, structures joined by ";".'


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
        case, names = row["case"].strip(), _names(row["structures"])
        if not names or case in found:
            reason = f"row {line} {'repeats case' if case in found else 'names no structure of case'} {case!r}"
            raise BadInput(path, reason, ROW)
        found[case] = names
    return found


def read_user_labelled(
    folder: Path | str, cases: Collection[str], classes: Sequence[str]
) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """As `read_labelled`, from a table that somebody wrote for `cases` and `classes`; faulty rows are problem rows.

    A row of a case that is not there is left out ("kept"). Where a row names a structure that is none of `classes`, or
    none at all, or where a case has two rows, nobody knows what is labelled there: the case is "excluded", and its
    volume must be left out. Empty without the file. Raises BadInput for a missing or unknown column.
    """
    path = Path(folder) / LABELLED_TABLE
    if not path.exists():
        return {}, []
    table = read_user_table(path, COLUMNS, COLUMNS)
    found: dict[str, tuple[str, ...]] = {}
    problems = [Problem("", str(path), table.remark, "Save it as UTF-8 with commas.", "kept")] if table.remark else []
    for row in (*table.rows, *table.bad):
        case, names = unicodedata.normalize("NFC", row.values["case"]), _names(row.values["structures"])
        odd = [name for name in names if name not in classes]
        if case not in cases:
            reason, remedy = f"names case {case!r}, which is none here", suggest(case, cases)
        elif row.fault or case in found:
            reason, remedy = row.fault or f"repeats case {case!r}", ROW
        elif odd or not names:
            reason = f"names {', '.join(odd[:4]) or 'no structure'}"
            remedy = suggest(odd[0], classes) if odd else ROW
        else:
            reason, remedy = "", ""
        if reason:
            action: Literal["excluded", "kept"] = "excluded" if case in cases else "kept"
            problems.append(Problem(case, str(path), f"row {row.line} {reason}", remedy, action))
        if case in cases:
            found[case] = names
    spoiled = {problem.case for problem in problems if problem.action == "excluded"}
    return {case: names for case, names in found.items() if case not in spoiled}, problems


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


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(";") if name.strip())
