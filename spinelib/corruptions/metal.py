"""Two rods and a pair of screws per level, along the column that the labels show."""

from __future__ import annotations

import torch
from torch import Tensor

from spinelib.corruptions.corruption import Scene
from spinelib.corruptions.field import boxes

LEVELS = 17  # T1 to L5 share the labelled height (C, our choice)
ROD = 0.07  # half width of rods and screws, share of a level's height (C)
APART = 0.45  # of a rod from the middle of the column, share of a level's height (C)


def metal(grey: Tensor, levels: float, scene: Scene) -> Tensor:
    """White rods over so many `levels`, their first drawn, with a screw inwards from either rod at every level.

    The labels say where the column runs, and stay as they are: hardware lies on the bone, not instead of it.
    """
    middle, top, height = _column(scene)
    step = height / LEVELS
    first = scene.draws.uniform(1)[:, 0] * (LEVELS - levels) * step + top
    y = torch.arange(grey.shape[-2], device=grey.device) + 0.5
    x = torch.arange(grey.shape[-1], device=grey.device) + 0.5
    along = (y - first[:, None]) / step[:, None]  # [N,H], in levels from the first
    aside = (x - middle[:, :, None]) / step[:, None, None]  # [N,H,W], in levels from the column
    half = torch.clamp(torch.full_like(step, ROD), min=0.6 / step)[:, None, None]
    on = ((along > 0) & (along < levels))[:, :, None]
    rods = (aside.abs() - APART).abs() < half
    to_screw = ((along % 1) - 0.5).abs()[:, :, None]
    screws = (to_screw < 1.3 * half) & (aside.abs() < APART) & (aside.abs() > 0.12)
    heads = (to_screw.square() + (aside.abs() - APART).square()).sqrt() < 2 * half
    return torch.where((on & (rods | screws | heads))[:, None], 1.0, grey)


def _column(scene: Scene) -> tuple[Tensor, Tensor, Tensor]:
    """Middle of the labelled column at every row [N,H], its top and its height [N], px; the film's without labels."""
    box = boxes(scene.area)
    held = scene.labels > 0
    rows = held.any(2)
    some = rows.any(1)
    top = torch.where(some, rows.float().argmax(1).float(), box[:, 0] + 0.1 * box[:, 2])
    last = held.shape[1] - rows.flip(1).float().argmax(1).float()
    height = torch.where(some, last - top, 0.8 * box[:, 2]).clamp_min(LEVELS)
    x = torch.arange(held.shape[2], device=held.device) + 0.5
    # A cubic through the labelled rows bridges the gaps between them, and stays inside the film beyond.
    t = (torch.arange(held.shape[1], device=held.device)[None] + 0.5 - top[:, None]) / height[:, None]
    basis = torch.stack([t**k for k in range(4)], dim=2)
    weight = held.sum(2).float()
    mean = (held * x).sum(2) / weight.clamp_min(1)
    aim = torch.where(some, 0.0, 1.0)[:, None] * (box[:, 1] + box[:, 3] / 2)[:, None]
    mean, weight = mean + aim * (weight == 0), weight + (~some)[:, None]
    root = weight.sqrt()[:, :, None]
    normal = (basis * root).transpose(1, 2) @ (basis * root) + 1e-4 * torch.eye(4, device=held.device)
    fit = torch.linalg.solve(normal, (basis * root).transpose(1, 2) @ (mean[:, :, None] * root))
    return (basis @ fit)[:, :, 0], top, height
