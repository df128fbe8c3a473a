"""Where a film lies on the grid: one scale, one shift, aspect ratio kept."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image


@dataclass(frozen=True)
class Frame:
    """A similarity from native pixels to grid pixels: grid = native * scale + offset (pixel centres at integers).

    `box` is the part of the film that is shown, native (left, top, right, bottom), pixel edges at integers; it leaves
    out less than one grid pixel at the borders. `place` is where it lies on the grid: (top, left, height, width).
    """

    scale: float
    offset_y: float
    offset_x: float
    native: tuple[int, int]
    grid: tuple[int, int]
    box: tuple[float, float, float, float]
    place: tuple[int, int, int, int]

    def row(self) -> tuple[float, float, float, float, float]:
        """scale, offset_y, offset_x, native_h, native_w."""
        return self.scale, self.offset_y, self.offset_x, *self.native

    def to_grid(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Native (x, y) to grid (x, y), any leading shape."""
        return points * self.scale + np.array([self.offset_x, self.offset_y])

    def to_native(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Grid (x, y) to native (x, y), any leading shape."""
        return (points - np.array([self.offset_x, self.offset_y])) / self.scale

    def resize(self, plane: NDArray[np.floating]) -> NDArray[np.float32]:
        """A native plane [H, W] on the grid, area-weighted when it shrinks; 0 outside the film."""
        top, left, height, width = self.place
        source = Image.fromarray(np.ascontiguousarray(plane, np.float32))
        out = np.zeros(self.grid, np.float32)
        # The triangle filter widens with the reduction, so that no native pixel is skipped.
        small = source.resize((width, height), Image.Resampling.BILINEAR, box=self.box)
        out[top : top + height, left : left + width] = np.asarray(small)
        return out

    def inside(self) -> NDArray[np.bool_]:
        """Grid pixels that show the film, [H, W]."""
        top, left, height, width = self.place
        out = np.zeros(self.grid, bool)
        out[top : top + height, left : left + width] = True
        return out


def letterbox(native: tuple[int, int], grid: tuple[int, int]) -> Frame:
    """The frame that fits a film of `native` (height, width) px centred into `grid` (height, width)."""
    scale = min(grid[0] / native[0], grid[1] / native[1])
    # Whole grid pixels only; rounding first, because 512 / 1024 * 1024 may come out a hair below 512.
    shown = [min(max(math.floor(round(n * scale, 6)), 1), g) for n, g in zip(native, grid, strict=True)]
    start = [(n - min(s / scale, n)) / 2 for n, s in zip(native, shown, strict=True)]
    pad = [(g - s) // 2 for g, s in zip(grid, shown, strict=True)]
    offset_y, offset_x = ((0.5 - a) * scale - 0.5 + p for a, p in zip(start, pad, strict=True))
    end = [min(a + s / scale, n) for a, s, n in zip(start, shown, native, strict=True)]
    box = (start[1], start[0], end[1], end[0])
    return Frame(scale, offset_y, offset_x, native, grid, box, (pad[0], pad[1], shown[0], shown[1]))
