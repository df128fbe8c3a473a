"""What lies around a film in its picture: bars, borders, collimators, rulers, writing, the window of a viewer.

(C, our choice) Films of other sources than a data set's own come so. The reader of films peels off what it can
(`spinelib.cases.area`); a network that has seen the rest does not take it for anatomy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from spinelib.phantom.side_markers import at_its_side

Pixels = NDArray[np.uint8]
# Rows above and below, columns left and right, px.
Margins = tuple[tuple[int, int], tuple[int, int]]

LINES = (
    "HOSPITAL", "NAME A", "W 4096 L 2048", "80 kV 12 mAs", "SPINE AP", "Full spine", "Zoom 34%", "Im: 1/3",
    "12.04.2016", "Compressed 8:1", "STANDING", "R", "L", "cm", "ID 004711", "Se: 2", "DFOV 43.2", "PA",
)  # fmt: skip
# Greys around films, and how often each is met: black, white, a grey of any kind.
BLACK, WHITE = 0.5, 0.2


def surround(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """A picture that holds `film` (uint8 [h,w]) among other things, and the film's first row and column in it, px.

    One to three of the kinds below, drawn at random; the film keeps its size. Writing and rulers may cover its edges.
    """
    picture, (top, left) = film.copy(), (0, 0)
    kinds = draw.permutation(len(_KINDS))[: 1 + int(draw.integers(3))]
    # From the inside out: what is shown together by a machine comes in this order.
    for kind in sorted(kinds):
        picture, (above, before) = _KINDS[kind](picture, draw)
        top, left = top + above, left + before
    return picture, (top, left)


def surrounded_share(film: Pixels, share: float, key: Sequence[int]) -> tuple[Pixels, tuple[int, int]]:
    """A picture as of `surround` for a `share` of films, else the film; `key`: whole numbers that decide all of it."""
    draw = np.random.default_rng(key)
    return surround(film, draw) if draw.uniform() < share else (film, (0, 0))


def _grey(draw: np.random.Generator) -> int:
    kind = draw.uniform()
    if kind < BLACK:
        return int(draw.integers(0, 12))
    return int(draw.integers(240, 256)) if kind < BLACK + WHITE else int(draw.integers(12, 240))


def _padded(film: Pixels, margins: Margins, ground: Pixels | int) -> tuple[Pixels, tuple[int, int]]:
    """`film` with `margins` of a grey, or cut into `ground` of the size of both."""
    shape = tuple(n + sum(sides) for n, sides in zip(film.shape, margins, strict=True))
    picture = np.full(shape, ground, np.uint8) if isinstance(ground, int) else ground
    (top, _), (left, _) = margins
    picture[top : top + film.shape[0], left : left + film.shape[1]] = film
    return picture, (top, left)


def _margins(film: Pixels, draw: np.random.Generator, most: float) -> Margins:
    rows, columns = (np.where(draw.uniform(size=2) < 0.75, draw.uniform(0, most, 2) * n, 0) for n in film.shape)
    return (int(rows[0]), int(rows[1])), (int(columns[0]), int(columns[1]))


def _collimated(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """A dim, uneven border that the collimator leaves, with an edge a few pixels soft."""
    margins = _margins(film, draw, 0.25)
    shape = tuple(n + sum(sides) for n, sides in zip(film.shape, margins, strict=True))
    rows, columns = (np.linspace(-1, 1, n, dtype=np.float32) for n in shape)
    level, slope = draw.uniform(0, 40), draw.normal(0, 8, 2)
    noise = draw.normal(0, draw.uniform(0, 3), shape)
    ground = level + slope[0] * rows[:, None] + slope[1] * columns + noise
    picture, start = _padded(film, margins, np.clip(ground, 0, 255).astype(np.uint8))
    return _softened(picture, film.shape, start, int(draw.integers(0, 4))), start


def _softened(picture: Pixels, film: tuple[int, ...], start: tuple[int, int], reach: int) -> Pixels:
    """The picture with the film's outer `reach` rows and columns mixed with what lies beyond."""
    for k in range(reach):
        share = (k + 1) / (reach + 1)
        for axis, size in enumerate(film):
            first, last = start[axis] + k, start[axis] + size - 1 - k
            lines = np.moveaxis(picture, axis, 0)
            for line, beyond in ((first, start[axis] - 1), (last, start[axis] + size)):
                if 0 <= beyond < len(lines):
                    lines[line] = np.rint(share * lines[line] + (1 - share) * lines[beyond]).astype(np.uint8)
    return picture


