"""Flat bones seen from the side: filled outlines with a bright rim, drawn from their signed distance."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.fields import bell, edge


def plate(canvas: torch.Tensor, ring: np.ndarray, fill: float, rim: float, line: float) -> None:
    """Add one bone to `canvas` [H,W] in place: `fill` inside the closed `ring` [P,2] px, `rim` along its border.

    `line` is the width of the rim in px; the border of the fill is as soft. Parts off the canvas are dropped.
    """
    height, width = canvas.shape
    margin = 3 * line + 1
    left, top = np.floor(ring.min(0) - margin).clip(0, (width, height)).astype(int)
    right, low = np.ceil(ring.max(0) + margin + 1).clip(0, (width, height)).astype(int)
    if right <= left or low <= top:
        return
    depth = signed_distance(torch.from_numpy(np.ascontiguousarray(ring)).float(), (left, top, right, low))
    canvas[top:low, left:right] += fill * edge(depth, line) + rim * bell((depth - 0.7 * line) / line)


def signed_distance(ring: torch.Tensor, box: tuple[int, int, int, int]) -> torch.Tensor:
    """Distance (px) to the border of `ring` [P,2], positive inside, on the pixels of `box` (left, top, right, low)."""
    left, top, right, low = box
    x = torch.arange(left, right, dtype=torch.float32)[None, None]
    y = torch.arange(top, low, dtype=torch.float32)[None, :, None]
    start, stop = ring, ring.roll(-1, 0)
    (x0, y0), (x1, y1) = (part.T[:, :, None, None] for part in (start, stop))
    dx, dy = x1 - x0, y1 - y0
    t = (((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy).clamp_min(1e-6)).clamp(0, 1)
    away = ((x - x0 - t * dx).square() + (y - y0 - t * dy).square()).amin(0).sqrt()
    crosses = ((y0 <= y) != (y1 <= y)) & (x < x0 + (y - y0) * dx / torch.where(dy == 0, torch.ones_like(dy), dy))
    inside = crosses.sum(0) % 2 == 1
    return torch.where(inside, away, -away)


def rounded(ring: np.ndarray, rounds: int = 1) -> np.ndarray:
    """A closed outline [P,2] with its corners cut off `rounds` times (Chaikin 1974): [P * 2**rounds, 2]."""
    for _ in range(rounds):
        after = np.roll(ring, -1, 0)
        ring = np.stack([0.75 * ring + 0.25 * after, 0.25 * ring + 0.75 * after], 1).reshape(-1, 2)
    return ring
