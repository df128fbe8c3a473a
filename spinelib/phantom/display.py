"""The display chain that turns detector signal into the grey values a reader sees.

Range compression, edge and local contrast enhancement, window, clipping, gamma, each drawn at random per
film: the grey of a structure carries little information, as on films from many workstations.
"""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.fields import box, gaussian
from spinelib.phantom.projection import FilmFrame


def develop(signal: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> torch.Tensor:
    """Grey values float32 [H,W] in 0..1 (bone bright) from the log signal [H,W] of a film."""
    image = stitch(signal + ramp(signal.shape, draw), draw)
    image = compress(image, frame, draw)
    image = sharpen(image, frame, draw)
    image = random_window(image, draw)
    if draw.uniform() < 0.02:
        image = 1 - image
    return image


def retone(image: torch.Tensor, draw: np.random.Generator) -> torch.Tensor:
    """A film [H,W] in 0..1 through another grey scale: partly equalised, or along a random rising curve.

    Keeps which of two pixels is brighter, and little else: greys of real films follow no model of ours.
    """
    levels = 256
    index = (image * (levels - 1)).round().long()
    if draw.uniform() < 0.5:
        count = torch.bincount(index.flatten(), minlength=levels).float()
        # Black borders and burnt-out parts must not take the whole scale.
        curve = count.clamp_max(4.0 * image.numel() / levels).cumsum(0)
        share = draw.uniform(0.3, 1.0)
        curve = share * curve / curve[-1] + (1 - share) * torch.linspace(0, 1, levels)
    else:
        steps = draw.dirichlet(np.full(6, 1.2))
        knots = np.concatenate([[0.0], np.cumsum(0.75 * steps + 0.25 / 6)])
        curve = torch.from_numpy(np.interp(np.linspace(0, 1, levels), np.linspace(0, 1, 7), knots)).float()
    return curve[index].clamp(0, 1)


def ramp(shape: torch.Size, draw: np.random.Generator) -> torch.Tensor:
    """Exposure ramp along and across the film, in log signal."""
    y, x = torch.linspace(-1, 1, shape[0])[:, None], torch.linspace(-1, 1, shape[1])[None]
    a, b, c = draw.normal(0, (0.35, 0.06, 0.25))
    return a * y + b * x + c * y * y


def stitch(image: torch.Tensor, draw: np.random.Generator) -> torch.Tensor:
    """Now and then a film made of two exposures: a step, or a brighter strip where they overlap."""
    if draw.uniform() > 0.12:
        return image
    y = torch.arange(image.shape[0])[:, None]
    seam = draw.uniform(0.3, 0.7) * image.shape[0]
    width = max(draw.uniform(0.004, 0.03) * image.shape[0], 1)
    strip = ((y - seam).abs() < width).float() * draw.normal(0, 0.15)
    return image + strip + torch.sigmoid((y - seam) / width * 2) * draw.normal(0, 0.2)


def compress(image: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> torch.Tensor:
    """Dynamic range compression: take away a share of the coarse brightness, so that lung and spine both show."""
    if draw.uniform() < 0.3:
        return image
    base = gaussian(image, draw.uniform(12, 60) / frame.spacing)
    return image - draw.uniform(0.1, 0.75) * (base - base.mean())


def sharpen(image: torch.Tensor, frame: FilmFrame, draw: np.random.Generator) -> torch.Tensor:
    """Unsharp masking at a fine scale; on some films local contrast normalisation as well."""
    if draw.uniform() < 0.7:
        fine = gaussian(image, draw.uniform(1.0, 5.0) / frame.spacing)
        image = image + draw.uniform(0.2, 2.0) * (image - fine)
    if draw.uniform() < 0.2:
        radius = max(int(draw.uniform(15, 60) / frame.spacing), 2)
        mean = box(image, radius)
        spread = (box(image * image, radius) - mean * mean).clamp_min(0).sqrt()
        local = (image - mean) / (spread + 0.3 * spread.mean() + 1e-6)
        share = draw.uniform(0.2, 0.7)
        image = (1 - share) * (image - image.mean()) / (image.std() + 1e-6) + share * local
    return image


def random_window(image: torch.Tensor, draw: np.random.Generator) -> torch.Tensor:
    """Random window with clipping at both ends, then gamma and sometimes an S-shaped curve: 0..1."""
    sample = image[::4, ::4].flatten()
    low, high = draw.beta(1.0, 4.0) * 0.35, 1 - draw.beta(1.0, 8.0) * 0.25
    low, high = (float(torch.quantile(sample, q)) for q in (low, high))
    span = max(high - low, 1e-3)
    # Some windows are far wider than the film's range: grey, flat films.
    low, high = low - span * draw.beta(1, 8) * 1.0, high + span * draw.beta(1.2, 4) * 1.0
    grey = ((image - low) / (high - low)).clamp(0, 1)
    grey = grey ** float(np.exp(draw.normal(0.05, 0.35)))
    if draw.uniform() < 0.3:
        steep = draw.uniform(2, 6)
        grey = (torch.sigmoid(steep * (grey - 0.5)) - torch.sigmoid(torch.tensor(-steep / 2))) / np.tanh(steep / 4)
    return grey.clamp(0, 1)
