"""From attenuation to detector signal: heel effect, scatter, quantum noise, blur."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.fields import gaussian
from spinelib.phantom.projection import Frame


def expose(
    attenuation: torch.Tensor, frame: Frame, draw: np.random.Generator, generator: torch.Generator
) -> torch.Tensor:
    """Log signal [H,W] (bright = much attenuated) of the film rectangle, float32; outside it zero."""
    film = (slice(frame.top, frame.top + frame.height), slice(frame.left, frame.left + frame.width))
    primary = torch.exp(-attenuation[film])
    scatter = draw.uniform(0.05, 0.6) * gaussian(primary, draw.uniform(25, 70) / frame.spacing)
    signal = primary * heel(primary.shape, draw) + scatter
    signal = gaussian(
        signal, float(np.clip(draw.normal(0.75, 0.35), 0.0, 1.6)) * max(1.0 / frame.spacing, 0.6)
    )
    # Photons per pixel where the body is thick: from poor to very good exposures; a pixel gathers its own area.
    photons = float(np.exp(draw.uniform(np.log(3_000), np.log(200_000)))) * frame.spacing**2 / 0.8
    level = float(signal[::8, ::8].median())
    grain = torch.randn(signal.shape, generator=generator)
    signal = (signal / level + grain * (signal / level / photons).sqrt()).clamp_min(1e-3)
    result = torch.zeros_like(attenuation)
    result[film] = -torch.log(signal)
    return result


def heel(shape: tuple[int, ...] | torch.Size, draw: np.random.Generator) -> torch.Tensor:
    """Uneven beam [H,W] around 1: heel effect along the film and an off-centre field."""
    y, x = torch.linspace(-1, 1, shape[0])[:, None], torch.linspace(-1, 1, shape[1])[None]
    a, b, c, d = draw.normal(0, (0.22, 0.10, 0.12, 0.05))
    return torch.exp(a * y + b * x + c * y * y + d * x * x)
