"""The curves of a spine, one for each region: proximal thoracic, main thoracic, thoracolumbar/lumbar.

(A) A curve lies between the two vertebrae that are most tilted towards each other, its end vertebrae, and neighbouring
curves share one (Cobb, Instr Course Lect 5:261-275, 1948). Lenke et al. 2001 measure three curves, each with its apex
in its own region (`clinical`). (C) How they are found in tilts: the largest curve lies between the two vertebrae that
differ most; above it the next one goes from its upper end to the vertebra that is most tilted the other way, and so on
to the top, and below it to the bottom. Of several curves with their apex in one region the largest is that region's. A
curve between neighbours has no apex and is none, unless it is the largest.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike

from spinelib.cases.readers.landmarks import LEVELS
from spinelib.measures.cobb.clinical import REGIONS, Curve, curve_between
from spinelib.measures.cobb.reading import FEWEST, Reading, end_vertebrae
from spinelib.measures.cobb.rules import Floats

# Vertebrae from the first end of a curve to the second.
SHORTEST = 2
# With fewer or more than T1..L5 by so many a place in the row says too little of the region.
ASTRAY = 3


def regional_curves(corners: ArrayLike) -> dict[str, Curve]:
    """The curves of the vertebrae [V, 4, 2] px from the top down, by region in the order of REGIONS.

    A region in which no curve has its apex is left out. With 17 vertebrae they are T1..L5; else they are called by
    their number from the top, and regions are those of the same place among 17. The largest angle is that of
    `aasce_angles`. Raises ValueError for unknown (NaN) corners, another shape or fewer than FEWEST vertebrae.
    """
    points = np.asarray(corners, float)
    if points.ndim != 3 or points.shape[1:] != (4, 2) or len(points) < FEWEST or not np.isfinite(points).all():
        raise ValueError(f"corners must be known and [V, 4, 2] with V of {FEWEST} or more, not {list(points.shape)}")
    names = level_names(len(points))
    found: dict[str, Curve] = {}
    for upper, lower in curve_ends(points):
        curve = curve_between(points, upper, lower, names)
        if curve.region not in found or curve.angle > found[curve.region].angle:
            found[curve.region] = curve
    return {region: found[region] for region in REGIONS if region in found}


def level_names(count: int) -> tuple[str, ...]:
    """Names of `count` vertebrae from the top: T1 to L5 where there are 17, else their numbers."""
    return LEVELS if count == len(LEVELS) else tuple(str(k) for k in range(1, count + 1))


def regions_of(reading: Reading) -> dict[str, Curve]:
    """The regional curves of a reading; none where it has no angles or shows another part than T1 to L5."""
    astray = abs(len(reading.corners) - len(LEVELS)) > ASTRAY
    return {} if astray or not reading.known else regional_curves(reading.corners)


def levels_certain(reading: Reading) -> bool:
    """Whether every vertebra of T1..L5 was found one by one, so that counting names them."""
    return len(reading.corners) == len(LEVELS) and reading.method == "vertebrae"


def curve_ends(corners: Floats) -> list[tuple[int, int]]:
    """Positions of the end vertebrae of each curve of the vertebrae [V, 4, 2], from the top."""
    upper, lower = end_vertebrae(corners)
    tilts = _tilts(corners)
    turned = float(np.sign(tilts[lower] - tilts[upper]))
    above = [(upper - b, upper - a) for a, b in _onward(tilts[upper::-1], turned)]
    below = [(lower + a, lower + b) for a, b in _onward(tilts[lower:], -turned)]
    return [*above[::-1], (upper, lower), *below]


def _onward(tilts: Floats, turned: float) -> Iterator[tuple[int, int]]:
    """Ends of the curves from the first of `tilts` onward; the first of them turns towards `turned` (1 or -1)."""
    at = 0
    while at < len(tilts) - 1:
        end = at + int((turned * (tilts[at:] - tilts[at])).argmax())
        if end == at:
            return
        if end - at >= SHORTEST:
            yield at, end
        at, turned = end, -turned


def _tilts(corners: Floats) -> Floats:
    """Direction of each mid-line [V], degrees, without jumps."""
    across = corners[:, [1, 3]].sum(1) - corners[:, [0, 2]].sum(1)
    return np.degrees(np.unwrap(np.arctan2(across[:, 1], across[:, 0])))
