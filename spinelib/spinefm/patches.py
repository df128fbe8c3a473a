"""Square patches around points of films, and masks of patches put back onto the film.

(B) The published program cuts 600 px (NHANES II) or 300 px (CSXA) around a point, fills what lies outside the film
with zeros, resizes to the network's size, and puts the answer back into a canvas filled with its smallest logit.
(C) Ours: the side is measured in vertebrae, because films of this study come at any scale.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from spinelib.core.errors import BadInput

# Patch sides in vertebra sides (C): wide enough for the neighbours above and below. The end classifier's patch keeps
# its published share, 512/600 of the segmenter's.
PATCH, VIEW = 2.75, 2.75 * 512 / 600


@dataclass(frozen=True)
class PatchSizes:
    """Sizes that follow from the training films: their grid (H, W) and the median side of a vertebra, both in px.

    patch_sides, view_sides: sides of the segmenter's and the end classifier's patches, in vertebra sides.
    """

    grid: tuple[int, int]
    side: float
    patch_sides: float = PATCH
    view_sides: float = VIEW

    def __post_init__(self) -> None:
        if not 1 <= self.side < min(self.grid):
            reason = f"a vertebra of {self.side:.1f} px does not fit the grid {self.grid[0]} x {self.grid[1]}"
            raise BadInput("side", reason, "Give the median side of a vertebra in pixels of the grid.")

    @property
    def patch(self) -> int:
        """Side of the segmenter's patch, px."""
        return _even(self.patch_sides * self.side)

    @property
    def view(self) -> int:
        """Side of the end classifier's patch, px."""
        return _even(self.view_sides * self.side)


def _even(side: float) -> int:
    return 2 * max(2, round(side / 2))


def cut_patches(films: Tensor, which: Tensor, points: Tensor, side: int) -> Tensor:
    """Patches [B,C,side,side] of films [N,C,H,W]: of film which[b] around the pixel nearest to points[b] (x, y).

    `side` is even; pixel (side/2, side/2) of the patch is that pixel of the film. Outside the film it is 0.
    """
    half = side // 2
    C, H, W = films.shape[1:]
    out = films.new_zeros(len(which), C, side, side)
    corners = (points.round().long() - half).tolist()
    for b, (film, (left, top)) in enumerate(zip(which.tolist(), corners, strict=True)):
        (x0, x1), (y0, y1) = _clip(left, side, W), _clip(top, side, H)
        if x0 < x1 and y0 < y1:
            out[b, :, y0 - top : y1 - top, x0 - left : x1 - left] = films[film, :, y0:y1, x0:x1]
    return out


def paste(patches: Tensor, points: Tensor, side: int, grid: tuple[int, int]) -> Tensor:
    """Canvases [B,H,W] with logits [B,h,w] where `cut_patches` took them; elsewhere the smallest logit of each."""
    half = side // 2
    sized = F.interpolate(patches[:, None], (side, side), mode="bilinear", align_corners=False)[:, 0]
    out = sized.amin((1, 2))[:, None, None].repeat(1, *grid)
    for b, (left, top) in enumerate((points.round().long() - half).tolist()):
        (x0, x1), (y0, y1) = _clip(left, side, grid[1]), _clip(top, side, grid[0])
        if x0 < x1 and y0 < y1:
            out[b, y0:y1, x0:x1] = sized[b, y0 - top : y1 - top, x0 - left : x1 - left]
    return out


def resized_patches(patches: Tensor, size: int) -> Tensor:
    """Patches [B,C,s,s] at another size; smoothed beforehand when they shrink."""
    shrinks = size < patches.shape[-1]
    return F.interpolate(patches, (size, size), mode="bilinear", align_corners=False, antialias=shrinks)


def _clip(start: int, side: int, size: int) -> tuple[int, int]:
    return min(max(start, 0), size), min(max(start + side, 0), size)


def points_tensor(points: np.ndarray, device: torch.device | None = None) -> Tensor:
    """Points [B,2] as float32 on `device`."""
    return torch.as_tensor(np.asarray(points), dtype=torch.float32, device=device)
