"""Is one film a re-crop of another? Shift, scale and exposure are removed before two films are compared.

Films are compared by their detail: logarithm of the grey values, minus a local mean, over a local deviation, which
takes exposure, window and gamma away. Shift comes from a Fourier cross-correlation, scale from a grid of trials.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft
from scipy.ndimage import affine_transform, gaussian_filter
from scipy.optimize import minimize

Plane = NDArray[np.floating]
Spectrum = NDArray[np.complex64]


@dataclass(frozen=True)
class Resolution:
    """One resolution of the search: film height, width of the detail (sigma), both px, and the trial scales."""

    height: int
    sigma: float
    scales: NDArray[np.float64]

    @property
    def canvas(self) -> tuple[int, int]:
        """Room for a film and its shifts; a film wider than half of its height is cut at the right."""
        return fft.next_fast_len(self.height * 3 // 2, True), fft.next_fast_len(self.height * 3 // 4, True)


# Re-crops change the size of the content relative to the film's height by up to a fifth.
SMALL = Resolution(32, 1.2, np.exp(np.arange(-2, 3) * 0.10))
MEDIUM = Resolution(64, 2.0, np.exp(np.arange(-3, 4) * 0.06))
LARGE = Resolution(128, 2.0, np.exp(np.arange(-24, 25) * 0.01))


@dataclass(frozen=True)
class Match:
    """How a second film lies on a first: first = second * scale + shift, both counted in heights of their film.

    `shift` is (down, right) from pixel edge to pixel edge; `similarity` is the correlation of the detail where the two
    overlap, `overlap` the share of the smaller film that does.
    """

    similarity: float
    overlap: float
    scale: float
    shift: tuple[float, float]


def detail(film: Plane, height: int, scale: float, sigma: float) -> NDArray[np.float32]:
    """Local contrast of a film resized to `height * scale` px, exposure removed."""
    size = max(2, round(film.shape[1] * height * scale / film.shape[0])), max(2, round(height * scale))
    small = Image.fromarray(np.asarray(film, np.float32)).resize(size, Image.Resampling.BILINEAR)
    grey = np.log1p(np.asarray(small))
    grey = grey - gaussian_filter(grey, sigma, mode="nearest")
    # The floor keeps flat borders from turning into noise.
    deviation = np.sqrt(gaussian_filter(grey * grey, 2 * sigma, mode="nearest")) + 0.02
    return (grey / deviation).astype(np.float32)


def spectrum(plane: Plane, canvas: tuple[int, int]) -> Spectrum:
    """Fourier transform of a plane of unit energy, its borders faded out, on `canvas`."""
    fade = [np.sqrt(np.hanning(n + 2)[1:-1]) for n in plane.shape]
    faded = (plane - plane.mean()) * np.outer(*fade)
    room = np.zeros(canvas, np.float32)
    part = faded[: canvas[0], : canvas[1]]
    room[: part.shape[0], : part.shape[1]] = part
    energy = float(np.linalg.norm(room))
    return fft.rfft2(room / energy if energy else room).astype(np.complex64)


def correlate(films: list[Plane], level: Resolution, pairs: NDArray[np.bool_]) -> tuple[Plane, Plane]:
    """Best correlation over shifts and scales, and its scale, of every pair i < j that `pairs` [N, N] asks for."""
    best, scales = np.full(pairs.shape, -1.0, np.float32), np.ones(pairs.shape, np.float32)
    first = np.stack([spectrum(detail(film, level.height, 1, level.sigma), level.canvas) for film in films])
    wanted = np.triu(pairs, 1)
    for scale in level.scales:
        for j in np.flatnonzero(wanted.any(0)):
            second = spectrum(detail(films[j], level.height, scale, level.sigma), level.canvas).conj()
            i = np.flatnonzero(wanted[:, j])
            peak = fft.irfft2(first[i] * second, s=level.canvas).max((1, 2))
            better = peak > best[i, j]
            best[i[better], j], scales[i[better], j] = peak[better], scale
    return best, scales


def register(films: list[Plane], pairs: list[tuple[int, int, float]], level: Resolution = LARGE) -> Iterator[Match]:
    """The match of each (first, second, rough scale), scales searched within 4 % of the rough one."""
    stored: dict[tuple[int, int], tuple[Plane, Spectrum]] = {}

    def seen(film: int, k: int) -> tuple[Plane, Spectrum]:
        if (film, k) not in stored:
            plane = detail(films[film], level.height, level.scales[k], level.sigma)
            stored[film, k] = plane, spectrum(plane, level.canvas)
        return stored[film, k]

    unit = int(np.abs(level.scales - 1).argmin())
    for first, second, rough in pairs:
        near = np.flatnonzero(np.abs(np.log(level.scales / rough)) < 0.045).tolist()
        trials = (_match(seen(first, unit), seen(second, k), level, level.scales[k]) for k in near)
        yield max(trials, key=lambda match: match.similarity)


def _match(first: tuple[Plane, Spectrum], second: tuple[Plane, Spectrum], level: Resolution, scale: float) -> Match:
    surface = fft.irfft2(first[1] * second[1].conj(), s=level.canvas)
    peak = np.unravel_index(surface.argmax(), surface.shape)
    y, x = (int(p) - n * (p > n // 2) for p, n in zip(peak, level.canvas, strict=True))
    a, b = first[0], second[0]
    here = a[max(0, y) : b.shape[0] + y, max(0, x) : b.shape[1] + x]
    there = b[max(0, -y) : a.shape[0] - y, max(0, -x) : a.shape[1] - x]
    overlap = here.size / min(a.size, b.size)
    return Match(_agreement(here, there), overlap, float(scale), (float(y / level.height), float(x / level.height)))


def _agreement(a: Plane, b: Plane) -> float:
    if a.size < 2:
        return -1.0
    a, b = a - a.mean(), b - b.mean()
    energy = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / energy if energy else 0.0


def refine(first: Plane, second: Plane, match: Match, height: int = 384) -> Match:
    """`match` to a fraction of a native pixel: Nelder-Mead over scale and shift on films of `height` px."""
    a, b = detail(first, height, 1, 3.0), detail(second, height, 1, 3.0)

    def loss(guess: NDArray[np.float64]) -> float:
        scale, y, x = guess
        # Scale and shift count from pixel edges, affine_transform from pixel centres.
        origin = (0.5 - np.array([y, x])) / scale - 0.5
        moved = affine_transform(b, [1 / scale] * 2, origin, a.shape, order=1, cval=np.nan)
        inside = np.isfinite(moved)
        return -_agreement(a[inside], moved[inside]) if inside.mean() > 0.3 else 1.0

    start = np.array([match.scale, match.shift[0] * height, match.shift[1] * height])
    simplex = start + np.vstack([np.zeros(3), np.diag([0.01, 3.0, 3.0])])
    found = minimize(
        loss, start, method="Nelder-Mead", options={"initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-5}
    )
    scale, y, x = found.x
    return Match(-float(found.fun), match.overlap, float(scale), (float(y) / height, float(x) / height))
