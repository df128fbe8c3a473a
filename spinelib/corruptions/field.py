"""What of the patient is on the film, and how the patient lies on it."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from spinelib.corruptions.corruption import Scene


def boxes(area: Tensor) -> Tensor:
    """Where the film lies on the grid, of area bool [N,1,*S]: top, left, height, width in px, float [N,4]."""
    plane = area[:, 0] if area.dim() == 4 else area[:, 0].any(1)
    rows, columns = plane.any(2), plane.any(1)
    found = []
    for line in (rows, columns):
        found += [line.float().argmax(1), line.sum(1)]
    return torch.stack([found[0], found[2], found[1], found[3]], dim=1).float()


def collimation(grey: Tensor, masked: float, scene: Scene) -> Tensor:
    """Black shutters over the share `masked` of the film, most of it at the sides, their middle drawn.

    (C, our choice) The labels stay: what a shutter hides counts as missed, as it would for a reader.
    """
    top, left, height, width = (boxes(scene.area)[:, k, None] for k in range(4))
    kept = 1 - masked
    down, across = kept**0.3, kept**0.7
    unit = 0.35 + 0.3 * scene.draws.uniform(2)
    first_row, first_column = top + unit[:, :1] * (1 - down) * height, left + unit[:, 1:] * (1 - across) * width
    y = torch.arange(grey.shape[-2], device=grey.device) + 0.5
    x = torch.arange(grey.shape[-1], device=grey.device) + 0.5
    rows = (y >= first_row) & (y <= first_row + down * height)
    columns = (x >= first_column) & (x <= first_column + across * width)
    return grey * (rows[:, None, :, None] & columns[:, None, None, :])


def crop(grey: Tensor, kept: float, scene: Scene) -> Tensor:
    """Maps that show the share `kept` of both sides of the film, its place drawn, in the film's place."""
    box, size = boxes(scene.area), torch.tensor(grey.shape[-2:], device=grey.device, dtype=torch.float32)
    unit = scene.draws.uniform(2)
    middle = box[:, :2] + box[:, 2:] / 2
    # Whole pixels are not asked for: labels take the nearest one, images are interpolated.
    aim = box[:, :2] + (kept / 2 + unit * (1 - kept)) * box[:, 2:]
    shift = (2 * aim / size - 1) - kept * (2 * middle / size - 1)
    maps = no_motion(grey)
    maps[:, 0, 0] = maps[:, 1, 1] = kept
    maps[:, 0, -1], maps[:, 1, -1] = shift[:, 1], shift[:, 0]
    return maps


def rotation(grey: Tensor, degrees: float, scene: Scene) -> Tensor:
    """Maps that turn the image about its middle by `degrees`, to a side that is drawn."""
    side = torch.where(scene.draws.uniform(1)[:, 0] < 0.5, -1.0, 1.0)
    angle = math.radians(degrees) * side
    height, width = grey.shape[-2:]
    maps = no_motion(grey)
    maps[:, 0, 0] = maps[:, 1, 1] = torch.cos(angle)
    # Angles are angles in pixels, and the unit of a map is half a side.
    maps[:, 0, 1], maps[:, 1, 0] = -torch.sin(angle) * height / width, torch.sin(angle) * width / height
    return maps


def no_motion(grey: Tensor) -> Tensor:
    """Maps that move nothing, float [N,d,d+1]."""
    axes = grey.dim() - 2
    return torch.eye(axes, axes + 1, device=grey.device).repeat(len(grey), 1, 1)
