"""Features of boxes from a pyramid, as weighted sums of its pixels: RoIAlign that is quick on a CPU, too.

He, Gkioxari, Dollar, Girshick, ICCV 2017, arXiv 1703.06870 (RoIAlign); Lin et al., CVPR 2017, arXiv 1612.03144 (which
level of the pyramid a box is read from). torchvision's kernel goes through the channels one by one; here a sampled
pixel is one row of a table, all of its channels side by side.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor
from torchvision.ops import MultiScaleRoIAlign


class PyramidRoIAlign(MultiScaleRoIAlign):
    """torchvision's module for a fixed number of samples per cell, with the same answers."""

    def forward(self, x: dict[str, Tensor], boxes: list[Tensor], image_shapes: list[tuple[int, int]]) -> Tensor:
        """Features [K,C,R,R] of boxes (x0, y0, x1, y1 in px of the images, [k,4] an image) from levels x [B,C,h,w].

        image_shapes: (H, W) of each image; a level is 1/2, 1/4, ... of the largest.
        """
        maps = [x[name] for name in self.featmap_names if name in x]
        tall = max(height for height, _ in image_shapes)
        levels = _Levels.of(maps, [round(math.log2(tall / level.shape[2])) for level in maps])
        corners = torch.cat(boxes).float()
        image = torch.cat([torch.full((len(one),), i, device=one.device) for i, one in enumerate(boxes)])
        area = (corners[:, 2:] - corners[:, :2]).prod(dim=1)
        # A box of 224 px is read from the level at 1/16, one half as wide from the next finer one.
        wanted = (self.canonical_level + torch.log2(area.sqrt() / self.canonical_scale) + 1e-6).floor()
        chosen = (wanted.clamp(levels.halved[0], levels.halved[-1]) - levels.halved[0]).long()
        size, samples = self.output_size[0], self.sampling_ratio
        return _sums(levels, _sampled(levels, corners, image, chosen, size, samples), size)


@dataclass(frozen=True)
class _Levels:
    """Levels of a pyramid as one table of pixels [rows,C], with each one's first row, height and width."""

    rows: Tensor
    first: Tensor
    height: Tensor
    width: Tensor
    halved: list[int]
    dtype: torch.dtype

    @classmethod
    def of(cls, maps: list[Tensor], halved: list[int]) -> _Levels:
        rows = torch.cat([level.movedim(1, -1).flatten(0, 2).float() for level in maps])
        counts = torch.tensor([0, *(len(level) * level[0, 0].numel() for level in maps[:-1])])
        sizes = torch.tensor([level.shape[2:] for level in maps])
        first, height, width = (part.to(rows.device) for part in (counts.cumsum(0), *sizes.unbind(1)))
        return cls(rows, first, height, width, halved, maps[0].dtype)


def _sampled(
    levels: _Levels, corners: Tensor, image: Tensor, chosen: Tensor, size: int, samples: int
) -> tuple[Tensor, Tensor]:
    """Rows and weights [K*R*R,4*samples^2] of the pixels that each cell of each box adds up."""
    height, width = levels.height[chosen], levels.width[chosen]
    scaled = corners / 2 ** (chosen + levels.halved[0]).unsqueeze(1)
    columns, across = _along(scaled[:, 0], scaled[:, 2], width, size, samples)
    lines, down = _along(scaled[:, 1], scaled[:, 3], height, size, samples)
    start = (levels.first[chosen] + image * height * width).view(-1, 1, 1, 1, 1)
    lines = lines[:, :, None, :, None] * width.view(-1, 1, 1, 1, 1)
    rows = start + lines + columns[:, None, :, None, :]
    weights = down[:, :, None, :, None] * across[:, None, :, None, :]
    return rows.flatten(3).flatten(0, 2), weights.flatten(3).flatten(0, 2)


def _along(begin: Tensor, end: Tensor, length: Tensor, size: int, samples: int) -> tuple[Tensor, Tensor]:
    """Pixels and weights [K,R,2*samples] along one axis of boxes from `begin` to `end` [K] on maps of `length` [K]."""
    steps = (torch.arange(size * samples, device=begin.device) + 0.5) / (size * samples)
    places = begin[:, None] + steps * (end - begin).clamp_min(1.0)[:, None]
    limit = length[:, None]
    inside = (places >= -1) & (places <= limit)
    places = places.clamp_min(0).minimum(limit - 1.0)
    low = places.floor().long()
    high, part = (low + 1).minimum(limit - 1), places - low
    pixels, weights = torch.stack([low, high], -1), torch.stack([1 - part, part], -1) * inside[..., None]
    return pixels.unflatten(1, (size, samples)).flatten(2), weights.unflatten(1, (size, samples)).flatten(2) / samples


def _sums(levels: _Levels, sampled: tuple[Tensor, Tensor], size: int) -> Tensor:
    rows, weights = sampled
    found = F.embedding_bag(rows, levels.rows, mode="sum", per_sample_weights=weights)
    return found.view(-1, size, size, found.shape[1]).movedim(-1, 1).to(levels.dtype)
