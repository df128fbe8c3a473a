"""From clean signal to scan: chemical shift, coil, motion ghosts, finite k-space, noise, grey scale.

The measured matrix is a window of k-space (blur and ringing), noise is complex there, and the magnitude is taken at
the end, so the noise is Rician and as coarse as the matrix. Ghosts of moving fluid and of the belly are copies shifted
along the phase direction. Ranges are our choice (C).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.fields import edge
from spinelib.phantom.mr.courses import Courses
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.textures import texture


@dataclass(frozen=True)
class Acquisition:
    """One protocol and its faults.

    phase: image axis (1 head-feet, 2 front-back) of the phase direction; shift: chemical shift in px; matrix: measured
    share of k-space (frequency, phase); taper: softness of its border; noise: sd against fluid; ghost_fluid,
    ghost_belly: strengths; period: shift of ghosts, share of the field; coil: mm in which the signal falls to 1/e (0
    none); bias: sd of the smooth log field; saturation: band over the belly, 0 to 1; gain, floor, power: scale, offset
    and exponent of the stored greys.
    """

    phase: int
    shift: float
    matrix: tuple[float, float]
    taper: float
    noise: float
    ghost_fluid: float
    ghost_belly: float
    period: float
    coil: float
    bias: float
    saturation: float
    gain: float
    floor: float
    power: float


def sample_acquisition(draw: np.random.Generator, pixel: float) -> Acquisition:
    """Draw an acquisition for a grid with `pixel` mm."""
    measured = draw.uniform(0.65, 1.15)  # mm
    share = float(np.clip(pixel / measured, 0.4, 1.0))
    return Acquisition(
        phase=1 if draw.uniform() < 0.7 else 2,
        shift=float(draw.normal(0, 1.0) / pixel),
        matrix=(share, float(np.clip(share * draw.uniform(0.7, 1.0), 0.35, 1.0))),
        taper=float(draw.uniform(0.05, 0.35)),
        noise=float(np.exp(draw.normal(-4.5, 0.6))),
        ghost_fluid=float(max(draw.normal(0, 0.05), 0)),
        ghost_belly=float(max(draw.normal(-0.01, 0.05), 0)),
        period=float(draw.uniform(0.08, 0.4)),
        coil=float(draw.uniform(70, 230)) if draw.uniform() < 0.85 else 0.0,
        bias=float(draw.uniform(0.03, 0.17)),
        saturation=float(draw.uniform(0.5, 1)) if draw.uniform() < 0.35 else 0.0,
        gain=float(np.exp(draw.uniform(np.log(150), np.log(1600)))),
        floor=float(draw.uniform(0.03, 0.25)) if draw.uniform() < 0.3 else 0.0,
        power=float(np.clip(draw.normal(1, 0.1), 0.75, 1.3)),
    )


def acquire(
    signal: torch.Tensor,
    fat: torch.Tensor,
    fluid: torch.Tensor,
    grid: Grid,
    way: Courses,
    a: Acquisition,
    g: torch.Generator,
) -> torch.Tensor:
    """The scan [D,H,W], float32, fluid near 1. fat: part of `signal`; fluid [D,H,W]: the part that pulses."""
    image = signal + _moved(fat, a.shift, 3 - a.phase) - fat
    _ghosts(image, signal, fluid, grid, way, a, g)
    image *= receive_field(grid, way, a, g)
    return torch.stack([_measure(part, a, g) for part in image])


def _moved(image: torch.Tensor, pixels: float, axis: int) -> torch.Tensor:
    """The image moved along an axis by a fraction of pixels, linearly."""
    whole = int(np.floor(pixels))
    rest = pixels - whole
    place = torch.arange(image.shape[axis])
    near, far = (image.index_select(axis, (place - k).clamp(0, len(place) - 1)) for k in (whole, whole + 1))
    return (1 - rest) * near + rest * far


def _ghosts(
    image: torch.Tensor, signal: torch.Tensor, fluid: torch.Tensor, grid: Grid, way: Courses, a: Acquisition,
    g: torch.Generator,
) -> None:  # fmt: skip
    """Add ghosts in place: slice by slice stronger or weaker."""
    step = max(int(a.period * image.shape[a.phase]), 2)
    parts = [(a.ghost_fluid, fluid)]
    if a.ghost_belly:
        parts.append((a.ghost_belly, signal * edge(way.belly[:, None] + 45 - grid.axis(2), 12.0)))
    for strength, part in parts:
        if strength:
            wave = strength * (0.4 + torch.rand(len(image), 1, 1, generator=g))
            image += wave * (torch.roll(part, step, a.phase) + torch.roll(part, -step, a.phase))
            image += 0.4 * wave * torch.roll(part, 2 * step, a.phase)


def receive_field(grid: Grid, way: Courses, a: Acquisition, g: torch.Generator) -> torch.Tensor:
    """Receive field [D,H,W], 1 at the canal: falls from the back, with smooth unevenness and saturation in front."""
    w = grid.axis(2)
    depth = (way.canal.mean() - w) if a.coil else torch.zeros_like(w)
    fall = torch.exp(-depth / (a.coil or 1.0)).clamp(0.15, 3.5)
    field = torch.exp(a.bias * texture(grid.shape, (1, 2, 2), g)) * fall
    if a.saturation:
        field = field * (1 - a.saturation * edge(way.front[:, None] - 35 - w, 9.0))
    return field


def _measure(image: torch.Tensor, a: Acquisition, g: torch.Generator) -> torch.Tensor:
    """Magnitude [H,W] after the finite, noisy k-space."""
    shares = a.matrix if a.phase == 2 else a.matrix[::-1]
    # Rows are frequency when columns are phase.
    window = [_window(n, share, a.taper) for n, share in zip(image.shape, shares, strict=True)]
    noise = torch.randn(2, *image.shape, generator=g) * a.noise
    k = torch.fft.fft2(torch.complex(image + noise[0], noise[1]))
    k *= window[0][:, None] * window[1]
    return torch.fft.ifft2(k).abs()


def _window(count: int, share: float, taper: float) -> torch.Tensor:
    """Weights [count] of the measured frequencies, in the order of the transform."""
    f = torch.fft.fftfreq(count).abs() / (0.5 * share)
    return ((1 + taper / 2 - f) / taper).clamp(0, 1) if taper else (f <= 1).float()
