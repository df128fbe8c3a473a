"""Outlines of regions and vertebrae as rings of points, counted from the edges of pixels as annotation programs do."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.cases.drawing import RING

Points = NDArray[np.float64]
# How far a ring may lie from the edge of its region, px; and the smallest region that gets one.
AWAY, SMALLEST = 0.6, 12


def vertebra_ring(corners: Points) -> Points:
    """The ring [4, 2] of a vertebra from its corners [4, 2] (TL, TR, BL, BR; x, y, pixel centres at integers)."""
    return np.asarray(corners, float)[RING] + 0.5


def region_rings(region: NDArray[np.bool_]) -> list[Points]:
    """A ring [P, 2] (x, y) around each connected part of a region [H, W], the largest first; holes are filled.

    Points are as few as keep the ring within AWAY px of the region's edge; specks below SMALLEST pixels have none.
    """
    from contourpy import contour_generator

    parts, count = ndimage.label(region)
    rings = []
    for part, place in enumerate(ndimage.find_objects(parts, count), 1):
        inside = ndimage.binary_fill_holes(np.pad(parts[place] == part, 1))
        if inside.sum() < SMALLEST:
            continue
        lines = [np.asarray(line, float) for line in contour_generator(z=inside.astype(float)).lines(0.5)]
        ring = max(lines, key=len)
        corner = np.array([place[1].start, place[0].start])
        rings.append((inside.sum(), _fewer(ring) + corner - 0.5))
    return [ring for _, ring in sorted(rings, key=lambda item: -item[0])]


def _fewer(ring: Points) -> Points:
    """The points of a closed ring that its shape needs (Douglas and Peucker, Cartographica 10(2), 1973)."""
    last = len(ring) - 1
    far = int(np.linalg.norm(ring - ring[0], axis=1).argmax())
    keep, open_parts = {0, far}, [(0, far), (far, last)]
    while open_parts:
        start, end = open_parts.pop()
        if end - start < 2:
            continue
        away = _distances(ring[start + 1 : end], ring[start], ring[end])
        if away.max() > AWAY:
            middle = start + 1 + int(away.argmax())
            keep.add(middle)
            open_parts += [(start, middle), (middle, end)]
    return np.asarray(ring[sorted(keep - {last})])


def _distances(points: Points, one: Points, other: Points) -> Points:
    """Distance of points [P, 2] from the stretch between two others."""
    along = other - one
    length = float(along @ along)
    share = np.clip((points - one) @ along / length, 0, 1) if length else np.zeros(len(points))
    return np.asarray(np.linalg.norm(points - (one + share[:, None] * along), axis=1))
