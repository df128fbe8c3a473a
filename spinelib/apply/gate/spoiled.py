"""Films as they should not be: on their head, on their side, cut to a part, photographed from a screen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.phantom.surroundings import surround

Pixels = NDArray[np.uint8]
Draw = np.random.Generator


def spoil_film(kind: str, film: Pixels, draw: Draw) -> Pixels:
    """A film uint8 [h, w] as one of SPOILED has it, another size."""
    return np.ascontiguousarray(SPOILED[kind](film, draw))


def _upside_down(film: Pixels, draw: Draw) -> Pixels:
    return np.rot90(film, 2) if draw.uniform() < 0.5 else film[::-1]


def _lying(film: Pixels, draw: Draw) -> Pixels:
    return np.rot90(film, int(draw.choice([1, 3])))


def _part(film: Pixels, draw: Draw) -> Pixels:
    """A quarter to a half of the film's height."""
    high = int(len(film) * draw.uniform(0.25, 0.5))
    top = int(draw.integers(len(film) - high + 1))
    return film[top : top + high]


def _thorax(film: Pixels, draw: Draw) -> Pixels:
    """The upper half or a little more, about as a film of the chest shows it."""
    return film[: round(len(film) * draw.uniform(0.45, 0.62))]


def _half(film: Pixels, draw: Draw) -> Pixels:
    """The film without its middle: beside the spine, where nothing of it is left."""
    wide = film.shape[1] // 3
    return film[:, :wide] if draw.uniform() < 0.5 else film[:, -wide:]


def _mirrored(film: Pixels, draw: Draw) -> Pixels:
    return film[:, ::-1]


def _photo(film: Pixels, draw: Draw) -> Pixels:
    """A photograph of a screen: askew, in a room, with the screen's lines against the camera's, and a reflection."""
    high, wide = film.shape
    out = (round(1.25 * high), round(1.6 * wide))
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], float)
    shift = draw.uniform(-0.06, 0.06, (4, 2)) * (wide, high)
    seen = corners + np.array([0.3 * wide, 0.125 * high]) + shift
    bent = Image.fromarray(film).transform(
        out[::-1], Image.Transform.PERSPECTIVE, _perspective(seen, corners), Image.Resampling.BILINEAR, fillcolor=0
    )
    rows, columns = np.mgrid[: out[0], : out[1]]
    waves = np.sin(rows / draw.uniform(0.8, 2.5) + columns * draw.uniform(-0.2, 0.2))
    glare = np.exp(-(((rows / out[0] - draw.uniform()) / 0.2) ** 2) - ((columns / out[1] - draw.uniform()) / 0.2) ** 2)
    plane = 20 + 0.8 * np.asarray(bent, float) + draw.uniform(2, 12) * waves + draw.uniform(0, 70) * glare
    return np.clip(plane + draw.normal(0, 3, out), 0, 255).astype(np.uint8)


def _perspective(seen: NDArray[np.float64], given: NDArray[np.float64]) -> list[float]:
    """The eight numbers by which Pillow finds, for a point of the photograph, that of the picture."""
    rows = []
    for (x, y), (u, v) in zip(seen, given, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
    return [float(n) for n in np.linalg.solve(np.array(rows), given.ravel())]


def _screenshot(film: Pixels, draw: Draw) -> Pixels:
    """A small film in a wide window, among what a viewer shows besides."""
    picture = surround(film, draw)[0]
    high, wide = picture.shape
    page = np.full((round(1.3 * high), round(2.2 * max(wide, high))), int(draw.integers(0, 60)), np.uint8)
    top, left = int(draw.integers(page.shape[0] - high)), int(draw.integers(page.shape[1] - wide))
    page[top : top + high, left : left + wide] = picture
    page[: max(4, top // 3)] = int(draw.integers(120, 256))
    return page


SPOILED: dict[str, Callable[[Pixels, Draw], Pixels]] = {
    "upside down": _upside_down, "lying": _lying, "a part": _part, "thorax": _thorax,
    "beside the spine": _half, "mirrored": _mirrored, "photograph": _photo, "screenshot": _screenshot,
}  # fmt: skip
# Those that a reader can use all the same: they are judged by how well they were read.
STILL_FILMS = ("mirrored", "photograph", "screenshot")
