"""The landmark table: four corners per vertebra, native pixels, one row per case and vertebra."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.core.errors import BadInput
from spinelib.core.files import write_text
from spinelib.core.layout import LANDMARK_TABLE

LEVELS = (*(f"T{k}" for k in range(1, 13)), *(f"L{k}" for k in range(1, 6)))
AXES = tuple(f"{corner}_{axis}" for corner in ("tl", "tr", "bl", "br") for axis in "xy")
COLUMNS = ("case", "vertebra", *AXES)


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

    Raises BadInput for a missing file or column, a name outside T1..L5, a repeated row, or a value that is no number.
    """
    path = Path(path)
    table = _table(path)
    level = table["vertebra"].map({name: k for k, name in enumerate(LEVELS)})
    if level.isna().any():
        name = table["vertebra"][level.isna()].iloc[0]
        raise BadInput(path, f"names a vertebra {name!r}", "Use the names T1 to T12 and L1 to L5.")
    twice = table.duplicated(["case", "vertebra"])
    if twice.any():
        case, vertebra = table.loc[twice, ["case", "vertebra"]].iloc[0]
        raise BadInput(path, f"lists {vertebra} of case {case!r} twice", "Keep one row per case and vertebra.")
    values = table[list(AXES)].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    if not np.isfinite(values).all():
        line = int(np.where(~np.isfinite(values).all(1))[0][0]) + 2
        raise BadInput(path, f"row {line} holds something that is not a number", "Give all eight coordinates in px.")
    out = {case: np.full((len(LEVELS), 4, 2), np.nan) for case in table["case"].unique()}
    for case, k, row in zip(table["case"], level.astype(int), values, strict=True):
        out[case][k] = row.reshape(4, 2)
    return out


def _table(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        reason = "does not exist" if isinstance(error, FileNotFoundError) else f"cannot be read as CSV ({error})"
        raise BadInput(path, reason, f"Give a CSV with the columns {', '.join(COLUMNS)}.") from error
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        raise BadInput(path, f"has no column {missing[0]!r}", f"Give the columns {', '.join(COLUMNS)}.")
    return table
