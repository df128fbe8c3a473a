"""Quadrilaterals of vertebral bodies from their pixels: four lines per body, fitted to its outline (numpy only).

(C) Our choice. The outline of a body is where its pixels end, half a pixel beyond the last centre; each point of it
goes to the nearest of four lines, each line is fitted again to its points by least squares, and so on. The oriented
rectangle of least area would be simpler and tilt more, because vertebrae are wedges. All bodies of a film are fitted
at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinelib.measures.cobb.rules import Floats

Labels = NDArray[np.integer]
ROUNDS = 8
# A body has at least as many pixels; fewer carry no direction.
FEWEST = 8
# Pulls the slope of a side (not of an end-plate) towards the body's axis, px^2: sides of flat bodies are short.
SIDE_RIDGE = 12.0
# Part of each line, about its middle, on which the outline's roughness is measured.
INNER = 0.8


def quadrilaterals(labels: Labels, tilts: Floats) -> tuple[Floats, Floats]:
    """Corners [V, 4, 2] px (TL, TR, BL, BR; x, y) of the bodies 1..V of a label map [H, W], and their roughness [V].

    `tilts` [V] radians: roughly where each body's end-plates point (0 is along x, positive turns x towards y), good to
    some 20 degrees. Roughness [V] px is the root mean square distance of the outline from the four lines, corners left
    out; a true quadrilateral has about 0.23 from its pixels alone. NaN for a body with fewer than FEWEST pixels.
    """
    tilts = np.asarray(tilts, float)
    area, centre, across, down, half = _moments(labels, tilts)
    body, points = outline(labels)
    away = points - centre[body]
    u, v = (away * across[body]).sum(1), (away * down[body]).sum(1)
    # Lines of each body in its own frame: upper and lower give v from u, left and right give u from v.
    offset = half[:, [1, 1, 0, 0]] * (-1, 1, -1, 1)
    slope = np.zeros_like(offset)
    for _ in range(ROUNDS):
        nearest = _distances(u, v, offset[body], slope[body]).argmin(1)
        offset, slope = _refit(u, v, body, nearest, offset, slope)
    local = _crossings(offset, slope)
    corners = centre[:, None] + local[..., :1] * across[:, None] + local[..., 1:] * down[:, None]
    distance = _distances(u, v, offset[body], slope[body])
    nearest = distance.argmin(1)
    # Networks round the corners off, which says nothing of the plates.
    inner = np.abs(np.where(nearest < 2, u, v)) < INNER * half[body, np.where(nearest < 2, 0, 1)]
    squares = np.bincount(body[inner], distance[inner].min(1) ** 2, len(area))
    rough = np.sqrt(squares / np.maximum(np.bincount(body[inner], minlength=len(area)), 1))
    known = (area >= FEWEST) & np.isfinite(corners).all((1, 2))
    return np.where(known[:, None, None], corners, np.nan), np.where(known, rough, np.nan)


def outline(labels: Labels) -> tuple[NDArray[np.intp], Floats]:
    """Body index (label - 1) [P] and place (x, y) [P, 2] of every pixel side where a body ends."""
    padded = np.pad(labels.astype(np.intp), 1)
    bodies, places = [], []
    for axis in (0, 1):
        pair = (padded[:-1], padded[1:]) if axis == 0 else (padded[:, :-1], padded[:, 1:])
        for side in pair:
            y, x = np.nonzero((pair[0] != pair[1]) & (side > 0))
            bodies.append(side[y, x] - 1)
            places.append(np.stack([x - 1 + axis / 2, y - 0.5 - axis / 2], 1))
    return np.concatenate(bodies), np.concatenate(places)


def _moments(labels: Labels, tilts: Floats) -> tuple[Floats, Floats, Floats, Floats, Floats]:
    """Area [V], centre, unit vectors across and down, and half width and height [V, 2] of even bodies so spread."""
    y, x = np.nonzero(labels)
    body, place = labels[y, x].astype(np.intp) - 1, np.stack([x, y], 1).astype(float)
    area = np.bincount(body, minlength=len(tilts)).astype(float)

    def mean(values: Floats) -> Floats:
        return np.bincount(body, values, len(tilts)) / np.maximum(area, 1)

    centre = np.stack([mean(place[:, 0]), mean(place[:, 1])], 1)
    across = np.stack([np.cos(tilts), np.sin(tilts)], 1)
    down = np.stack([-across[:, 1], across[:, 0]], 1)
    away = place - centre[body]
    spread = [mean((away * axis[body]).sum(1) ** 2) for axis in (across, down)]
    # 1/12: the extent of a pixel itself.
    return area, centre, across, down, np.sqrt(3 * (np.stack(spread, 1) + 1 / 12))


def _distances(u: Floats, v: Floats, offset: Floats, slope: Floats) -> Floats:
    """Distance [P, 4] of each point to the four lines of its body."""
    along, reach = np.stack([u, u, v, v], 1), np.stack([v, v, u, u], 1)
    distance: Floats = np.abs(reach - offset - slope * along) / np.hypot(1.0, slope)
    return distance


def _refit(
    u: Floats, v: Floats, body: NDArray[np.intp], line: NDArray[np.intp], offset: Floats, slope: Floats
) -> tuple[Floats, Floats]:
    """Least squares of every line to its points; a line with fewer than two points stays as it is."""
    plate = line < 2
    along, reach = np.where(plate, u, v), np.where(plate, v, u)
    key = 4 * body + line

    def total(values: Floats) -> Floats:
        sums: Floats = np.bincount(key, values, offset.size).astype(float)
        return sums

    count = total(np.ones(len(u)))
    middle, level = total(along) / np.maximum(count, 1), total(reach) / np.maximum(count, 1)
    apart = along - middle[key]
    spread = total(apart**2) + np.tile([1e-9, 1e-9, SIDE_RIDGE, SIDE_RIDGE], len(offset))
    steep = total(apart * (reach - level[key])) / spread
    known = (count > 1).reshape(offset.shape)
    new_offset, new_slope = (level - steep * middle).reshape(offset.shape), steep.reshape(offset.shape)
    return np.where(known, new_offset, offset), np.where(known, new_slope, slope)


def _crossings(offset: Floats, slope: Floats) -> Floats:
    """Corners [V, 4, 2] in the bodies' frames: upper and lower line with the left and the right one."""
    plate, side = np.array([0, 0, 1, 1]), np.array([2, 3, 2, 3])
    with np.errstate(divide="ignore", invalid="ignore"):
        u = (offset[:, side] + slope[:, side] * offset[:, plate]) / (1 - slope[:, side] * slope[:, plate])
    return np.stack([u, offset[:, plate] + slope[:, plate] * u], -1)
