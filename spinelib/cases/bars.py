"""Bars beside a film: lines of one grey, with text, ticks and frames on them, seen from one side of a picture.

Lines are the rows or columns of a picture from one of its sides inwards, [N, M]; greys count in levels, 1/255 of the
picture's range.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Lines = NDArray[np.float32]

# (C, our choice) Largest spread of a bar around its grey (third quartile), levels: paint, scanning and JPEG.
NOISE = 10.0
# Spread up to which a bar needs no edge at its end: paint, or a detector that saw nothing.
PAINT = 1.0
# Distance from the grey of a bar from which on something else is shown, levels.
APART = 8.0
# Share of a line that has the bar's grey; of one with text or ticks on it.
FLAT, MARKED = 0.9, 0.4
# Share of it where nothing but the bar is shown.
PURE = 0.998
# Share of a line that changes its grey at the film's edge, and of its stretch that it fills there.
EDGE, FILLED = 0.2, 0.8
# Share of a line that a frame may leave free.
FRAME = 0.1
# Lines of a bar that text may take, and ticks at the film may, as a share of all lines; strokes of it, of the shorter.
TEXT, TICKS, STROKE = 0.06, 0.03, 0.01
# Samples of a line over which noise is evened out.
SLOW = 15
# Samples of a line that are looked at.
SAMPLES = 400
# Lines that are looked at first.
FEW = 64


def bar(lines: Lines, level: float) -> int:
    """How many of the outer lines are a bar that ends at a straight edge; 0 where none is."""
    grey, spread = _paint(lines[0], level)
    if spread > NOISE:
        return 0
    for depth in _depths(len(lines)):
        sample = _sample(lines[:depth])
        away = np.abs(sample - grey) / level
        apart = max(APART, 2 * spread)
        alike = away <= apart
        near = _shares(alike)
        flat = _shares(away <= max(PAINT, 2 * spread)) >= FLAT
        end = _last_flat(lines, flat, near, grey, level) + 1
        reach = max(10, round(TICKS * len(lines)))
        if end + reach + 2 * _text(lines) < depth:
            break
    at = _edge(near, end, reach)
    if not at or _fades(away[max(at - 2, 0)], ~alike[at : at + 2], apart):
        return 0
    if not _goes_on(alike[at : at + 2 * _text(lines)], _even(sample[:end], grey, level)):
        return 0
    return _steepest(sample, at)


def blank(lines: Lines, level: float) -> int:
    """How many of the outer lines have one grey from end to end, as where a detector saw nothing; 0 for less than 3."""
    grey, spread = _paint(lines[0], level)
    if spread > PAINT:
        return 0
    for depth in _depths(len(lines)):
        other = _shares(np.abs(_sample(lines[:depth]) - grey) <= PAINT * level) < PURE
        if other.any():
            count = int(other.argmax())
            return count if count > 2 else 0
    return 0


def _depths(count: int) -> Iterator[int]:
    """How many lines to look at: a few, and more while they do not tell."""
    depth = FEW
    while depth < count:
        yield depth
        depth *= 4
    yield count


def _shares(marked: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Share of each line that is marked."""
    return np.count_nonzero(marked, axis=1) / marked.shape[1]


def _paint(line: NDArray[np.float32], level: float) -> tuple[float, float]:
    """The grey of most of a line, and the third quartile of the distance from it in levels."""
    grey = float(np.median(line))
    return grey, float(np.percentile(np.abs(line - grey), 75)) / level


def _sample(lines: Lines) -> Lines:
    return np.ascontiguousarray(lines[:, :: max(1, lines.shape[1] // SAMPLES)])


def _text(lines: Lines) -> int:
    """Lines that a line of text may take."""
    return max(12, round(TEXT * len(lines)))


def _last_flat(lines: Lines, flat: NDArray[np.bool_], near: NDArray[np.floating], grey: float, level: float) -> int:
    """The last flat line that is parted from the first by nothing but flat lines and lines with marks on them."""
    last, longest = 0, _text(lines)
    for each in np.flatnonzero(flat)[1:].tolist():
        gap = slice(last + 1, each)
        if each - last > longest or (near[gap] < MARKED).any() or (each - last > 1 and _thick(lines[gap], grey, level)):
            break
        last = each
    return last


def _thick(lines: Lines, grey: float, level: float) -> bool:
    """Whether anything on the lines is broader than the strokes of text."""
    stroke = max(5, round(STROKE * lines.shape[1]))
    away = np.abs(lines - grey)
    # The soft edges of small letters would close them.
    marks = (away > max(APART * level, 0.4 * float(away.max(initial=0)))).astype(np.uint8)
    if len(marks) < stroke:
        return False
    return bool(ndimage.minimum_filter(marks, stroke, mode="constant").any())


def _edge(near: NDArray[np.floating], end: int, reach: int) -> int:
    """The first line of the film, at most `reach` behind the last flat one, where most of a line changes; 0 without."""
    best, at = EDGE, 0
    for each in range(end, min(end + reach, len(near) - 1)):
        if near[each - 1] < MARKED:
            break
        fall = float(near[each - 1] - near[each : each + 2].min())
        if fall > best:
            best, at = fall, each
    return at


def _fades(before: NDArray[np.floating], other: NDArray[np.bool_], apart: float) -> bool:
    """Whether what differs behind an edge differed before: greys that change slowly and happen to pass a bound."""
    changed = before[other.any(0)]
    return bool(np.median(changed) > apart / 2)


def _even(lines: Lines, grey: float, level: float) -> bool:
    """Whether lines have one grey but for noise: a film's own smooth ground changes along them."""
    slow = ndimage.uniform_filter1d(np.median(lines, axis=0), SLOW, mode="nearest")
    return bool(np.percentile(np.abs(slow - grey), 90) <= PAINT * level)


def _goes_on(alike: NDArray[np.bool_], even: bool) -> bool:
    """Whether what begins behind a bar is a film, or a frame from end to end: no row of vertebrae with gaps.

    Of a bar that is not even a film must stand out in most places: it may be a film's own smooth ground.
    """
    near = _shares(alike)
    first = int(near[:3].argmin())
    if near[first] < FRAME:
        return True
    where = np.flatnonzero(~alike[first])
    filled = float((~alike[first, where[0] : where[-1] + 1]).mean())
    return bool((near[first:] < 1 - EDGE / 2).all()) and (even or filled >= FILLED)


def _steepest(lines: Lines, at: int) -> int:
    """The line near `at` in which most changes: a soft edge begins before."""
    steps = np.abs(np.diff(lines[at - 1 : at + 4], axis=0)).mean(1)
    return at + int(steps.argmax())
