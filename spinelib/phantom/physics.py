"""From attenuation to detector signal: heel effect, scatter, quantum noise, blur."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.fields import gaussian
from spinelib.phantom.projection import FilmFrame


def expose(
    attenuation: torch.Tensor, frame: FilmFrame, draw: np.random.Generator, generator: torch.Generator
) -> torch.Tensor:
    """Log signal [H,W] (bright = much attenuated) from the attenuation [H,W] of a film, float32."""
    primary = torch.exp(-attenuation)
    # Thick parts scatter more than thin ones: that is what veils the belly.
    ratio = draw.uniform(0.1, 0.9) * (attenuation / 3) ** 1.5
    scatter = gaussian(primary * ratio, draw.uniform(20, 60) / frame.spacing)
    signal = primary * heel(primary.shape, draw) + scatter
    # Unsharpness of tube, detector and patient in mm, and the pixel's own aperture.
    unsharp = float(np.clip(draw.normal(0.55, 0.3), 0.0, 1.5)) / frame.spacing
    signal = gaussian(signal, float(np.hypot(unsharp, 0.3)))
    # Photons per pixel where the body is thick: from poor to very good exposures; a pixel gathers its own
    # area.
    photons = float(np.exp(draw.uniform(np.log(3_000), np.log(200_000)))) * frame.spacing**2 / 0.8
    level = float(signal[::8, ::8].median())
    grain = torch.randn(signal.shape, generator=generator)
    signal = (signal / level + grain * (signal / level / photons).sqrt()).clamp_min(1e-3)
    return -torch.log(signal)


def heel(shape: tuple[int, ...] | torch.Size, draw: np.random.Generator) -> torch.Tensor:
    """Uneven beam [H,W] around 1: heel effect along the film and an off-centre field."""
    y, x = torch.linspace(-1, 1, shape[0])[:, None], torch.linspace(-1, 1, shape[1])[None]
    a, b, c, d = draw.normal(0, (0.22, 0.10, 0.12, 0.05))
    return torch.exp(a * y + b * x + c * y * y + d * x * x)
