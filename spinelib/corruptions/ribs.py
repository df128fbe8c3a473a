"""Bands like ribs across the film: a shadow that looks like bone and is none of what is looked for."""

from __future__ import annotations

import torch
from torch import Tensor

from spinelib.corruptions.corruption import Scene
from spinelib.corruptions.field import boxes

PAIRS = 9
WIDTH = 0.011  # half width of a band, share of the film's height (C, our choice)


def ribs(grey: Tensor, strength: float, scene: Scene) -> Tensor:
    """Nine pairs of bands fall away from the middle; `strength` is added where one lies, more at its two edges.

    (C) They go on across the middle, where real ribs end: the worst that ribs can do.
    """
    unit = scene.draws.uniform(3 + PAIRS)
    top, left, height, width = (boxes(scene.area)[:, k, None, None, None] for k in range(4))
    y = ((torch.arange(grey.shape[-2], device=grey.device) + 0.5)[:, None] - top) / height
    x = 2 * ((torch.arange(grey.shape[-1], device=grey.device) + 0.5)[None] - left) / width - 1
    tilt, bow, tail = (unit[:, k, None, None, None] for k in range(3))
    drop = (0.05 + 0.1 * tilt) * x.abs() + (0.06 + 0.08 * bow) * x * x
    start = 0.08 + 0.06 * (unit[:, 3:] - 0.5) / PAIRS + torch.arange(PAIRS, device=grey.device) * 0.07
    shadow = torch.zeros_like(grey[:, :1])
    for k in range(PAIRS):
        away = (y - drop - start[:, k, None, None, None]).abs() / (WIDTH * (0.8 + 0.4 * tail))
        band = torch.sigmoid(6 * (1 - away))
        # A tube shows its wall: edges are denser than the middle.
        shadow = torch.maximum(shadow, band * (0.6 + 0.4 * away.clamp_max(1).square()))
    return grey + strength * shadow
