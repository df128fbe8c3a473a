"""What tube, scatter and display do to greys: dose, contrast, window, gamma, negative."""

from __future__ import annotations

import torch
from torch import Tensor

from spinelib.corruptions.corruption import Scene
from spinelib.corruptions.filters import masked_gaussian, per_image

RANGE = 3.4  # natural log of the thirtyfold range of transmission that a film shows (C, our choice)
VEIL = 0.125  # reach of scatter, share of the shorter side (C)
MOST = 1_000_000  # values that a quantile is taken of


def dose(grey: Tensor, counts: float, scene: Scene) -> Tensor:
    """Quantum noise: Poisson counts, `counts` of them where the film is mid-grey; greys are minus their log.

    Bright means much attenuated, so that bone is noisier than lung. The counts are those of a pixel of this grid and
    stand for all that noise which has no grain of its own (C).
    """
    expected = counts * torch.exp(RANGE * (0.5 - grey))
    return 0.5 - torch.log(scene.draws.poisson(expected).clamp_min(0.5) / counts) / RANGE


def contrast(grey: Tensor, lost: float, scene: Scene) -> Tensor:
    """A veil of scatter: the image is mixed with its own wide blur, and details lose the share `lost`."""
    return grey + lost * (masked_gaussian(grey, VEIL * min(grey.shape[-2:]), scene.area) - grey)


def window(grey: Tensor, shown: float, scene: Scene) -> Tensor:
    """A window that shows the share `shown` of the film's pixels, its place drawn; the others are black or white."""
    low = (1 - shown) * (0.25 + 0.5 * scene.draws.uniform(1)[:, 0])
    ends = []
    for image, inside, share in zip(grey, scene.area, low, strict=True):
        values = image[inside.expand_as(image)]
        bounds = torch.stack([share, share + shown])
        ends.append(torch.quantile(values[:: 1 + len(values) // MOST], bounds) if len(values) else bounds)
    black, white = (per_image(end, grey) for end in torch.stack(ends, dim=1))
    return ((grey - black) / (white - black).clamp_min(1e-3)).clamp(0, 1)


def gamma(grey: Tensor, exponent: float, scene: Scene) -> Tensor:
    """Greys to the power of `exponent` or, for half of the images, of its inverse."""
    up = scene.draws.uniform(1)[:, 0] < 0.5
    powers = torch.where(up, torch.full_like(up, exponent, dtype=grey.dtype), 1 / exponent)
    return grey.pow(per_image(powers, grey))


def inverted(grey: Tensor, share: float, scene: Scene) -> Tensor:
    """The negative."""
    return grey + share * (1 - 2 * grey)
