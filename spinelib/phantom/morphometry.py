"""Vertebral sizes of an average adult, C3 to S1, read from `morphometry.csv` (mm).

End-plate widths and depths, body height, pedicles and transverse span are rounded means after Panjabi et al.,
Spine 16(8):861-869, 1991 (cervical); Spine 16(8):888-901, 1991 (thoracic); Spine 17(3):299-306, 1992
(lumbar). Disc heights follow Kunkel et al., J Anat 219:375-387, 2011 (thoracic) and Frobin et al., Clin
Biomech 12(S1):S1-S63, 1997 (lumbar). S1 is a plain trapezoid of usual proportions. The tables of these
papers were not at hand when the values were entered (of the 1991 thoracic paper the abstract was): they are starting
points of a random draw, not a reference table, and no single value should be cited from here.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

LEVELS = tuple(
    [f"C{k}" for k in range(3, 8)] + [f"T{k}" for k in range(1, 13)] + [f"L{k}" for k in range(1, 6)] + ["S1"]
)
T1, L5, S1 = LEVELS.index("T1"), LEVELS.index("L5"), LEVELS.index("S1")
LABELLED = slice(T1, L5 + 1)  # the 17 levels of AASCE
SIZES = ("upper_width", "lower_width", "upper_depth", "lower_depth", "height", "disc_below")


@cache
def morphometry_table() -> pd.DataFrame:
    """The table as a frame of 23 rows (C3..S1) indexed by level, columns in mm."""
    with resources.files("spinelib.phantom").joinpath("morphometry.csv").open("r", encoding="utf-8") as stream:
        frame = pd.read_csv(stream, index_col="level")
    return frame.loc[list(LEVELS)]


@cache
def column(name: str) -> np.ndarray:
    """One column of the table, float64 [23] in mm, read-only."""
    values = morphometry_table()[name].to_numpy(dtype=np.float64, copy=True)
    values.flags.writeable = False
    return values


def at_level(values: np.ndarray, level: float) -> float:
    """`values` [23, C3..S1] read at a fractional level (T1 = 5.0, half-way to T2 = 5.5)."""
    return float(np.interp(level, np.arange(len(LEVELS)), values))
