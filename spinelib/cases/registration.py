"""Is one film a re-crop of another? Shift, scale and exposure are removed before two films are compared.

Films are compared by their detail: logarithm of the grey values, minus a local mean, over a local deviation, which
takes exposure, window and gamma away. Shift comes from a Fourier cross-correlation, scale from a grid of trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft
from scipy.ndimage import affine_transform, gaussian_filter
from scipy.optimize import minimize

from spinelib.cases.neighbours import most_alike

Plane = NDArray[np.floating]
Spectrum = NDArray[np.complex64]
# Planes and spectra that are held, 0.1 MB each at the finest.
KEPT = 1024


@dataclass(frozen=True)
class Resolution:
    """One resolution of the search: film height, width of the detail (sigma), both px, and the trial scales."""

    height: int
    sigma: float
    scales: NDArray[np.float64]

    @property
    def numbers(self) -> int:
        """Numbers of a film's spectrum without its phases."""
        return self.canvas[0] * (self.canvas[1] // 2 + 1)

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

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """All of it in a row, as `of` takes it."""
        return (self.similarity, self.overlap, self.scale, *self.shift)

    @classmethod
    def of(cls, similarity: float, overlap: float, scale: float, down: float, right: float) -> Self:
        """The match with these `numbers`."""
        return cls(similarity, overlap, scale, (down, right))


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


def nearest(
    films: Sequence[Plane], level: Resolution, count: int, floor: float, table: NDArray[np.float32] | None = None
) -> NDArray[np.intp]:
    """Pairs [P, 2] of films that may correlate by `floor` or more: of each film the `count` most promising others.

    Which are promising tells the spectrum without its phases, that knows no shift: the product of two of them is an
    upper bound of the correlation over all shifts (C, our choice). Pairs are i < j; those of one j follow each other,
    and films that are alike (`spinelib.cases.neighbours`). table: of `level.numbers` for each film, to be filled; of
    many films it lies on the disk.
    """
    weight = _weights(level.canvas)

    def strength(film: Plane, scale: float) -> NDArray[np.float32]:
        plane = detail(film, level.height, scale, level.sigma)
        return np.asarray(np.abs(spectrum(plane, level.canvas)) * weight, np.float32).ravel()

    def at_scales(places: NDArray[np.intp]) -> list[NDArray[np.float32]]:
        return [np.stack([strength(films[k], scale) for k in places]) for scale in level.scales]

    table = np.empty((len(films), level.numbers), np.float32) if table is None else table
    for k, film in enumerate(films):
        table[k] = strength(film, 1)
    turn, found = np.zeros(len(films), int), [np.empty((0, 2), np.intp)]
    for at, (row, others, products) in enumerate(most_alike(table, at_scales, count)):
        near = others[products >= floor]
        turn[row] = at
        found.append(np.sort(np.stack([np.full(len(near), row), near], 1), 1))
    pairs = np.unique(np.concatenate(found), axis=0)
    return pairs[np.lexsort((pairs[:, 0], turn[pairs[:, 1]]))]


def _weights(canvas: tuple[int, int]) -> NDArray[np.float32]:
    """Factors for the columns of half a spectrum that make a product of two of them a mean over the whole one."""
    twice = np.full(canvas[1] // 2 + 1, 2.0)
    twice[0] = 1
    if canvas[1] % 2 == 0:
        twice[-1] = 1
    return np.asarray(np.sqrt(twice / (canvas[0] * canvas[1])), np.float32)


class Spectra:
    """Details and spectra of films at one resolution, by film and number of the scale; the last KEPT are held."""

    def __init__(self, films: Sequence[Plane], level: Resolution) -> None:
        self.films, self.level = films, level
        self.unit = int(np.abs(level.scales - 1).argmin())
        self.held = lru_cache(KEPT)(self.fresh)

    def fresh(self, film: int, scale: int) -> tuple[Plane, Spectrum]:
        """Detail and spectrum of a film, made anew."""
        plane = detail(self.films[film], self.level.height, self.level.scales[scale], self.level.sigma)
        return plane, spectrum(plane, self.level.canvas)


def correlate(spectra: Spectra, firsts: Sequence[int], second: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Best correlation over shifts and scales of the film `second` with each of `firsts`, and the scale of each."""
    level = spectra.level
    first = np.stack([spectra.held(film, spectra.unit)[1] for film in firsts])
    best, scales = np.full(len(firsts), -1, np.float32), np.ones(len(firsts))
    for k, scale in enumerate(level.scales):
        peak = fft.irfft2(first * spectra.fresh(second, k)[1].conj(), s=level.canvas).max((1, 2))
        scales[peak > best] = scale
        np.maximum(best, peak, out=best)
    return best, scales


def register(spectra: Spectra, first: int, second: int, rough: float) -> Match:
    """How the film `second` lies on `first`: the best of the scales near the `rough` one."""
    level = spectra.level
    near = np.flatnonzero(np.abs(np.log(level.scales / rough)) < 0.045).tolist()
    own = spectra.held(first, spectra.unit)
    trials = (_match(own, spectra.held(second, k), level, level.scales[k]) for k in near)
    return max(trials, key=lambda match: match.similarity)


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
