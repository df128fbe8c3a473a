"""Rules that find errors in the corners of one film, and repairs where they are unambiguous."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.drawing import RING
from spinelib.cases.readers.landmarks import LEVELS

Points = NDArray[np.float64]

# Share of a vertebra's own size below which the distance of two centres means one vertebra, labelled twice.
SAME_PLACE = 0.35
# A vertebra's area over the median of its film, outside which it is no vertebra.
AREAS = (0.08, 6.0)
# Shorter over longer end-plate, and side, below which two corners are one point. Of 9265 vertebrae (AASCE 2019) two
# wrong ones lie below 0.16 and all others above 0.58; sides of true wedges go down to 0.14.
WIDTHS, HEIGHTS = 0.35, 0.1
# Share of the film's height that the labelled column takes up at least.
SHORT = 0.1
# Least part of a vertebra's width between its two left and its two right corners for a clear order.
CLEAR = 0.3


@dataclass(frozen=True)
class Finding:
    """One label error: what is wrong, and whether it was "repaired", is harmless ("minor") or spoils the label."""

    text: str
    kind: str


def check_corners(corners: Points, shape: tuple[int, int]) -> tuple[Points, list[Finding]]:
    """Corners [17, 4, 2] of one film of `shape` (height, width) px, repaired where unambiguous, and what was found.

    Looks for: a top vertebra that is stored last; corners of a vertebra in another order than TL, TR, BL, BR;
    vertebrae that are crossed, flat or far too large or small; one vertebra labelled twice; vertebrae that do not go
    down; corners outside the film or given as fractions of it. Unknown (NaN) vertebrae are passed over.
    """
    findings: list[Finding] = []
    corners = _roll(np.array(corners, float), findings)
    corners = _reorder(corners, findings)
    _implausible(corners, findings)
    _outside(corners, shape, findings)
    _sequence(corners, findings)
    return corners, findings


def is_ordered(corners: Points) -> NDArray[np.bool_]:
    """Whether TL, TR, BR, BL go round a convex quadrilateral clockwise (y down), [...]; NaN counts as ordered."""
    ring = corners[..., RING, :]
    edge = np.roll(ring, -1, -2) - ring
    after = np.roll(edge, -1, -2)
    turn = edge[..., 0] * after[..., 1] - edge[..., 1] * after[..., 0]
    upright = corners[..., 1, 0] + corners[..., 3, 0] > corners[..., 0, 0] + corners[..., 2, 0]
    return ((turn > 0).all(-1) & upright) | np.isnan(turn).any(-1)


def _roll(corners: Points, findings: list[Finding]) -> Points:
    centre = corners.mean(1)
    if np.isnan(centre).any():
        return corners
    rolled = np.roll(corners, 1, 0)
    y = rolled.mean(1)[:, 1]
    # A tall last quadrilateral would hide that the order is lost elsewhere.
    height = np.ptp(corners[..., 1], axis=1)
    if centre[-1, 1] < centre[0, 1] and (np.diff(y) > 0).all() and height[-1] < 3 * np.median(height):
        findings.append(Finding("the top vertebra is stored last; moved to the front", "repaired"))
        return rolled
    return corners


def _reorder(corners: Points, findings: list[Finding]) -> Points:
    wrong = np.flatnonzero(~is_ordered(corners))
    good = np.setdiff1d(np.flatnonzero(np.isfinite(corners).all((1, 2))), wrong)
    corners = corners.copy()
    for k in wrong:
        near = good[np.argsort(np.abs(good - k))[:4]]
        ordered = _by_direction(corners[k], corners[near]) if len(near) else None
        if ordered is None:
            findings.append(Finding(f"the corners of {LEVELS[k]} cross or coincide", "broken"))
        else:
            corners[k] = ordered
            findings.append(Finding(f"the corners of {LEVELS[k]} were in another order; reordered", "repaired"))
    return corners


def _by_direction(points: Points, neighbours: Points) -> Points | None:
    """Points [4, 2] as TL, TR, BL, BR along the neighbours' left-to-right direction; None when that is not clear."""
    across = (neighbours[:, [1, 3]] - neighbours[:, [0, 2]]).mean((0, 1))
    across /= np.linalg.norm(across)
    down = np.array([-across[1], across[0]])
    order = np.argsort(points @ across)
    along = (points @ across)[order]
    if along[2] - along[1] < CLEAR * (along[3] - along[0]):
        return None
    left, right = (pair[np.argsort(points[pair] @ down)] for pair in (order[:2], order[2:]))
    ordered = points[[left[0], right[0], left[1], right[1]]]
    return ordered if is_ordered(ordered) else None


def _implausible(corners: Points, findings: list[Finding]) -> None:
    ring = corners[:, RING]
    after = np.roll(ring, -1, 1)
    area = np.abs((ring[..., 0] * after[..., 1] - ring[..., 1] * after[..., 0]).sum(1)) / 2
    share = area / np.nanmedian(area)
    for k in np.flatnonzero((share < AREAS[0]) | (share > AREAS[1])):
        findings.append(Finding(f"{LEVELS[k]} has {share[k]:.2g} times the usual area", "broken"))
    # Ring edges: top, right, bottom, left.
    top, right, bottom, left = np.linalg.norm(after - ring, axis=-1).T
    slim = np.minimum(top, bottom) < WIDTHS * np.maximum(top, bottom)
    low = np.minimum(left, right) < HEIGHTS * np.maximum(left, right)
    crossed = ~is_ordered(corners)
    for k in np.flatnonzero((slim | low) & ~crossed):
        findings.append(Finding(f"two corners of {LEVELS[k]} nearly coincide", "broken"))


def _outside(corners: Points, shape: tuple[int, int], findings: list[Finding]) -> None:
    span = np.ptp(corners[np.isfinite(corners).all((1, 2))][..., 1]) if np.isfinite(corners).any() else shape[0]
    if span < SHORT * shape[0]:
        findings.append(Finding(f"the corners span {span:.3g} px of {shape[0]}; fractions are no pixels", "broken"))
    over = np.maximum(-0.5 - corners, corners - (np.array(shape[::-1]) - 0.5)).max((1, 2))
    for k in np.flatnonzero(over > 0.5):
        # A few pixels are cut off when the mask is drawn; more means another film or other units.
        kind = "minor" if over[k] <= 0.03 * max(shape) else "broken"
        findings.append(Finding(f"{LEVELS[k]} reaches {over[k]:.0f} px outside the film", kind))


def _sequence(corners: Points, findings: list[Finding]) -> None:
    known = np.flatnonzero(np.isfinite(corners).all((1, 2)))
    centre = corners[known].mean(1)
    size = np.sqrt(np.ptp(corners[known], axis=1).prod(1))
    distance = np.linalg.norm(centre[:, None] - centre, axis=-1)
    twice = np.triu(distance < SAME_PLACE * np.minimum(size[:, None], size), 1)
    for i, j in np.argwhere(twice):
        a, b = LEVELS[known[i]], LEVELS[known[j]]
        findings.append(Finding(f"{a} and {b} mark one vertebra, so the levels are off by one", "minor"))
    single = ~twice.any(0)
    for i in np.flatnonzero(np.diff(centre[single, 1]) <= 0):
        a, b = np.array(LEVELS)[known[single]][[i, i + 1]]
        findings.append(Finding(f"{b} does not lie below {a}", "broken"))
