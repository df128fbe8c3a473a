"""Which predicted vertebra belongs to which reference vertebra of one film, by overlap alone.

(B) The published scoring (CSXA notebook) calls a reference identified when any predicted mask has a Dice above 0.4 with
it; one mask may serve two references. (A, Kirillov et al., CVPR 2019, 9404-9413) Panoptic quality pairs one to one,
with an IoU above 0.5. (C) Ours: names are compared on a one-to-one pairing of greatest total Dice among pairs above
0.4; a detection without partner that lies beyond the labelled chain, or in a gap of it, is not wrong but ignored, for
there is a vertebra without a label. Beyond C2 and S1 there is none, so that a detection there is wrong.

Marks: (A) stated in the paper, (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from spinelib.spinefm.instances import LOWER, ORDER, UPPER, Instance, Mask

MATCHED = 0.5  # IoU above which two masks are one segment for panoptic quality
SIDEWAYS = 1.5  # how far off the chain's line, in steps from vertebra to vertebra, a detection may be ignored

Floats = NDArray[np.float64]
Pairs = list[tuple[int, int]]


def overlaps(references: Sequence[Mask], predictions: Sequence[Mask]) -> tuple[Floats, Floats]:
    """Dice and IoU [R,P] of every reference with every prediction, masks [H,W]; 0 where both are empty."""
    if not references or not predictions:
        empty = np.zeros((len(references), len(predictions)))
        return empty, empty
    r = np.stack([mask.reshape(-1) for mask in references]).astype(np.float32)
    p = np.stack([mask.reshape(-1) for mask in predictions]).astype(np.float32)
    both = (r @ p.T).astype(np.float64)
    total = r.sum(1, dtype=np.float64)[:, None] + p.sum(1, dtype=np.float64)
    return 2 * both / np.maximum(total, 1), both / np.maximum(total - both, 1)


def pair(score: Floats, above: float) -> Pairs:
    """Pairs (row, column) of `score` [R,P] above a limit, one to one, with the greatest sum; in the order of rows."""
    allowed = np.where(score > above, score, 0.0)
    rows, columns = linear_sum_assignment(allowed, maximize=True)
    return [(int(i), int(j)) for i, j in zip(rows, columns, strict=True) if allowed[i, j] > 0]


def unlabelled(centre: Floats, chain: Sequence[Instance]) -> bool:
    """Whether a detection at `centre` (x, y) px lies where `chain` has a vertebra without a label.

    That is: beyond its first or last labelled vertebra (not beyond C2 or S1), or between two labelled ones that are
    not neighbours; within SIDEWAYS steps of the line through them and at least half a step from the labelled ones.
    """
    known = [instance for instance in chain if instance.known and instance.level in ORDER]
    if not known:
        return True
    points = np.stack([instance.centroid for instance in known])
    levels = np.array([ORDER.index(instance.level) for instance in known])
    step = _step(points, levels, known[0].mask)
    before, after = _outward(points, step), _outward(points[::-1], step)
    open_above, open_below = known[0].level != UPPER, known[-1].level != LOWER
    if (open_above and _along(centre, points[0], before, step)) or (
        open_below and _along(centre, points[-1], after, step)
    ):
        return True
    gaps = np.flatnonzero(np.diff(levels) > 1)
    return any(_inside(centre, points[k], points[k + 1], step) for k in gaps)


def _step(points: Floats, levels: NDArray[np.intp], mask: Mask) -> float:
    """Distance of neighbouring vertebrae, px; of a single one a little more than its size."""
    if len(points) < 2:
        return float(1.2 * np.sqrt(mask.sum()))
    return float(np.median(np.linalg.norm(np.diff(points, axis=0), axis=1) / np.diff(levels)))


def _outward(points: Floats, step: float) -> Floats:
    """Direction in which the chain that begins with `points` would go on beyond its first point, one step long."""
    if len(points) < 2:
        return np.zeros(2)
    out = points[0] - points[1]
    return step * out / max(float(np.linalg.norm(out)), 1e-9)


def _along(centre: Floats, start: Floats, direction: Floats, step: float) -> bool:
    offset = centre - start
    # A chain of one vertebra has no direction: whatever lies up or down from it may be its neighbour.
    if not direction.any():
        return bool(abs(offset[1]) > 0.5 * step and abs(offset[0]) < SIDEWAYS * step)
    forward = float(offset @ direction) / step
    aside = abs(float(offset[0] * direction[1] - offset[1] * direction[0])) / step
    # The spine curves on: the further away, the wider the corridor.
    return forward > 0.5 * step and aside < max(SIDEWAYS * step, 0.5 * forward)


def _inside(centre: Floats, upper: Floats, lower: Floats, step: float) -> bool:
    line = lower - upper
    length = float(np.linalg.norm(line))
    forward = float((centre - upper) @ line) / length
    aside = abs(float((centre - upper)[0] * line[1] - (centre - upper)[1] * line[0])) / length
    return 0.5 * step < forward < length - 0.5 * step and aside < SIDEWAYS * step
