"""The four corners of vertebrae from their outlines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

Points = NDArray[np.float64]
# Area of an outline's largest quadrilateral over its own, outside which it has no four corners: an ellipse has 0.64, a
# body with hollow sides or rounded corners 0.9 to 1.1.
SHARE = (0.75, 1.3)
# Points of a hull that are looked at; more change a corner by less than a pixel.
MOST = 120


def corners_of_outlines(outlines: Sequence[Points]) -> Points:
    """Corners [N, 4, 2] (TL, TR, BL, BR) of the outlines [P, 2] (x, y) of vertebrae in order from above.

    The corners of an outline are those of the largest quadrilateral that its points allow; a quadrilateral keeps its
    own. Left and right, above and below are told by the column's direction at that height. NaN where an outline is not
    four-cornered.
    """
    quads = np.stack([_largest_quadrilateral(outline) for outline in outlines]) if outlines else np.empty((0, 4, 2))
    centres = np.stack([outline.mean(0) for outline in outlines]) if outlines else np.empty((0, 2))
    down = np.gradient(centres, axis=0) if len(centres) > 1 else np.tile([0.0, 1.0], (len(centres), 1))
    return np.stack([_ordered(quad, step) for quad, step in zip(quads, down, strict=True)]) if outlines else quads


def area(ring: Points) -> float:
    """Area of a closed ring [P, 2], whichever way round."""
    x, y = (ring - ring.mean(0)).T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)


def region_outline(region: NDArray[np.bool_], left: float = 0, top: float = 0) -> Points:
    """The convex outline [P, 2] (x, y) of a region's pixels [H, W]; the first one's centre lies at (left, top)."""
    rows, columns = np.nonzero(region)
    edges = np.concatenate([np.stack([columns + dx, rows + dy], 1) for dx in (-0.5, 0.5) for dy in (-0.5, 0.5)])
    return edges[ConvexHull(edges).vertices] + (left, top)


def _largest_quadrilateral(outline: Points) -> Points:
    """The corners [4, 2] of the largest quadrilateral of an outline's points, in their order; NaN without one."""
    try:
        hull = outline[ConvexHull(outline).vertices]
    except (QhullError, ValueError):
        return np.full((4, 2), np.nan)
    points = hull[np.linspace(0, len(hull), min(len(hull), MOST), endpoint=False).astype(int)]
    if len(points) < 4:
        return np.full((4, 2), np.nan)
    side = points[None, :] - points[:, None]
    # Twice the area of the triangle i, k, j, positive where j lies beyond the diagonal from i to k.
    twice = side[:, :, None, 0] * side[:, None, :, 1] - side[:, :, None, 1] * side[:, None, :, 0]
    total = twice.max(2) - twice.min(2)
    i, k = np.unravel_index(int(total.argmax()), total.shape)
    chosen = sorted({int(i), int(k), int(twice[i, k].argmax()), int(twice[i, k].argmin())})
    share = area(points[chosen]) / max(area(outline), 1e-9)
    return points[chosen] if len(chosen) == 4 and SHARE[0] <= share <= SHARE[1] else np.full((4, 2), np.nan)


def _ordered(quad: Points, down: Points) -> Points:
    """The corners of a quadrilateral as TL, TR, BL, BR, where the column runs along `down`."""
    if not np.isfinite(quad).all():
        return quad
    across = np.array([down[1], -down[0]])
    spokes = quad - quad.mean(0)
    # With y downwards this goes round clockwise.
    ring = quad[np.argsort(np.arctan2(spokes[:, 1], spokes[:, 0]))]
    turns = [np.roll(ring, -k, 0) for k in range(4)]
    # Upper and lower end-plate both point to the right.
    best = max(turns, key=lambda turn: float((turn[1] - turn[0] + turn[2] - turn[3]) @ across))
    return best[[0, 1, 3, 2]]
