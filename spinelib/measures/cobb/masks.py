"""Cobb angles from masks: of the whole spine (vertebrae apart, touching or merged) or of single vertebrae.

(C) Our choices; the papers of the field read angles from landmarks or regress them. Bodies are split (`cuts`) and
each gets a quadrilateral (`bodies`). A body's tilt is then drawn towards the tilt of the column at its height, the
more so the rougher the outlines and the more closed its gaps: ragged blobs say little about their end-plates, and
three angles that are maxima over pairs of vertebrae pick out the worst of them. When most gaps are closed, the column
alone gives the angles; it is smooth, and flat at its ends, so that a merged column reads too straight (of an even bend
of 40 degrees it shows 31; on the labels of AASCE the major angle is 2 too small). Everything is measured in widths of
the column, so neither the grid nor a letterbox matters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from spinelib.measures.cobb.bodies import quadrilaterals
from spinelib.measures.cobb.column import Centreline, clean_mask, trace_centreline
from spinelib.measures.cobb.cuts import CLEAR, PITCH, Cuts, Labels, cut, largest_pieces, split
from spinelib.measures.cobb.reading import (
    FEWEST,
    LIMIT,
    VERTEBRAE,
    FilmSize,
    Reading,
    empty_reading,
    from_corners,
    judge_reading,
)
from spinelib.measures.cobb.rules import Floats

# Area of a body over width times spacing below which there is none.
LEAST = 0.2
# Roughness of a perfect outline in px, and the excess, in widths, at which a tilt counts for half. Chosen on what small
# networks predicted for validation films of AASCE, where half of it does as well and more does worse; reference masks,
# whose outlines are smooth, would like more.
PIXELS, ROUGH = 0.24, 0.008
# Share of separate bodies below which the column alone is read.
SEPARATE = 0.5


@dataclass(frozen=True)
class Bodies:
    """V bodies from the top down.

    corners [V, 4, 2] px as fitted; lean [V] radians of the column there; trust [V] in 0..1 in the fitted tilts; alone
    [V]: whether a body is apart from its neighbours.
    """

    corners: Floats
    lean: Floats
    trust: Floats
    alone: NDArray[np.bool_]


def from_mask(
    mask: ArrayLike, film: FilmSize | None = None, *, count: int | None = VERTEBRAE, limit: float = LIMIT
) -> Reading:
    """The reading of a spine mask [H, W], anything above 0 being spine.

    film: (row where the film starts, its height) in px of the grid, None: all of it; the rule's S-shape branch needs
    it. count: vertebrae expected (17: T1..L5), None: any number. Confidence: share of the bodies that stand alone
    times the mean trust in their tilts; for method "centreline" half the share. Status: "ok"; "missing" or "extra"
    vertebrae; "merged" when the column alone was read; "empty", "few_vertebrae" and "out_of_range" have no angles.
    Raises ValueError when the mask is not two-dimensional.
    """
    spine = _plane(mask) > 0
    film = film or (0.0, float(spine.shape[0]))
    if not spine.any():
        return empty_reading("the mask is empty")
    spine = clean_mask(spine)
    line = trace_centreline(spine)
    cuts = cut(spine, line, count)
    bodies = _bodies(split(spine, line, cuts), line, cuts)
    return _choose(bodies, line, film, count, limit)


def from_labels(
    labels: ArrayLike, film: FilmSize | None = None, *, count: int | None = VERTEBRAE, limit: float = LIMIT
) -> Reading:
    """The reading of a map of vertebrae [H, W]: 0 is background, every other value one vertebra, in any order.

    The rest as for `from_mask`, but every body stands alone and none is split.
    """
    plane = _plane(labels)
    film = film or (0.0, float(plane.shape[0]))
    values = np.unique(plane[plane > 0])
    if not len(values):
        return empty_reading("the mask is empty")
    labels = largest_pieces(np.where(plane > 0, np.searchsorted(values, plane) + 1, 0))
    index = np.arange(1, len(values) + 1)
    centre = np.array(ndimage.center_of_mass(labels > 0, labels, index))[:, ::-1]
    order = np.argsort(centre[:, 1])
    labels = np.concatenate([[0], np.argsort(order) + 1])[labels]
    line = trace_centreline(labels > 0)
    lean, width = (np.interp(centre[order, 1], line.points[:, 1], along) for along in (line.tilts, line.widths))
    corners, rough = quadrilaterals(labels, lean)
    bodies = Bodies(corners, lean, _trust(rough, width, np.zeros(len(rough))), np.ones(len(rough), bool))
    return _read(_kept(bodies, np.isfinite(rough)), film, count, limit)


def _bodies(labels: Labels, line: Centreline, cuts: Cuts) -> Bodies:
    """The bodies of a split mask that are large enough to be one."""
    middle = (cuts.at[1:] + cuts.at[:-1]) // 2
    lean, width = line.tilts[middle], line.widths[middle]
    corners, rough = quadrilaterals(labels, lean)
    area = np.bincount(labels.ravel(), minlength=len(lean) + 1)[1:]
    known = np.isfinite(rough) & (area > LEAST * width * cuts.expected)
    closed = np.stack([cuts.closed[:-1], cuts.closed[1:]], 1)
    trust = _trust(np.where(known, rough, np.nan), width, closed.mean(1))
    bodies = Bodies(corners, lean, trust, np.all(closed < CLEAR, axis=1))
    return _kept(bodies, known)


def _trust(rough: Floats, width: Floats, closed: Floats) -> Floats:
    """Trust [V] in fitted tilts: half at an excess roughness of ROUGH widths, less by the share of closed gaps.

    The roughness is the film's median: a network that is rough elsewhere is not to be believed where a blob happens
    to be smooth.
    """
    excess = max(float(np.nanmedian(rough)) ** 2 - PIXELS**2, 0.0) if np.isfinite(rough).any() else np.inf
    return (1 - closed) / (1 + excess / (ROUGH * width) ** 2)


def _kept(bodies: Bodies, keep: NDArray[np.bool_]) -> Bodies:
    return Bodies(bodies.corners[keep], bodies.lean[keep], bodies.trust[keep], bodies.alone[keep])


def _choose(bodies: Bodies, line: Centreline, film: FilmSize, count: int | None, limit: float) -> Reading:
    """The reading of the bodies or, when too few of them stand alone, of the column."""
    found = len(bodies.alone)
    share = float(bodies.alone.mean()) if found else 0.0
    if share < SEPARATE and line.length > FEWEST * PITCH * np.median(line.widths):
        places = stand_ins(line, count or max(found, FEWEST))
        reason = f"{int(bodies.alone.sum())} of {found} vertebrae stand alone; read from the centreline"
        blank = replace(empty_reading(reason, "merged"), corners=places, method="centreline", confidence=share / 2)
        return judge_reading(blank, film, limit)
    return _read(bodies, film, count, limit)


def _read(bodies: Bodies, film: FilmSize, count: int | None, limit: float) -> Reading:
    """The reading of bodies, whatever their number."""
    reading = from_corners(_drawn(bodies), film, count=count, limit=limit)
    sure = float(bodies.alone.mean() * bodies.trust.mean()) if reading.known else 0.0
    return replace(reading, confidence=sure)


def _drawn(bodies: Bodies) -> Floats:
    """Corners [V, 4, 2], each body turned about its centre so that its tilt lies between its own and the column's."""
    across = bodies.corners[:, [1, 3]].sum(1) - bodies.corners[:, [0, 2]].sum(1)
    off = np.arctan2(across[:, 1], across[:, 0]) - bodies.lean
    turn = -(1 - bodies.trust) * off
    centre = bodies.corners.mean(1, keepdims=True)
    x, y = np.moveaxis(bodies.corners - centre, -1, 0)
    c, s = np.cos(turn)[:, None], np.sin(turn)[:, None]
    return centre + np.stack([c * x - s * y, s * x + c * y], -1)


def stand_ins(line: Centreline, count: int) -> Floats:
    """Corners [count, 4, 2] of evenly spaced boxes across a centreline, in place of vertebrae."""
    at = ((np.arange(count) + 0.5) / count * (len(line.points) - 1)).round().astype(int)
    right = np.stack([np.cos(line.tilts[at]), np.sin(line.tilts[at])], 1) * line.widths[at, None] / 2
    down = line.down[at] * line.length / count * 0.35
    return np.stack([line.points[at] + a * right + b * down for b in (-1, 1) for a in (-1, 1)], 1)


def _plane(mask: ArrayLike) -> NDArray[Any]:
    plane: NDArray[Any] = np.asarray(mask)
    if plane.ndim != 2:
        raise ValueError(f"a mask must be [H, W], not {list(plane.shape)}")
    return plane
