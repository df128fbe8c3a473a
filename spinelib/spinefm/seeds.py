"""The three start points of the walk, out of the detector's rough masks.

(B) From SpineFM's program: detections with a score above 0.6, masks cut at 0.9, their centroids ordered along a line
fitted to them, y = mx + c by least squares; the three consecutive ones of highest mean score. (C) Ours: the line is
the principal axis (the fitted one cannot be upright), and three whose two gaps differ by more than a factor of 1.6 are
passed over where others exist, for a vertebra was missed between them (infinity: the published rule).

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SCORE, GAP_RATIO = 0.6, 1.6
# Ours and the published one.
LINES = ("axis", "fit")
Points = NDArray[np.float64]


@dataclass(frozen=True)
class Detection:
    """One rough vertebra: its score in 0..1, centroid (x, y) px and mask bool [H,W]."""

    score: float
    centre: tuple[float, float]
    mask: NDArray[np.bool_]


def choose_start(
    detections: Sequence[Detection], *, score: float = SCORE, gap_ratio: float = GAP_RATIO, line: str = "axis"
) -> NDArray[np.intp] | None:
    """Positions [3] of the start points in `detections`, from above; None with fewer than three above `score`.

    line: of LINES, along which they are ordered.
    """
    sure = np.array([k for k, found in enumerate(detections) if found.score > score], np.intp)
    if len(sure) < 3:
        return None
    points = np.array([detections[k].centre for k in sure])
    order = sure[np.argsort(_along(points, line), kind="stable")]
    triples = np.stack([order[:-2], order[1:-1], order[2:]], 1)
    means = np.array([[detections[k].score for k in triple] for triple in triples]).mean(1)
    uneven = np.array([_unevenness(np.array([detections[k].centre for k in t])) for t in triples]) > gap_ratio
    # Among uneven ones alone the score decides.
    means = means if uneven.all() else np.where(uneven, -1.0, means)
    return triples[int(means.argmax())]


def _along(points: Points, line: str) -> Points:
    """Position of points [M,2] on the line through them, which points down the film."""
    centred = points - points.mean(0)
    if line == "fit":
        columns = np.stack([points[:, 0], np.ones(len(points))], 1)
        axis = np.array([1.0, np.linalg.lstsq(columns, points[:, 1], rcond=None)[0][0]])
    else:
        axis = np.linalg.svd(centred, full_matrices=False)[2][0]
    # Upright on the film is y; a level row is read from the left.
    turn = axis[1] if abs(axis[1]) > 1e-6 else axis[0]
    return np.asarray(centred @ axis * np.sign(turn), np.float64)


def _unevenness(points: Points) -> float:
    gaps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return float(gaps.max() / max(gaps.min(), 1e-9))
