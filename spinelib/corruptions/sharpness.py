"""What focus, movement and sampling do to detail, in the plane of the last two axes."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from spinelib.corruptions.corruption import Scene
from spinelib.corruptions.filters import masked_gaussian, pixels


def blur(grey: Tensor, sigma: float, scene: Scene) -> Tensor:
    """Unsharpness: a Gaussian of `sigma` px of 256 rows."""
    return masked_gaussian(grey, pixels(sigma, grey.shape), scene.area)


def motion(grey: Tensor, length: float, scene: Scene) -> Tensor:
    """Movement during the exposure: a smear of `length` px of 256 rows, films only, its direction drawn."""
    reach = pixels(length, grey.shape) / 2
    kernels = _lines(math.pi * scene.draws.uniform(1)[:, 0], reach)
    weight = scene.area.float()
    return _each(grey * weight, kernels) / _each(weight, kernels).clamp_min(1e-6) * weight


def _lines(angles: Tensor, reach: float) -> Tensor:
    """Lines of half length `reach` px through the middle, float [N,k,k], each of sum 1."""
    radius = max(1, math.ceil(reach))
    steps = torch.arange(-radius, radius + 1, device=angles.device)
    y, x = torch.meshgrid(steps, steps, indexing="ij")
    cos, sin = torch.cos(angles)[:, None, None], torch.sin(angles)[:, None, None]
    along, across = x * cos + y * sin, y * cos - x * sin
    line = (reach + 0.5 - along.abs()).clamp(0, 1) * (1 - across.abs()).clamp_min(0)
    return line / line.sum((1, 2), keepdim=True)


def _each(images: Tensor, kernels: Tensor) -> Tensor:
    """Images [N,C,H,W], each with its own kernel [N,k,k]."""
    count, channels = images.shape[:2]
    weights = kernels.repeat_interleave(channels, 0)[:, None]
    flat = images.reshape(1, count * channels, *images.shape[-2:])
    return F.conv2d(flat, weights, padding=kernels.shape[-1] // 2, groups=count * channels).view(images.shape)


def resolution(grey: Tensor, factor: float, scene: Scene) -> Tensor:
    """Pixels `factor` times larger, stretched back; slices of a volume stay as many."""
    flat = grey.reshape(-1, 1, *grey.shape[-2:])
    size = [max(2, round(side / factor)) for side in grey.shape[-2:]]
    coarse = F.interpolate(flat, size=size, mode="bilinear", antialias=True)
    return F.interpolate(coarse, size=grey.shape[-2:], mode="bilinear").view(grey.shape)
