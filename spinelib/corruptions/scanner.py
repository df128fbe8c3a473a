"""What a scanner does to a volume: noise, uneven coils, ghosts of movement, thick slices."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from spinelib.corruptions.corruption import Scene
from spinelib.corruptions.filters import per_image


def noise(grey: Tensor, sigma: float, scene: Scene) -> Tensor:
    """Rician noise: the magnitude after Gaussian noise of `sigma` in both parts of the signal."""
    real, imaginary = scene.draws.normal((2, *grey.shape[1:])).unbind(1)
    return torch.hypot(grey + sigma * real, sigma * imaginary)


def bias(grey: Tensor, reach: float, scene: Scene) -> Tensor:
    """A smooth field of second order multiplies the greys, by e^-reach to e^reach at most; directions are drawn."""
    axes = [torch.linspace(-1, 1, side, device=grey.device) for side in grey.shape[2:]]
    z, y, x = torch.meshgrid(*axes, indexing="ij")
    terms = torch.stack([z, y, x, y * y - 1 / 3, x * x - 1 / 3, x * y])
    # Coils lie behind the back: along the slices (rows and columns) the fall is steeper than across them.
    weights = scene.draws.normal((6,)) * torch.tensor([0.4, 1.0, 1.5, 0.7, 0.7, 0.5], device=grey.device)
    fields = torch.einsum("nk,kdhw->ndhw", weights, terms)
    peak = fields.abs().amax((1, 2, 3), keepdim=True).clamp_min(1e-6)
    return grey * torch.exp(reach * fields / peak)[:, None]


def ghosting(grey: Tensor, strength: float, scene: Scene) -> Tensor:
    """Copies shifted along the rows' axis (head-feet, the usual phase direction), as of breath or pulse."""
    unit = scene.draws.uniform(2)
    rows = grey.shape[-2]
    steps = (rows * (0.12 + 0.25 * unit[:, 0])).round().long().tolist()
    copies = [torch.roll(x, s, -2) + torch.roll(x, -s, -2) for x, s in zip(grey, steps, strict=True)]
    wave = per_image(strength * (0.7 + 0.3 * unit[:, 1]), grey)
    # The signal that ghosts carry is lost where it belongs.
    return (1 - 0.5 * wave) * grey + wave * torch.stack(copies) / 2


def spacing(grey: Tensor, factor: float, scene: Scene) -> Tensor:
    """Slices `factor` times as thick: averaged, then interpolated to as many as before."""
    size = (max(2, round(grey.shape[2] / factor)), *grey.shape[3:])
    coarse = F.interpolate(grey, size=size, mode="area")
    return F.interpolate(coarse, size=grey.shape[2:], mode="trilinear", align_corners=False)
