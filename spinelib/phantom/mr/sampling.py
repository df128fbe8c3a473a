"""The scan's grid: slices, pixels, field of view, and where it lies in the patient.

Image axes in mm: d from the patient's right to left, h downwards, w to the back, so that an array [D,H,W] is in the
project's canonical orientation. Ranges are those of lumbar protocols: 12 to 20 slices of 3.5 to 5 mm, 256 to 512 pixels
over 210 to 390 mm (C, after the open T2 volumes, which have 220 and 380 mm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.mr.chain import Chain

SLICES, STEP, FIELD, PIXEL = (12, 20), (3.5, 5.0), (210.0, 390.0), (0.5, 1.0)
# Height of the top of S1 and place of the bodies from front to back, shares of the field; in small fields the sacrum is
# cut off and the bodies lie further to the front (as in the open volumes).
LOW, ACROSS = ((220.0, 385.0), (0.90, 0.76)), ((220.0, 300.0), (0.42, 0.51))
SIZES = (256, 288, 320, 352, 384, 448, 512)


@dataclass(frozen=True)
class Grid:
    """A voxel grid in the patient.

    shape (D,H,W); spacing mm along them; thick: excited part of a slice, mm; turn [3,3] and shift [3]: image mm are
    turn @ patient mm + shift, and the centre of voxel (0,0,0) is at 0 mm.
    """

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    thick: float
    turn: np.ndarray
    shift: np.ndarray

    def axis(self, index: int, start: int = 0, stop: int | None = None) -> torch.Tensor:
        """Image mm of the voxels start to stop along axis `index`, float32."""
        stop = self.shape[index] if stop is None else stop
        return torch.arange(start, stop, dtype=torch.float32) * self.spacing[index]

    def place(self, points: np.ndarray) -> np.ndarray:
        """Patient mm [...,3] to image mm [...,3]."""
        return points @ self.turn.T + self.shift

    def box(self, centre: np.ndarray, reach: np.ndarray) -> tuple[slice, slice, slice] | None:
        """Voxels within `reach` [3] mm of `centre` [3] (image mm); None when none are."""
        step = np.array(self.spacing)
        low = np.clip(np.ceil((centre - reach) / step), 0, self.shape).astype(int)
        high = np.clip(np.floor((centre + reach) / step) + 1, 0, self.shape).astype(int)
        if (high <= low).any():
            return None
        return slice(low[0], high[0]), slice(low[1], high[1]), slice(low[2], high[2])


def sample_grid(
    draw: np.random.Generator,
    chain: Chain,
    size: tuple[int, int] | None = None,
    slices: int | None = None,
    limit: int = max(SIZES),
) -> Grid:
    """A grid around the lower spine.

    `size` (H,W) px and `slices` are drawn unless given; `limit` bounds drawn sizes, px.
    """
    step = float(draw.uniform(*STEP))
    field = float(draw.uniform(*FIELD))
    wanted = [n for n in SIZES if PIXEL[0] <= field / n <= PIXEL[1] and n <= limit]
    side = int(draw.choice(wanted or [min(limit, min(SIZES))]))
    count = int(draw.integers(SLICES[0], SLICES[1] + 1))
    narrow = float(draw.choice((1.0, 1.0, 1.0, 0.9)))
    shape = (slices or count, *(size or (side, round(side * narrow))))
    pixel = field / max(shape[1:])
    spacing = (step, pixel, pixel)
    turn = _turn(*np.radians(draw.normal(0, (3.0, 2.5, 2.5))))
    low, first = turn @ chain.centre[chain.first - 1], chain.first
    lumbar = (chain.centre[first - 1 : first + 5] @ turn.T).mean(0)
    extent = np.array(shape) * spacing
    at = np.array(
        [
            extent[0] * 0.5 + draw.normal(0, 0.06) * extent[0] - lumbar[0],
            extent[1] * np.clip(np.interp(field, *LOW) + draw.normal(0, 0.05), 0.6, 0.97) - low[1],
            extent[2] * np.clip(np.interp(field, *ACROSS) + draw.normal(0, 0.04), 0.36, 0.6) - lumbar[2],
        ]
    )
    return Grid(shape, spacing, step * float(draw.uniform(0.75, 1.0)), turn, at)


def _turn(sagittal: float, coronal: float, axial: float) -> np.ndarray:
    """Patient (left, front, up) to image (left, down, back) with three small turns in radians."""
    axes = np.array([[1.0, 0, 0], [0, 0, -1], [0, -1, 0]])
    for (a, b), angle in (((1, 2), sagittal), ((0, 1), coronal), ((0, 2), axial)):
        turn = np.eye(3)
        turn[a, a] = turn[b, b] = np.cos(angle)
        turn[a, b], turn[b, a] = -np.sin(angle), np.sin(angle)
        axes = turn @ axes
    return axes
