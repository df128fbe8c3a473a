"""Where a volume lies on the network's grid, and the way back from the grid to its own voxels.

(A) SAFNet: the central half of the anterior-posterior axis, resampled in plane; slices padded, never resampled.
(C) More slices than the grid has are cut off on both sides alike; with more than half as many again (thin slices) they
are resampled to the grid's number instead, so that the spine stays whole. Images linear, widened when they shrink;
labels nearest.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

if TYPE_CHECKING:
    from torch import Tensor

Values = TypeVar("Values", NDArray[Any], "Tensor")
# Thin slices are resampled beyond this many times the grid's number.
MOST_SLICES = 1.5


@dataclass(frozen=True)
class VolumeFrame:
    """Per axis (D, H, W): grid position = native position * scale + offset, voxel centres at integers."""

    scale: tuple[float, float, float]
    offset: tuple[float, float, float]
    native: tuple[int, int, int]
    grid: tuple[int, int, int]

    def row(self) -> tuple[float, ...]:
        """The nine numbers of `CaseArrays.frames`: scale (3), offset (3), native size (3)."""
        return *self.scale, *self.offset, *self.native

    def resample(self, array: NDArray[Any]) -> NDArray[np.float32]:
        """A native image [d, h, w] on the grid, float32 [D, H, W]; 0 where the volume has no slice."""
        depth, height, width = self.grid
        _, h, w = self.native
        box = (w / 4, 0, 3 * w / 4, h)
        planes = array if self.scale[0] != 1 else array[self._slices()[1]]
        small = np.stack([_resize(plane, (width, height), box) for plane in planes])
        if self.scale[0] != 1:
            return _resize(small.reshape(len(small), -1), (height * width, depth)).reshape(self.grid)
        out = np.zeros(self.grid, np.float32)
        out[self._slices()[0]] = small
        return out

    def nearest(self, labels: NDArray[Any]) -> NDArray[Any]:
        """Native labels [d, h, w] on the grid, the nearest voxel's; 0 where the volume has no slice."""
        at = [self._positions(axis) for axis in range(3)]
        picked = labels[np.ix_(*(np.clip(p, 0, n - 1) for p, n in zip(at, self.native, strict=True)))]
        return np.asarray(picked * self.inside(), labels.dtype)

    def inside(self) -> NDArray[np.bool_]:
        """Grid voxels that show the volume, bool [D, H, W]: whole slices."""
        at = self._positions(0)
        shown = (at >= 0) & (at < self.native[0])
        return np.broadcast_to(shown[:, None, None], self.grid)

    def kept(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
        """Per axis, the native voxels whose centre the grid covers, bool [d], [h], [w]."""
        d, h, w = (self._taps(axis)[2] for axis in range(3))
        return d, h, w

    def to_native(self, values: Values) -> Values:
        """Values [C, D, H, W] of the grid at the volume's own voxels, trilinear, [C, d, h, w]; array or tensor.

        Outside of what the grid covers channel 0, the background, is 1 and the others are 0.
        """
        out = _blank(values, (len(values), *self.native))
        out[0] = 1
        deep, down, across = (_span(kept) for kept in self.kept())
        for axis in (3, 2, 1):
            values = self._stretch(values, axis)
        out[:, deep, down, across] = values
        return out

    def _stretch(self, values: Values, axis: int) -> Values:
        """Axis 1, 2 or 3 of [C, D, H, W] at the native positions that the grid covers."""
        low, share, kept = self._taps(axis - 1)
        if not share[kept].any():
            return _take(values, low[kept], axis)
        high = np.minimum(low + 1, self.grid[axis - 1] - 1)
        weight = _like(share[kept].reshape(-1, *(1,) * (3 - axis)), values)
        first = _take(values, low[kept], axis)
        return first + (_take(values, high[kept], axis) - first) * weight

    def _slices(self) -> tuple[slice, slice]:
        """Where slices lie on the grid, and which native ones they are (unscaled depth)."""
        first = int(self.offset[0])
        low, high = max(first, 0), min(first + self.native[0], self.grid[0])
        return slice(low, high), slice(low - first, high - first)

    def _positions(self, axis: int) -> NDArray[np.intp]:
        """Native index nearest to every grid index of one axis; may lie outside of the volume."""
        at = (np.arange(self.grid[axis]) - self.offset[axis]) / self.scale[axis]
        return np.floor(at + 0.5).astype(np.intp)

    def _taps(self, axis: int) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.bool_]]:
        """Per native index of one axis: the grid index below it, the share of the next one, and whether it is shown."""
        size = self.grid[axis]
        at = np.arange(self.native[axis]) * self.scale[axis] + self.offset[axis]
        # A voxel whose centre lies on the border, to the precision of a float32 row, is shown.
        shown = (at >= -0.5 - 1e-3) & (at <= size - 0.5 + 1e-3)
        at = np.clip(at, 0, size - 1)
        low = np.minimum(np.floor(at + 1e-4).astype(np.intp), size - 1)
        share = at - low
        return low, np.where(np.abs(share) < 1e-4, 0, share), shown


