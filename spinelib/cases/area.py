"""Where the film lies in a picture: bars, borders, rulers and frames around it are peeled off side by side.

A classical search without chance or training (C, our choice). What it peels off is flat or smooth and ends at a
straight edge, or is of one grey from end to end; a film's own dark air is neither, and stays.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.bars import bar, blank
from spinelib.cases.borders import border, reduced

Plane = NDArray[np.float32]
Area = tuple[int, int, int, int]

# Less than this is no film: px, and share of the picture.
LEAST, SHARE = 64, 0.03
# Greys that the levels are counted by, percentiles of the picture, and samples along each of its sides for them.
RANGE, SAMPLES = (1.0, 99.0), 256
# The sides by axis, and whether they are its end: top, bottom, left, right.
SIDES = ((0, False), (0, True), (1, False), (1, True))


class _Part:
    """Part of a picture between two rows and two columns."""

    def __init__(self, plane: Plane, box: tuple[tuple[int, int], tuple[int, int]]) -> None:
        self.plane, self.box = plane, box
        self.pixels = plane[slice(*box[0]), slice(*box[1])]

    @cached_property
    def level(self) -> float:
        """What one of 255 grey levels is in the units of the picture; 0 where it has one grey."""
        steps = (max(1, size // SAMPLES) for size in self.pixels.shape)
        low, high = np.percentile(self.pixels[tuple(slice(None, None, step) for step in steps)], RANGE)
        return float(high - low) / 255

    @cached_property
    def small(self) -> tuple[Plane, int]:
        """A reduced copy and its factor."""
        return reduced(self.pixels)

    def edged(self, axis: int, last: bool) -> int:
        """How many lines on one side are a bar or a border that ends at an edge."""
        lines = _inwards(self.pixels, axis, last)
        return bar(lines, self.level) or border(lines, _inwards(self.small[0], axis, last), self.small[1], self.level)

    def blank(self, axis: int, last: bool) -> int:
        """How many lines on one side have one grey from end to end."""
        return blank(_inwards(self.pixels, axis, last), self.level)

    def without(self, axis: int, last: bool, count: int) -> _Part:
        """The part without `count` lines of one side."""
        box = list(self.box)
        begin, end = box[axis]
        box[axis] = (begin, end - count) if last else (begin + count, end)
        return _Part(self.plane, (box[0], box[1]))


def find_area(plane: Plane) -> Area:
    """Top, left, height and width of the film in a grey picture [H, W], px; all of it where nothing lies around it."""
    part = _Part(plane, ((0, plane.shape[0]), (0, plane.shape[1])))
    # Twice, so that from some point on a film that lay in bars is treated as one that never did.
    for _ in range(2):
        before = None
        while part is not before:
            before = part
            for side in SIDES:
                part = _peeled(part, side, part.edged)
        for side in SIDES:
            part = _peeled(part, side, part.blank)
    shape, (top, left) = part.pixels.shape, (begin for begin, _ in part.box)
    if any(shown < min(LEAST, size) for shown, size in zip(shape, plane.shape, strict=True)):
        return 0, 0, *plane.shape
    if part.pixels.size < SHARE * plane.size or part.level <= 0:
        return 0, 0, *plane.shape
    return top, left, *shape


def _peeled(part: _Part, side: tuple[int, bool], count: Callable[[int, bool], int]) -> _Part:
    if min(part.pixels.shape) < LEAST // 2 or part.level <= 0:
        return part
    lines = count(*side)
    return part.without(*side, lines) if lines else part


def _inwards(plane: Plane, axis: int, last: bool) -> Plane:
    """The lines of a picture from one of its sides on."""
    lines = plane.T if axis else plane
    return lines[::-1] if last else lines
