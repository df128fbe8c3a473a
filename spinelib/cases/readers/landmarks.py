"""The landmark table: four corners per vertebra, native pixels, one row per case and vertebra."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases.manifest import Problem
from spinelib.cases.readers.spine_names import level_of
from spinelib.cases.readers.tables import TableRow, UserTable, read_user_table, suggest
from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import LANDMARK_TABLE

LEVELS = (*(f"T{k}" for k in range(1, 13)), *(f"L{k}" for k in range(1, 6)))
AXES = tuple(f"{corner}_{axis}" for corner in ("tl", "tr", "bl", "br") for axis in "xy")
COLUMNS = ("case", "vertebra", *AXES)
FILL = f"Give the fields {', '.join(COLUMNS)} in every row."


def write_landmarks(corners: Mapping[str, NDArray[np.floating]], folder: Path | str) -> Path:
    """Write `folder`/landmarks.csv from corners [17, 4, 2] px per case; unknown (NaN) vertebrae are left out."""
    path = Path(folder) / LANDMARK_TABLE
    frames = []
    for case, points in corners.items():
        flat = np.asarray(points, float).reshape(len(LEVELS), 8)
        table = pd.DataFrame(flat.round(3), columns=list(AXES))
        table.insert(0, "case", case)
        table.insert(1, "vertebra", LEVELS)
        frames.append(table.dropna())
    whole = pd.concat(frames) if frames else pd.DataFrame(columns=list(COLUMNS))
    write_text(path, whole.to_csv(index=False, lineterminator="\n"))
    return path


def read_landmarks(path: Path | str) -> dict[str, NDArray[np.float64]]:
    """Corners [17, 4, 2] (T1..L5; TL, TR, BL, BR; x, y native px) of each case; NaN for vertebrae without a row.

    For a table of prepared data. Raises BadInput for a missing file or column, and for any row that cannot be used.
    """
    corners, problems = read_landmark_table(path)
    for problem in problems:
        if problem.case or problem.action == "excluded":
            raise BadInput(path, problem.problem, problem.remedy)
    return corners


def read_landmark_table(
    path: Path | str, known: Collection[str] | None = None
) -> tuple[dict[str, NDArray[np.float64]], list[Problem]]:
    """As `read_landmarks`, from a table that somebody wrote; what cannot be used is a problem row that costs no other.

    A row of another vertebra (S1, C7) is left out and its film goes on ("kept"), and so are rows of cases that are none
    of `known` (None: any). A film whose row holds something that is no number, or whose vertebra has two rows, is left
    out of the dictionary ("excluded"). Empty rows are passed over. Raises BadInput for a missing file or column.
    """
    path = Path(path)
    table = read_user_table(path, COLUMNS)
    found: dict[str, dict[str, NDArray[np.float64]]] = {}
    problems = [Problem("", str(path), table.remark, "Save it as UTF-8 with commas.", "kept")] if table.remark else []
    strange: dict[str, int] = {}
    for row in (*table.rows, *table.bad):
        case = unicodedata.normalize("NFC", row.values["case"])
        if case and known is not None and case not in known:
            strange.setdefault(case, row.line)
            continue
        levels = found.setdefault(case, {})
        try:
            level = level_of(row.values["vertebra"])
            if case and not row.fault and level not in LEVELS:
                reason = f"row {row.line} names a vertebra {row.values['vertebra']!r}; the row is left out"
                problems.append(Problem(case, str(path), reason, "Use the names T1 to T12 and L1 to L5.", "kept"))
            else:
                levels[str(level)] = _corners(path, table, row, levels)
        except BadInput as error:
            problems.append(Problem.of(case, error))
    for case, line in strange.items():
        reason = f"row {line} names case {case!r}, which is none here"
        problems.append(Problem(case, str(path), reason, suggest(case, known or ()), "kept"))
    spoiled = {problem.case for problem in problems if problem.action == "excluded"}
    return {case: _stack(levels) for case, levels in found.items() if case not in spoiled and levels}, problems


def _corners(path: Path, table: UserTable, row: TableRow, known: Collection[str]) -> NDArray[np.float64]:
    """Corners [4, 2] px of a row's vertebra. Raises BadInput."""
    case, level = row.values["case"], level_of(row.values["vertebra"])
    if row.fault or not case:
        raise BadInput(path, f"row {row.line} {row.fault or 'names no case'}", FILL)
    if level in known:
        reason = f"row {row.line} lists {level} of case {case!r} twice"
        raise BadInput(path, reason, "Keep one row per case and vertebra.")
    values = [table.number(row.values[axis]) for axis in AXES]
    if None in values:
        axis = AXES[values.index(None)]
        reason = f"row {row.line} holds {row.values[axis]!r} as {axis}, which is not a number"
        raise BadInput(path, reason, "Give all eight coordinates in px.")
    return np.array(values, float).reshape(4, 2)


def _stack(levels: Mapping[str, NDArray[np.float64]]) -> NDArray[np.float64]:
    out = np.full((len(LEVELS), 4, 2), np.nan)
    for level, points in levels.items():
        out[LEVELS.index(level)] = points
    return out
