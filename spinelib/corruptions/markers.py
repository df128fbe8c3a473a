"""Lead letters on the film: side marks, numbers, a radiographer's initials."""

from __future__ import annotations

import torch
from torch import Tensor

from spinelib.corruptions.corruption import Scene
from spinelib.corruptions.field import boxes

# Seven rows of five dots each, one bit per dot.
GLYPHS = {
    "R": (30, 17, 17, 30, 20, 18, 17),
    "L": (16, 16, 16, 16, 16, 16, 31),
    "A": (14, 17, 17, 31, 17, 17, 17),
    "P": (30, 17, 17, 30, 16, 16, 16),
    "1": (4, 12, 4, 4, 4, 4, 14),
    "4": (2, 6, 10, 18, 31, 2, 2),
}
MOST = 11
TALL = (0.05, 0.11)  # height of a letter, share of the film's (C, our choice)


def markers(grey: Tensor, count: float, scene: Scene) -> Tensor:
    """White letters, `count` of them, anywhere on the film and upright; those of a lower severity stay."""
    unit = scene.draws.uniform(4 * MOST).view(-1, MOST, 4)
    dots = torch.tensor([[[n >> 4 - k & 1 for k in range(5)] for n in rows] for rows in GLYPHS.values()])
    dots = dots.to(grey.device)
    box = boxes(scene.area)
    y = torch.arange(grey.shape[-2], device=grey.device) + 0.5
    x = torch.arange(grey.shape[-1], device=grey.device) + 0.5
    for k in range(int(count)):
        place = unit[:, k]
        tall = (TALL[0] + (TALL[1] - TALL[0]) * place[:, 2]) * box[:, 2]
        tall = tall.clamp_min(7.0)
        top, left = box[:, 0] + place[:, 0] * (box[:, 2] - tall), box[:, 1] + place[:, 1] * (box[:, 3] - tall * 5 / 7)
        row = ((y - top[:, None]) * 7 / tall[:, None]).floor().long()
        column = ((x - left[:, None]) * 7 / tall[:, None]).floor().long()
        inside = ((row >= 0) & (row < 7))[:, :, None] & ((column >= 0) & (column < 5))[:, None, :]
        glyph = dots[(place[:, 3] * len(dots)).long().clamp_max(len(dots) - 1)]
        batch = torch.arange(len(grey), device=grey.device)[:, None, None]
        lit = glyph[batch, row.clamp(0, 6)[:, :, None], column.clamp(0, 4)[:, None, :]].bool() & inside
        grey = torch.where(lit[:, None], 1.0, grey)
    return grey
