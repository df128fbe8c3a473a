"""Is one film a re-crop of another? Shift, scale and exposure are removed before two films are compared.

Films are compared by their detail: logarithm of the grey values, minus a local mean, over a local deviation, which
takes exposure, window and gamma away. Shift comes from a Fourier cross-correlation, scale from a grid of trials.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import fft
from scipy.ndimage import affine_transform, gaussian_filter
from scipy.optimize import minimize

Plane = NDArray[np.floating]
Spectrum = NDArray[np.complex64]
# Films that are compared with all others at once; planes and spectra that are held, 0.1 MB each at the finest.
BLOCK, KEPT = 256, 1024


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


def nearest(films: Sequence[Plane], level: Resolution, count: int, floor: float) -> NDArray[np.intp]:
    """Pairs [P, 2] of films that may correlate by `floor` or more: of each film the `count` most promising others.

    Which are promising tells the spectrum without its phases, that knows no shift: the product of two of them is an
    upper bound of the correlation over all shifts (C, our choice). Pairs are i < j, in the order of j. Memory: 3 kB a
    film, and BLOCK rows of the table of all pairs.
    """
    weight = _weights(level.canvas)

    def strength(film: Plane, scale: float) -> NDArray[np.float32]:
        plane = detail(film, level.height, scale, level.sigma)
        return np.asarray(np.abs(spectrum(plane, level.canvas)) * weight, np.float32).ravel()

    every = np.stack([strength(film, 1) for film in films])
    found = []
    for start in range(0, len(films), BLOCK):
        rows = range(start, min(start + BLOCK, len(films)))
        bound = np.full((len(rows), len(films)), -1, np.float32)
        for scale in level.scales:
            np.maximum(bound, np.stack([strength(films[k], scale) for k in rows]) @ every.T, out=bound)
        bound[np.arange(len(rows)), rows] = -1
        best = np.argpartition(-bound, min(count, len(films) - 1) - 1, 1)[:, :count]
        near = np.take_along_axis(bound, best, 1) >= floor
        own = np.broadcast_to(np.array(rows)[:, None], best.shape)
        found.append(np.sort(np.stack([own[near], best[near]], 1), 1))
    return np.unique(np.concatenate(found)[:, ::-1], axis=0)[:, ::-1]


def _weights(canvas: tuple[int, int]) -> NDArray[np.float32]:
    """Factors for the columns of half a spectrum that make a product of two of them a mean over the whole one."""
    twice = np.full(canvas[1] // 2 + 1, 2.0)
    twice[0] = 1
    if canvas[1] % 2 == 0:
        twice[-1] = 1
    return np.asarray(np.sqrt(twice / (canvas[0] * canvas[1])), np.float32)


def correlate(
    films: Sequence[Plane], pairs: NDArray[np.intp], level: Resolution
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Best correlation over shifts and scales, and its scale, of each of `pairs` [P, 2], in their order.

    Fast where pairs of one second film follow each other; not more than KEPT spectra are held.
    """

    @lru_cache(KEPT)
    def unit(film: int) -> Spectrum:
        return spectrum(detail(films[film], level.height, 1, level.sigma), level.canvas)

    best, scales = np.full(len(pairs), -1.0, np.float32), np.ones(len(pairs), np.float32)
    for part in _of_one_second(pairs):
        first = np.stack([unit(int(i)) for i in pairs[part, 0]])
        for scale in level.scales:
            plane = detail(films[int(pairs[part.start, 1])], level.height, scale, level.sigma)
            peak = fft.irfft2(first * spectrum(plane, level.canvas).conj(), s=level.canvas).max((1, 2))
            scales[part][peak > best[part]] = scale
            np.maximum(best[part], peak, out=best[part])
    return best, scales


def _of_one_second(pairs: NDArray[np.intp]) -> Iterator[slice]:
    """Parts of `pairs`, of at most BLOCK, whose second film is the same."""
    bounds = [0, *(np.flatnonzero(np.diff(pairs[:, 1])) + 1).tolist(), len(pairs)]
    for begin, end in pairwise(bounds):
        yield from (slice(k, min(k + BLOCK, end)) for k in range(begin, end, BLOCK))


def register(
    films: Sequence[Plane], pairs: Iterable[tuple[int, int, float]], level: Resolution = LARGE
) -> Iterator[Match]:
    """The match of each (first, second, rough scale), scales searched within 4 % of the rough one.

    Fast where pairs of one second film follow each other; not more than KEPT planes are held.
    """

    @lru_cache(KEPT)
    def seen(film: int, k: int) -> tuple[Plane, Spectrum]:
        plane = detail(films[film], level.height, level.scales[k], level.sigma)
        return plane, spectrum(plane, level.canvas)

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
