"""Vertebral quadrilaterals and the filled column from corners, drawn where pixel centres lie inside."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]
# From the stored order (TL, TR, BL, BR) to the way round the quadrilateral.
RING = [0, 1, 3, 2]


def draw_quadrilaterals(corners: Points, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Label map [H, W] of vertebrae: k + 1 where a pixel centre lies in quadrilateral k, 0 elsewhere.

    `corners` [V, 4, 2] px (x, y), order TL, TR, BL, BR, pixel centres at integers. Where two overlap the lower one
    (larger k) wins; a vertebra with an unknown (NaN) corner is left out.
    """
    out = np.zeros(shape, np.uint8)
    for label, ring in enumerate(np.asarray(corners, float)[:, RING], 1):
        fill_polygon(out, ring, label)
    return out


def draw_column(corners: Points, shape: tuple[int, int]) -> NDArray[np.uint8]:
    """Spinal column [H, W] in {0, 1}: vertebrae and the gaps (discs) between neighbours.

    Arguments as for `draw_quadrilaterals`.
    """
    corners = np.asarray(corners, float)
    out = np.minimum(draw_quadrilaterals(corners, shape), 1)
    gaps = np.stack([corners[:-1, 2], corners[:-1, 3], corners[1:, 1], corners[1:, 0]], 1)
    for ring in gaps:
        fill_polygon(out, ring, 1)
    return out


def fill_polygon(out: NDArray[np.uint8], ring: Points, value: int) -> None:
    """Set `out` [H, W] to `value` where pixel centres lie inside the closed ring [P, 2] (x, y), by even-odd rule."""
    if not np.isfinite(ring).all():
        return
    height, width = out.shape
    left, top = np.clip(np.ceil(ring.min(0)), 0, (width, height)).astype(int)
    right, bottom = np.clip(np.floor(ring.max(0)) + 1, 0, (width, height)).astype(int)
    if right <= left or bottom <= top:
        return
    x, y = np.arange(left, right), np.arange(top, bottom)[:, None]
    inside = np.zeros((bottom - top, right - left), bool)
    for (x0, y0), (x1, y1) in zip(ring, np.roll(ring, -1, 0), strict=True):
        if y0 != y1:
            crosses = (y0 <= y) != (y1 <= y)
            inside ^= crosses & (x < x0 + (y - y0) * (x1 - x0) / (y1 - y0))
    out[top:bottom, left:right][inside] = value
