"""Random smooth deformation in the plane of the last two axes (Simard et al. 2003).

White noise, smoothed by a Gaussian of `sigma` pixels and multiplied by `alpha`, moves every pixel. SAFNet names elastic
deformation without figures (A); SpineParseNet, whose scheme it follows, has alpha 15, sigma 3 and probability 0.3 (B).
(C) Both are pixels of a grid with 256 rows and grow with the grid, so that a small one is deformed alike; one field for
all slices of a volume, because thick slices must keep fitting together.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from spinelib.core.devices import generator_on, send


@dataclass(frozen=True)
class Elastic:
    """Whether (`probability`) and how far images are deformed.

    The standard deviation of the displacement along each axis is alpha / (2 sqrt(pi) sigma) px of a grid with `rows`
    rows: 1.4 px of 256 as given here.
    """

    probability: float = 0.3
    alpha: float = 15.0
    sigma: float = 3.0
    rows: int = 256

    def sample(self, count: int, size: tuple[int, ...], random: torch.Generator, device: torch.device) -> Tensor:
        """Displacements for `count` images of `size` (*S), float32 [count,H,W,2] on `device`; 0 for those left as is.

        Along x and y in the unit of `torch.grid_sample`: -1..1 from edge to edge. `random` lives on the CPU.
        """
        chosen = torch.rand(count, generator=random) < self.probability
        there = generator_on(device, random)
        height, width = size[-2:]
        if not chosen.any():
            return torch.zeros(count, height, width, 2, device=device)
        sigma = self.sigma * height / self.rows
        reach = max(1, math.ceil(3 * sigma))
        noise = torch.randn(2 * count, 1, height + 2 * reach, width + 2 * reach, generator=there, device=device)
        pixels = self.alpha / (2 * math.sqrt(math.pi) * self.sigma) * height / self.rows
        field = _smooth(noise, sigma, reach).view(count, 2, height, width).movedim(1, -1)
        unit = pixels * 2 / torch.tensor([width, height])
        return field * send(unit * chosen[:, None], device).view(-1, 1, 1, 2)


def _smooth(noise: Tensor, sigma: float, reach: int) -> Tensor:
    """Gaussian smoothing that loses the margin `reach` and leaves white noise its variance."""
    taps = torch.exp(-torch.arange(-reach, reach + 1, device=noise.device).square() / (2 * sigma**2))
    taps = taps / taps.square().sum().sqrt()
    return F.conv2d(F.conv2d(noise, taps.view(1, 1, -1, 1)), taps.view(1, 1, 1, -1))