def place(native: Sequence[int], grid: Sequence[int]) -> VolumeFrame:
    """The frame of a volume of `native` size (d, h, w) on `grid` (D, H, W)."""
    (d, h, w), (depth, height, width) = (tuple(map(int, size)) for size in (native, grid))
    thin = d > MOST_SLICES * depth
    along, down, across = depth / d if thin else 1.0, height / h, 2 * width / w
    shift = 0.5 * along - 0.5 if thin else float((depth - d) // 2)
    offset = (shift, 0.5 * down - 0.5, (0.5 - w / 4) * across - 0.5)
    return VolumeFrame((along, down, across), offset, (d, h, w), (depth, height, width))


def frame_of(row: ArrayLike, grid: Sequence[int]) -> VolumeFrame:
    """The frame that a row [9] of `CaseArrays.frames` describes. Raises ValueError for another length."""
    n = [float(value) for value in np.asarray(row).reshape(-1)]
    if len(n) != 9:
        raise ValueError(f"a volume's frame has 9 numbers, not {len(n)}")
    native, size = (round(n[6]), round(n[7]), round(n[8])), tuple(map(int, grid))
    return VolumeFrame((n[0], n[1], n[2]), (n[3], n[4], n[5]), native, (size[0], size[1], size[2]))


def to_native(values: Values, row: ArrayLike) -> Values:
    """Class probabilities [C, D, H, W] on the grid at the voxels of the volume with frame `row` [9]: [C, d, h, w].

    Array or tensor, as given; trilinear, the exact inverse of the way in. Channel 0 is the background, which is 1
    outside of the kept half and of the kept slices. Raises ValueError for other shapes.
    """
    if values.ndim != 4:
        raise ValueError(f"values must be [C, D, H, W], not {list(values.shape)}")
    return frame_of(row, values.shape[1:]).to_native(values)


def native_labels(values: Values, row: ArrayLike) -> NDArray[np.uint8]:
    """The most probable class of every native voxel, uint8 [d, h, w], from probabilities or logits [C, D, H, W].

    As `to_native(values, row).argmax(0)`, slice by slice, so that large volumes fit into memory.
    """
    frame = frame_of(row, values.shape[1:])
    out = np.zeros(frame.native, np.uint8)
    deep, down, across = (_span(kept) for kept in frame.kept())
    low, share, _ = frame._taps(0)
    for k in range(*deep.indices(frame.native[0])):
        near = slice(low[k], low[k] + (2 if share[k] else 1))
        plane = frame._stretch(frame._stretch(values[:, near], 3), 2)
        mixed = plane[:, 0] if not share[k] else plane[:, 0] * (1 - share[k]) + plane[:, 1] * share[k]
        best = mixed.argmax(0)
        out[k, down, across] = best if isinstance(best, np.ndarray) else best.cpu().numpy()
    return out


def _resize(
    plane: NDArray[Any], size: tuple[int, int], box: tuple[float, float, float, float] | None = None
) -> NDArray[np.float32]:
    source = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    # The triangle filter widens with the reduction, so that no native voxel is skipped.
    return np.asarray(source.resize(size, Image.Resampling.BILINEAR, box=box), np.float32)


def _span(kept: NDArray[np.bool_]) -> slice:
    """The stretch of True values."""
    at = np.flatnonzero(kept)
    return slice(int(at[0]), int(at[-1]) + 1)


def _take(values: Values, index: NDArray[np.intp], axis: int) -> Values:
    if isinstance(values, np.ndarray):
        return values.take(index, axis)
    import torch

    return values.index_select(axis, torch.as_tensor(index, device=values.device))


def _like(share: NDArray[np.float64], values: Values) -> Values:
    """The weights as the kind of thing, number type and device that `values` is."""
    return share.astype(values.dtype) if isinstance(values, np.ndarray) else values.new_tensor(share)


def _blank(values: Values, shape: tuple[int, ...]) -> Values:
    return np.zeros(shape, values.dtype) if isinstance(values, np.ndarray) else values.new_zeros(shape)
