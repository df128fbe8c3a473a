"""Random fields and filters on a film, all in torch, all from the generator of one film."""

from __future__ import annotations

from functools import cache

import torch
import torch.nn.functional as F


@cache
def _spread(count: int, nodes: int) -> torch.Tensor:
    """Cubic B-spline weights [count, nodes] that carry values at even nodes smoothly to `count` pixels."""
    position = torch.linspace(1, nodes - 2, count)[:, None]
    t = (position - torch.arange(nodes)).abs()
    near, far = 2 / 3 - t**2 + t**3 / 2, (2 - t).clamp_min(0) ** 3 / 6
    weight = torch.where(t < 1, near, far)
    # Unit variance of the sum, wherever the pixel lies between the nodes.
    return weight / weight.norm(dim=1, keepdim=True)


def smooth_noise(size: tuple[int, int], cells: int, generator: torch.Generator) -> torch.Tensor:
    """Smooth unit-variance noise [H,W] with about `cells` bumps over the longer side."""
    nodes = [max(round(side * cells / max(size)), 1) + 3 for side in size]
    coarse = torch.randn(*nodes, generator=generator)
    return _spread(size[0], nodes[0]) @ coarse @ _spread(size[1], nodes[1]).T


def fractal(
    size: tuple[int, int], cells: int, octaves: int, generator: torch.Generator, fall: float = 0.6
) -> torch.Tensor:
    """Sum [H,W] of noises, each twice as fine and `fall` times as strong as the last; about unit variance."""
    total = torch.zeros(size)
    power = 0.0
    for octave in range(octaves):
        total += fall**octave * smooth_noise(size, cells * 2**octave, generator)
        power += fall ** (2 * octave)
    return total / power**0.5


def gaussian(image: torch.Tensor, sigma: float) -> torch.Tensor:
    """Gaussian blur of [H,W] with `sigma` px, edges replicated; wide blurs are made on a coarser grid."""
    if sigma < 0.2:
        return image
    factor = int(min(sigma / 2, min(image.shape) / 4))
    if factor >= 2:
        small = F.interpolate(image[None, None], scale_factor=1 / factor, mode="area")
        return F.interpolate(_blur(small, sigma / factor), size=image.shape, mode="bilinear", align_corners=False)[0, 0]
    return _blur(image[None, None], sigma)[0, 0]


def _blur(image: torch.Tensor, sigma: float) -> torch.Tensor:
    radius = max(int(2.5 * sigma + 0.5), 1)
    t = torch.arange(-radius, radius + 1, dtype=torch.float32)
    kernel = torch.exp(-0.5 * (t / sigma) ** 2)
    kernel = kernel / kernel.sum()
    padded = F.pad(image, (radius,) * 4, mode="replicate")
    return F.conv2d(F.conv2d(padded, kernel.view(1, 1, -1, 1)), kernel.view(1, 1, 1, -1))


def box(image: torch.Tensor, radius: int) -> torch.Tensor:
    """Mean of [H,W] over squares of side 2 radius + 1 cut at the edges, by running sums."""
    height, width = image.shape
    total = F.pad(image.double().cumsum(0).cumsum(1), (1, 0, 1, 0))
    top, bottom = (
        torch.arange(height).sub(radius).clamp_min(0),
        torch.arange(height).add(radius + 1).clamp_max(height),
    )
    left, right = (
        torch.arange(width).sub(radius).clamp_min(0),
        torch.arange(width).add(radius + 1).clamp_max(width),
    )
    rows = total[bottom] - total[top]
    area = (bottom - top)[:, None] * (right - left)[None]
    return ((rows[:, right] - rows[:, left]) / area).float()


def edge(distance: torch.Tensor, softness: float | torch.Tensor) -> torch.Tensor:
    """Smooth step: 0 well below zero, 1 well above, half at zero; both arguments in the same unit."""
    # Ends exactly at 0 and 1, twice `softness` away: a logistic curve spends its time on denormal numbers.
    t = (distance * (0.25 / softness) + 0.5).clamp(0, 1)
    return t * t * (3 - 2 * t)


def bell(x: torch.Tensor) -> torch.Tensor:
    """Close to exp(-x^2 / 2), but exactly 0 beyond |x| = 2.83 (see `edge`)."""
    root = (1 - x * x * 0.125).clamp_min(0)
    root = root * root
    return root * root
