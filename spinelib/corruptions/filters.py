"""Filters that several corruptions share."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

ROWS = 256  # lengths are given for a grid with so many rows


def pixels(length: float, size: torch.Size | tuple[int, ...]) -> float:
    """A length in px of a grid with ROWS rows, in px of a grid of `size` (*S)."""
    return length * size[-2] / ROWS


def per_image(values: Tensor, like: Tensor) -> Tensor:
    """Values [N] that multiply `like` [N,...]."""
    return values.view(-1, *[1] * (like.dim() - 1))


def masked_gaussian(images: Tensor, sigma: float, area: Tensor) -> Tensor:
    """Blur of [N,C,*S] by `sigma` px in the plane of the last two axes; what lies outside `area` does not flow in."""
    weight = area.float()
    blurred = _smooth(images * weight, sigma)
    return blurred / _smooth(weight, sigma).clamp_min(1e-6) * weight


def _smooth(images: Tensor, sigma: float) -> Tensor:
    flat = images.reshape(-1, 1, *images.shape[-2:])
    factor = int(min(sigma / 2, min(images.shape[-2:]) / 8))
    if factor > 1:
        # Wide blurs are made on a coarser grid, where they look the same.
        small = _taps(F.interpolate(flat, scale_factor=1 / factor, mode="area"), sigma / factor)
        return F.interpolate(small, size=images.shape[-2:], mode="bilinear").view(images.shape)
    return _taps(flat, sigma).view(images.shape)


def _taps(flat: Tensor, sigma: float) -> Tensor:
    reach = max(1, math.ceil(3 * sigma))
    # The bell's share of every pixel, not its height at the middle: a narrow one would do nothing.
    edges = torch.arange(-reach, reach + 2, device=flat.device) - 0.5
    taps = torch.erf(edges / (sigma * math.sqrt(2))).diff()
    taps = taps / taps.sum()
    lines = F.conv2d(flat, taps.view(1, 1, -1, 1), padding=(reach, 0))
    return F.conv2d(lines, taps.view(1, 1, 1, -1), padding=(0, reach))
