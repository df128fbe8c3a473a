"""Random changes of grey level: each for some images of a batch, all chosen images at once."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, fields

import torch
import torch.nn.functional as F
from torch import Tensor

from spinelib.core.devices import generator_on, send

# Probability that an image is changed, then the bounds, low and high, its strength is drawn from.
RandomStrength = tuple[float, float, float]


@dataclass(frozen=True)
class Intensity:
    """What may happen to grey levels (0..1), in this order; a probability of 0 switches one off.

    gamma: exponent. contrast: factor about mid-grey, and brightness: offset; both clip, which is what the
    z-score afterwards leaves visible. shadow: depth of one soft dark band. blur: sigma in px. low_resolution:
    factor by which the image is coarsened and stretched back. noise: Gaussian sigma. invert: the negative
    (its strength is not used).
    """

    gamma: RandomStrength = (0.5, 0.6, 1.6)
    contrast: RandomStrength = (0.3, 0.7, 1.8)
    brightness: RandomStrength = (0.3, -0.2, 0.2)
    shadow: RandomStrength = (0.2, 0.1, 0.6)
    blur: RandomStrength = (0.15, 0.4, 1.5)
    low_resolution: RandomStrength = (0.1, 1.5, 3.5)
    noise: RandomStrength = (0.2, 0.01, 0.1)
    invert: RandomStrength = (0.03, 1.0, 1.0)

    def apply(self, images: Tensor, random: torch.Generator) -> Tensor:
        """Change `images` (float [B,C,*S], 0..1) in place and return them; `random` lives on the CPU."""
        for field in fields(self):
            probability, low, high = getattr(self, field.name)
            # Drawn for every image, changed or not, so that the draws stay in step from batch to batch.
            unit = torch.rand(2, images.shape[0], generator=random)
            chosen = (unit[0] < probability).nonzero()[:, 0]
            if len(chosen):
                strength = low + (high - low) * unit[1, chosen]
                chosen = send(chosen, images.device)
                images[chosen] = _CHANGES[field.name](images[chosen], strength, random)
        return images


def _column(values: Tensor, like: Tensor) -> Tensor:
    return send(values, like.device).view(-1, *[1] * (like.dim() - 1))


def _gamma(x: Tensor, strength: Tensor, _: torch.Generator) -> Tensor:
    return x.clamp(1e-4, 1.0).pow(_column(strength, x))


def _contrast(x: Tensor, strength: Tensor, _: torch.Generator) -> Tensor:
    return ((x - 0.5) * _column(strength, x) + 0.5).clamp(0.0, 1.0)


def _brightness(x: Tensor, strength: Tensor, _: torch.Generator) -> Tensor:
    return (x + _column(strength, x)).clamp(0.0, 1.0)


def _shadow(x: Tensor, strength: Tensor, random: torch.Generator) -> Tensor:
    unit = torch.rand(3, len(x), generator=random)
    angle, centre, width = math.pi * unit[0], 1.6 * unit[1] - 0.8, 0.08 + 0.4 * unit[2]
    rows = torch.linspace(-1, 1, x.shape[-2], device=x.device)[:, None]
    columns = torch.linspace(-1, 1, x.shape[-1], device=x.device)
    across = _column(torch.sin(angle), x) * rows + _column(torch.cos(angle), x) * columns
    band = torch.exp(-((across - _column(centre, x)) / _column(width, x)).square())
    return x * (1 - _column(strength, x) * band)


def _blur(x: Tensor, strength: Tensor, _: torch.Generator) -> Tensor:
    reach = torch.arange(-3, 4) / strength[:, None]
    weights = send(torch.softmax(-reach.square() / 2, dim=1), x.device)
    for axis in (-1, -2):
        lines = x.transpose(axis, -1)
        padded = F.pad(lines.flatten(1, -2), (3, 3), mode="replicate")
        taps = (weights[:, k, None, None] * padded[..., k : k + lines.shape[-1]] for k in range(7))
        x = sum(taps, start=torch.zeros((), device=x.device)).view(lines.shape).transpose(axis, -1)
    return x


def _low_resolution(x: Tensor, strength: Tensor, _: torch.Generator) -> Tensor:
    for factor in strength.round().unique().tolist():
        chosen = send((strength.round() == factor).nonzero()[:, 0], x.device)
        size = [*x.shape[2:-2], *(max(1, int(side / factor)) for side in x.shape[-2:])]
        coarse = F.interpolate(x[chosen], size=size, mode="area")
        x[chosen] = F.interpolate(coarse, size=x.shape[2:], mode="bilinear" if x.dim() == 4 else "trilinear")
    return x


def _noise(x: Tensor, strength: Tensor, random: torch.Generator) -> Tensor:
    field = torch.randn(x.shape, generator=generator_on(x.device, random), device=x.device)
    return (x + _column(strength, x) * field).clamp_(0.0, 1.0)


def _invert(x: Tensor, _: Tensor, __: torch.Generator) -> Tensor:
    return 1.0 - x


_CHANGES: dict[str, Callable[[Tensor, Tensor, torch.Generator], Tensor]] = {
    "gamma": _gamma,
    "contrast": _contrast,
    "brightness": _brightness,
    "shadow": _shadow,
    "blur": _blur,
    "low_resolution": _low_resolution,
    "noise": _noise,
    "invert": _invert,
}