def _border(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """One to three frames of single greys around all of it."""
    picture, wide = film, 0
    for _ in range(int(draw.integers(1, 4))):
        width = int(1 + draw.beta(1, 3) * 0.06 * max(film.shape))
        picture, wide = np.pad(picture, width, constant_values=_grey(draw)), wide + width
    return picture, (wide, wide)


def _ruler(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """Ticks along the left or right side, over the film's edge or in a bar beside it."""
    beside = int(draw.uniform(0.03, 0.12) * film.shape[0]) if draw.uniform() < 0.5 else 0
    on_left = draw.uniform() < 0.5
    margins: Margins = ((0, 0), (beside, 0) if on_left else (0, beside))
    picture, start = _padded(film, margins, _grey(draw))
    step, long = max(2, round(draw.uniform(0.008, 0.04) * len(film))), draw.uniform(0.012, 0.035) * len(film)
    lines = picture if on_left else picture[:, ::-1]
    away, thick, grey = int(draw.integers(0, 6)), 1 + len(film) // 800, int(draw.integers(150, 256))
    for k, row in enumerate(range(int(draw.integers(step)), len(lines), step)):
        lines[row : row + thick, away : away + round(long if k % 5 == 0 else long / 2)] = grey
    return picture, start


def _bars(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """Padded to a square, or bars on some sides; now and then with noise or the traces of JPEG in them."""
    lack = max(film.shape) - min(film.shape)
    if draw.uniform() < 0.5 and film.shape[0] > film.shape[1]:
        before = lack // 2 if draw.uniform() < 0.7 else int(draw.integers(lack + 1))
        margins: Margins = ((0, 0), (before, lack - before))
    else:
        margins = _margins(film, draw, 0.5)
    picture, start = _padded(film, margins, _grey(draw))
    if draw.uniform() < 0.3:
        outside = np.ones(picture.shape, bool)
        outside[start[0] : start[0] + film.shape[0], start[1] : start[1] + film.shape[1]] = False
        noise = draw.normal(0, draw.uniform(0.5, 4), picture.shape) * outside
        picture = np.rint(np.clip(picture + noise, 0, 255)).astype(np.uint8)
    return picture, start


def _written(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """Blocks of writing in one to four of the corners, as a viewer lays them over a picture."""
    picture = Image.fromarray(film)
    pen, size = ImageDraw.Draw(picture), max(6, round(draw.uniform(0.012, 0.035) * max(film.shape)))
    font, grey = ImageFont.load_default(size), int(draw.integers(160, 256))
    for corner in draw.permutation(4)[: 1 + int(draw.integers(4))]:
        drawn = [LINES[int(k)] for k in draw.integers(len(LINES), size=1 + int(draw.integers(4)))]
        lines = [at_its_side(line, corner % 2) for line in drawn]
        wide, tall = max(pen.textlength(line, font=font) for line in lines), 1.25 * size * len(lines)
        x = 3 if corner % 2 == 0 else film.shape[1] - wide - 3
        y = 3 if corner < 2 else film.shape[0] - tall - 3
        pen.multiline_text((x, y), "\n".join(lines), fill=grey, font=font, spacing=0.1 * size)
    return np.array(picture), (0, 0)


def _viewer(film: Pixels, draw: np.random.Generator) -> tuple[Pixels, tuple[int, int]]:
    """The window of a viewer: a bar with its name above, sometimes one with buttons beside or below."""
    unit = max(8, round(0.04 * max(film.shape)))
    above, below = int(unit * draw.uniform(0.6, 2)), int(unit * draw.uniform(0, 1.5)) * int(draw.uniform() < 0.5)
    beside = int(unit * draw.uniform(1, 4)) * int(draw.uniform() < 0.5)
    picture, start = _padded(film, ((above, below), (beside, 0)), int(draw.integers(30, 250)))
    drawn = Image.fromarray(picture)
    pen, ink = ImageDraw.Draw(drawn), int(draw.integers(256))
    title = at_its_side(LINES[int(draw.integers(len(LINES)))], 0)
    pen.text((4, above // 6), title, fill=ink, font=ImageFont.load_default(above * 0.6))
    for k in range(int(draw.integers(3, 12)) if beside else 0):
        top = above + k * unit * 1.4
        pen.rectangle((unit * 0.2, top, min(beside - 2, unit), top + unit * 0.8), outline=ink)
    return np.array(drawn), start


_KINDS: tuple[Callable[[Pixels, np.random.Generator], tuple[Pixels, tuple[int, int]]], ...] = (
    _collimated, _written, _ruler, _border, _bars, _viewer,
)  # fmt: skip
