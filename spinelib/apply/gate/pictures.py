"""Drawn pictures that show no spine: what a network for films must not answer.

(C, our choice) Kinds of UNSEEN are kept for testing: no rule is fitted to them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from spinelib.phantom.surroundings import LINES

Pixels = NDArray[np.uint8]
Draw = np.random.Generator


def draw_no_spine(kind: str, draw: Draw) -> Pixels:
    """A picture uint8 [h, w] of one of NO_SPINE, 200 to 700 px a side, from wide to as narrow as a film."""
    high = int(draw.integers(300, 700))
    wide = max(200, int(high * draw.uniform(0.38, 1.3)))
    return _stretched(NO_SPINE[kind]((high, wide), draw))


def _stretched(plane: NDArray[np.floating]) -> Pixels:
    low, high = float(plane.min()), float(plane.max())
    return np.rint(255 * (plane - low) / max(high - low, 1e-6)).astype(np.uint8)


def _grid(size: tuple[int, int]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rows, columns = np.mgrid[: size[0], : size[1]]
    return rows.astype(float), columns.astype(float)


def _smooth(size: tuple[int, int], draw: Draw, px: float) -> NDArray[np.float64]:
    field: NDArray[np.float64] = ndimage.gaussian_filter(draw.normal(size=size), px)
    return field / max(float(field.std()), 1e-9)


def _noise(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    return draw.normal(size=size)


def _clouds(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    return sum((_smooth(size, draw, px) * px**0.5 for px in (2, 6, 18, 50)), np.zeros(size))


def _blank(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    """One grey but for a trace of noise and a speck of dust."""
    plane = np.full(size, 128.0) + draw.normal(0, 1, size)
    plane[int(draw.integers(size[0])), int(draw.integers(size[1]))] = draw.choice([60, 200])
    return plane


def _gradient(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    rows, columns = _grid(size)
    turn = draw.uniform(0, 2 * np.pi)
    along = rows * np.sin(turn) + columns * np.cos(turn)
    return along + draw.normal(0, 0.02 * float(np.ptp(along)), size)


def _text(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    page = Image.new("L", size[::-1], 255 if draw.uniform() < 0.7 else 0)
    size_px = int(draw.integers(9, 26))
    pen, font = ImageDraw.Draw(page), ImageFont.load_default(size_px)
    step, ink = size_px * 1.4, 0 if page.getpixel((0, 0)) else 255
    for k in range(int(size[0] / step)):
        words = " ".join(LINES[int(n)] for n in draw.integers(len(LINES), size=int(draw.integers(0, 12))))
        pen.text((10, k * step), words, fill=ink, font=font)
    return np.asarray(page, float)


def _shapes(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    page = Image.new("L", size[::-1], int(draw.integers(256)))
    pen = ImageDraw.Draw(page)
    for _ in range(int(draw.integers(3, 25))):
        x, y = draw.uniform(0, size[1]), draw.uniform(0, size[0])
        wide, high = draw.uniform(0.03, 0.4, 2) * size[0]
        shape = pen.ellipse if draw.uniform() < 0.5 else pen.rectangle
        shape((x, y, x + wide, y + high), fill=int(draw.integers(256)))
    return np.asarray(page, float) + draw.normal(0, draw.uniform(0, 8), size)


def _chequers(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    rows, columns = _grid(size)
    high, wide = draw.uniform(8, 60, 2)
    return (rows // high + columns // wide) % 2 + draw.normal(0, 0.05, size)


def _skin(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    """Fine grain, a dark spot with an uneven edge, and hairs."""
    rows, columns = _grid(size)
    plane = 0.3 * _smooth(size, draw, 1.5) + _smooth(size, draw, 40)
    at, reach = draw.uniform(0.3, 0.7, 2) * size, draw.uniform(0.12, 0.4) * min(size)
    away = np.hypot(rows - at[0], (columns - at[1]) * draw.uniform(0.7, 1.4)) / reach + 0.15 * _smooth(size, draw, 12)
    plane = plane - draw.uniform(2, 6) / (1 + np.exp(12 * (away - 1)))
    page = Image.new("L", size[::-1], 0)
    for _ in range(int(draw.integers(0, 25))):
        ends = draw.uniform(0, 1, 4) * (size[1], size[0], size[1], size[0])
        ImageDraw.Draw(page).line([*map(float, ends)], fill=255, width=2)
    return np.asarray(plane - np.asarray(page, float) / 90)


def _chest(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    """Two dark lungs, a bright middle and ribs, roughly."""
    rows, columns = _grid(size)
    y, x = 2 * rows / size[0] - 1, 2 * columns / size[1] - 1
    plane = 0.3 * _smooth(size, draw, 15)
    for side in (-1, 1):
        lung = ((x - side * draw.uniform(0.4, 0.5)) / draw.uniform(0.28, 0.38)) ** 2 + (y / draw.uniform(0.6, 0.8)) ** 2
        plane = plane - draw.uniform(2, 4) / (1 + np.exp(15 * (lung - 1)))
    bow = y + draw.uniform(0.1, 0.3) * np.abs(x)
    ribs = np.exp(-(((bow * draw.uniform(5, 8)) % 1 - 0.5) ** 2) / 0.02) * (np.abs(x) > 0.1)
    heart = np.exp(-(((x - 0.15) / 0.25) ** 2) - ((y - 0.35) / 0.3) ** 2)
    return np.asarray(plane + 0.7 * ribs + draw.uniform(1, 3) * heart + draw.normal(0, 0.15, size))


def _bricks(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    """Rows of bricks: bodies one above the other, as regular as no spine is."""
    rows, columns = _grid(size)
    high, wide = draw.uniform(14, 50), draw.uniform(20, 120)
    row = rows // high
    joint = (rows % high < 0.15 * high) | ((columns + row % 2 * wide / 2) % wide < 0.1 * wide)
    return np.asarray(np.where(joint, 0.0, 1.0) + 0.15 * _smooth(size, draw, 2))


def _cells(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    """Cells with bright walls between them."""
    marks = np.ones(size, bool)
    count = int(draw.integers(20, 200))
    marks[draw.integers(size[0], size=count), draw.integers(size[1], size=count)] = False
    _, (y, x) = ndimage.distance_transform_edt(marks, return_indices=True)
    wall = ndimage.grey_dilation(y * size[1] + x, 4) != ndimage.grey_erosion(y * size[1] + x, 4)
    return np.asarray(wall + 0.3 * draw.normal(size=size))


def _waves(size: tuple[int, int], draw: Draw) -> NDArray[np.float64]:
    """Bent stripes, as of wood or of a curtain."""
    rows, columns = _grid(size)
    turn = draw.uniform(0, np.pi)
    along = rows * np.sin(turn) + columns * np.cos(turn) + draw.uniform(2, 12) * _smooth(size, draw, 40)
    return np.asarray(np.sin(along * 2 * np.pi / draw.uniform(8, 60)) + 0.2 * draw.normal(size=size))


NO_SPINE: dict[str, Callable[[tuple[int, int], Draw], NDArray[np.float64]]] = {
    "noise": _noise, "clouds": _clouds, "blank": _blank, "gradient": _gradient, "text": _text, "shapes": _shapes,
    "chequers": _chequers, "skin-like": _skin, "chest-like": _chest, "bricks": _bricks, "cells": _cells,
    "waves": _waves,
}  # fmt: skip
UNSEEN = ("bricks", "cells", "waves")
