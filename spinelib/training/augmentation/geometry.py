"""Random affine maps, applied to images and labels alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor


@dataclass(frozen=True)
class Geometry:
    """Ranges of the random affine map, in the plane of the last two axes (slices of a volume stay parallel).

    rotation and shear in degrees (plus or minus), scale as factors (log-uniform), shift as a fraction of each
    side (plus or minus), flip as the probability of a left-right mirror: of the columns of a film, of the order of
    the slices of a sagittal volume. (Structures in the midline have no side; front and back, up and down stay.)
    """

    rotation: float = 10.0
    scale: tuple[float, float] = (0.85, 1.2)
    shift: float = 0.06
    shear: float = 0.0
    flip: float = 0.5

    def sample(self, count: int, size: tuple[int, ...], random: torch.Generator) -> Tensor:
        """Draw `count` maps for images of `size` (*S): float32 [count,d,d+1] as `torch.affine_grid` takes them.

        Each maps output to input coordinates, axes in (x, y, ...) order, -1..1 from edge to edge.
        """
        unit = torch.rand(6, count, generator=random)
        angle = math.radians(self.rotation) * (2 * unit[0] - 1)
        slant = torch.tan(math.radians(self.shear) * (2 * unit[1] - 1))
        low, high = (math.log(bound) for bound in self.scale)
        zoom = torch.exp(-(low + (high - low) * unit[2]))
        mirror = torch.where(unit[3] < self.flip, -1.0, 1.0)
        slices, mirror = (mirror, torch.ones(count)) if len(size) == 3 else (torch.ones(count), mirror)
        cos, sin = torch.cos(angle), torch.sin(angle)
        columns = [zoom * mirror * cos, zoom * (slant * cos - sin)]
        columns += [zoom * mirror * sin, zoom * (slant * sin + cos)]
        maps = torch.eye(len(size), len(size) + 1).repeat(count, 1, 1)
        maps[:, :2, :2] = torch.stack(columns, dim=1).view(count, 2, 2)
        # Angles are angles in pixels, so the axes are brought to one length before and after.
        half = torch.tensor(size[::-1], dtype=torch.float32) / 2
        maps[:, :, :-1] *= half / half[:, None]
        maps[:, 2:, 2] *= slices[:, None]
        maps[:, :2, -1] = 2 * self.shift * (2 * unit[4:6].T - 1)
        return maps


def warp(images: Tensor, marks: Tensor, maps: Tensor, push: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Move images (bilinear) and marks (nearest) by the same maps; 0 flows in from outside.

    images float [B,C,*S], marks float [B,M,*S] (class maps, areas), maps [B,d,d+1] of `Geometry.sample`, push
    [B,H,W,2] of `Elastic.sample` or None. Returns both, moved.
    """
    if images.dim() == 5:
        return _warp_slices(images, marks, maps, push)
    grid = _grid(maps, images.shape[-2], images.shape[-1])
    grid = grid if push is None else grid + push
    moved = F.grid_sample(images, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    kept = F.grid_sample(marks, grid, mode="nearest", padding_mode="zeros", align_corners=False)
    return moved, kept


def _grid(maps: Tensor, height: int, width: int) -> Tensor:
    """What `torch.affine_grid` gives of films up to rounding: [B,H,W,2], rows and columns apart until the last sum."""
    rows, columns = ((2 * torch.arange(n, device=maps.device) + 1) / n - 1 for n in (height, width))
    across = columns.view(1, 1, -1, 1) * maps[:, None, None, :, 0]
    down = rows.view(1, -1, 1, 1) * maps[:, None, None, :, 1] + maps[:, None, None, :, 2]
    return across + down


def _warp_slices(images: Tensor, marks: Tensor, maps: Tensor, push: Tensor | None) -> tuple[Tensor, Tensor]:
    """Volumes, whose maps mix no slices: each slice is a channel of one film, in the mirrored order where asked for."""
    turned = (maps[:, 2, 2] < 0).view(-1, 1, 1, 1, 1)
    films = [torch.where(turned, part.flip(2), part).flatten(1, 2) for part in (images, marks)]
    moved, kept = warp(films[0], films[1], maps[:, :2][:, :, [0, 1, 3]], push)
    return moved.view(images.shape), kept.view(marks.shape)
