"""Borders of uneven grey beside a film: the light of a box, collimated parts; known by the straight edge at their end.

Lines as in `spinelib.cases.bars`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

Lines = NDArray[np.float32]

# (C, our choice) Size of the copy on which borders are looked for, px; the part of it where one may end.
SMALL, DEEPEST = 400, 0.4
# Share of a line that an edge takes, and its least height, levels.
SPAN, STEP = 0.4, 12.0
# Share of its stretch that it must fill; the second where the border's grey is as even as light that falls off.
FILLED, STRAIGHT = (0.8, 0.5), 2.0
# Lines behind an edge that must differ from the border, as a share of all: those of text end sooner.
LASTING = 0.08
# How uneven a border may be beside its slow changes (all but a twenty-fifth of it), levels.
ROUGH, SLOW = 3.0, 9


def reduced(plane: Lines) -> tuple[Lines, int]:
    """A copy with means of squares of pixels, and the side of a square, px."""
    side = max(1, -(-max(plane.shape) // SMALL))
    height, width = (size // side * side for size in plane.shape)
    squares = Image.fromarray(np.ascontiguousarray(plane[:height, :width])).reduce(side)
    return np.asarray(squares), side


def border(lines: Lines, small: Lines, side: int, level: float) -> int:
    """How many of the outer lines are an uneven border; 0 where none is.

    small: the lines of a reduced copy, side: its factor, as `reduced` gives them.
    """
    deepest = round(DEEPEST * len(small))
    if deepest < 3:
        return 0
    change = (small[2 : deepest + 2] - small[:deepest]) / level
    for filled in FILLED:
        rising, falling = (_span(sign * change > STEP, filled) for sign in (1, -1))
        span = np.maximum(rising, falling)
        edges = np.flatnonzero(span >= SPAN)
        if len(edges) and edges[0] > 0:
            break
    else:
        return 0
    first = int(edges[0])
    first += int(span[first : first + 3].argmax())
    outside = small[:first]
    uneven = np.abs(outside - ndimage.uniform_filter1d(outside, SLOW, axis=1)) / level
    if np.percentile(uneven, 96) > ROUGH or (filled < FILLED[0] and _bent(outside) > STRAIGHT * level):
        return 0
    behind = np.abs(small[first + 2 : first + 2 + max(8, round(LASTING * len(small)))] - outside[-1]) / level
    if ((behind > STEP / 2).mean(1) < filled * SPAN / 2).any():
        return 0
    return _sharpest(
        lines, max(first * side, 1), min((first + 3) * side + 1, len(lines)), rising[first] > falling[first]
    )


def _bent(plane: Lines) -> float:
    """How far most of a plane is from one that is flat or tilted (the 90th percentile), in its own units."""
    rows, columns = np.indices(plane.shape)
    terms = np.stack([np.ones(plane.size), rows.ravel(), columns.ravel(), columns.ravel() ** 2], 1)
    found = np.linalg.lstsq(terms, plane.ravel(), rcond=None)[0]
    return float(np.percentile(np.abs(plane.ravel() - terms @ found), 90))


def _span(marked: NDArray[np.bool_], least: float) -> NDArray[np.float64]:
    """How much of each line a straight edge takes: the stretch from the first mark to the last, where it is filled."""
    there = marked.any(1)
    first, last = marked.argmax(1), marked.shape[1] - marked[:, ::-1].argmax(1)
    stretch = np.where(there, last - first, 1)
    share = np.count_nonzero(marked, axis=1) / stretch
    return np.where(there & (share >= least), stretch / marked.shape[1], 0.0)


def _sharpest(lines: Lines, start: int, stop: int, rising: bool) -> int:
    """The line in which most changes, seen from the one before."""
    steps: NDArray[np.float32] = np.median(np.diff(lines[start - 1 : stop], axis=0), axis=1)
    return start + int((steps if rising else -steps).argmax())
