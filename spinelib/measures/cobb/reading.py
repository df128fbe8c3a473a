"""What a reading of Cobb angles holds, and the way from corners to it: never a number without a status and a reason."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from spinelib.measures.cobb.rules import Floats, aasce_angles, tilt_matrix

# What a reading can be; those of NO_ANGLE have no angles, all others do.
STATUSES = ("ok", "merged", "missing", "extra", "mirrored", "few_vertebrae", "empty", "out_of_range")
NO_ANGLE = ("few_vertebrae", "empty", "out_of_range")
# Vertebrae T1..L5; the least number that makes a curve; degrees beyond which no reading is believed.
VERTEBRAE, FEWEST, LIMIT = 17, 3, 120.0
FilmSize = tuple[float, float]


@dataclass(frozen=True)
class Reading:
    """Cobb angles of one film and what they rest on.

    angles [3]: degrees by the AASCE rule over the V vertebrae that were found, the largest (major) first; NaN for a
    status of NO_ANGLE. ends: positions, from the top, of the two vertebrae that make the largest angle, (-1, -1)
    without one. corners [V, 4, 2]: px (x, y), TL, TR, BL, BR, level-ordered from the top; with method "centreline"
    they are evenly spaced stand-ins across the line, and V is the number of vertebrae looked for. method: "vertebrae"
    or "centreline". confidence: 0..1, see `masks`; 1 for given corners. status: one of STATUSES; reason: why, in
    words, empty when the status is "ok".
    """

    angles: Floats
    ends: tuple[int, int]
    corners: Floats
    method: str
    confidence: float
    status: str
    reason: str

    @property
    def tilts(self) -> Floats:
        """Direction of each mid-line [V], degrees; 0 is along x, positive turns x towards y (right end down)."""
        across = self.corners[:, [1, 3]].sum(1) - self.corners[:, [0, 2]].sum(1)
        return np.degrees(np.arctan2(across[:, 1], across[:, 0]))

    @property
    def known(self) -> bool:
        """Whether there are angles."""
        return self.status not in NO_ANGLE


def from_corners(corners: ArrayLike, film: FilmSize, *, count: int | None = VERTEBRAE, limit: float = LIMIT) -> Reading:
    """The reading of corners [V, 4, 2] px from the top down, checked.

    film: (row where the film starts, its height) in the px of the corners; the S-shape branch of the rule compares
    rows with the height. count: vertebrae expected, None: any number. A vertebra with an unknown (NaN) corner is left
    out ("missing"); where left and right or top and bottom are swapped it is turned back ("mirrored"); with fewer
    than three vertebrae or an angle beyond `limit` degrees there are no angles. Raises ValueError for another shape.
    """
    given = np.asarray(corners, float)
    if given.ndim != 3 or given.shape[1:] != (4, 2):
        raise ValueError(f"corners must be [V, 4, 2], not {list(given.shape)}")
    found, swapped = _upright(given[np.isfinite(given).all((1, 2))])
    status, reason = number_status(len(found), len(given) if count is None else count)
    if swapped:
        status, reason = "mirrored", f"{swapped} vertebrae had their corners in mirrored order; turned back"
    return judge_reading(Reading(np.full(3, np.nan), (-1, -1), found, "vertebrae", 1.0, status, reason), film, limit)


def number_status(found: int, expected: int | None) -> tuple[str, str]:
    """Status and reason by the number of vertebrae found; `expected` None: any number will do."""
    if expected is None or found == expected:
        return "ok", ""
    return "missing" if found < expected else "extra", f"{found} vertebrae where {expected} are expected"


def empty_reading(reason: str, status: str = "empty") -> Reading:
    """A reading without vertebrae and without angles."""
    return Reading(np.full(3, np.nan), (-1, -1), np.empty((0, 4, 2)), "vertebrae", 0.0, status, reason)


def judge_reading(reading: Reading, film: FilmSize, limit: float) -> Reading:
    """`reading` with the angles of its corners, or with the status that says why it has none."""
    if len(reading.corners) < FEWEST:
        reason = f"{len(reading.corners)} vertebrae; a curve needs {FEWEST}"
        return replace(reading, status="few_vertebrae", reason=reason, confidence=0.0)
    angles = aasce_angles((reading.corners - (0, film[0]))[None], [film[1]])[0]
    if not np.isfinite(angles).all():
        return replace(reading, status="few_vertebrae", reason="a vertebra without width", confidence=0.0)
    if angles.max() > limit:
        reason = f"an angle of {angles.max():.0f} degrees is beyond {limit:.0f}"
        return replace(reading, status="out_of_range", reason=reason, confidence=0.0)
    return replace(reading, angles=angles, ends=end_vertebrae(reading.corners))


def end_vertebrae(corners: ArrayLike) -> tuple[int, int]:
    """Positions, from the top, of the two of the vertebrae [V, 4, 2] that make the largest angle, the upper one first.

    Of pairs that are equal to within rounding it is the one whose vertebrae are nearest to each other, in a straight
    spine the first two.
    """
    tilt = tilt_matrix(np.asarray(corners, float)[None])[0]
    upper, lower = np.triu_indices(len(tilt), 1)
    largest = tilt[upper, lower] >= np.nanmax(tilt) - 1e-6
    upper, lower = upper[largest], lower[largest]
    nearest = (lower - upper).argmin()
    return int(upper[nearest]), int(lower[nearest])


def _upright(corners: Floats) -> tuple[Floats, int]:
    """Corners with left left and top on top [V, 4, 2], and how many vertebrae were otherwise."""
    flipped = corners[:, [0, 2], 0].sum(1) > corners[:, [1, 3], 0].sum(1)
    corners = np.where(flipped[:, None, None], corners[:, [1, 0, 3, 2]], corners)
    upset = corners[:, :2, 1].sum(1) > corners[:, 2:, 1].sum(1)
    corners = np.where(upset[:, None, None], corners[:, [2, 3, 0, 1]], corners)
    return corners, int((flipped | upset).sum())
