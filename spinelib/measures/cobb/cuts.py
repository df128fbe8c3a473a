"""Where one vertebra of a spine mask ends and the next begins (numpy, scipy).

(C) Our choice, for masks in which vertebrae touch. Lines across the column are tried at every height and in every
direction near the normal; a line that meets little of the mask is a likely gap. Dynamic programming picks the set of
cuts that trades gaps against even spacing, so that a closed gap between two vertebrae is still cut about where it
must be. All lengths are in units of the column's own width, so results do not depend on the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.measures.cobb.column import STEPS, Centreline, Mask, gaussian_smooth
from spinelib.measures.cobb.rules import Floats

Labels = NDArray[np.intp]
# Places of the samples of a cut, in widths; its directions relative to the normal, degrees.
ACROSS, DIRECTIONS = np.linspace(-0.45, 0.45, 13), np.arange(-24.0, 25.0, 4.0)
# Distance of two neighbouring vertebrae over their width: T3..L4 of AASCE lie between 0.76 and 0.84.
PITCH = 0.8
# What a cut earns, and how much more in the middle of a stretch where less than OPEN of a line lies on the mask.
EARNS, FREE, OPEN = 0.5, 1.5, 0.2
# What a turned cut costs at the last direction, uneven spacing per squared log ratio, and a body of which less than
# HOLLOW is mask, at most.
TURNED, UNEVEN, EMPTY = 0.1, 1.5, 0.6
HOLLOW = 0.4
# What the expected number of bodies may cost more than the best number.
SLACK = 0.25
# A cut through less of the mask than this separates two vertebrae.
CLEAR = 0.5
# Share of a component's pixels on one side of a cut that takes the rest along: a corner that reaches over.
WHOLE = 0.85


@dataclass(frozen=True)
class Cuts:
    """Lines across a column, the first and the last at its ends, with K bodies between them.

    at [K + 1]: index into the column's points; tilts [K + 1]: radians; closed [K + 1]: share of the line that lies on
    the mask, 0 at the ends; expected [K]: spacing that is expected at each body, px.
    """

    at: NDArray[np.intp]
    tilts: Floats
    closed: Floats
    expected: Floats


def cut(mask: Mask, line: Centreline, count: int | None = None) -> Cuts:
    """Cuts between the vertebrae of a cleaned mask along its centreline.

    There are `count` bodies where that fits about as well as the number that fits best.
    """
    closed, turned, solid = _closed(mask, line)
    expected = PITCH * gaussian_smooth(line.widths, STEPS) / gaussian_smooth(np.ones(len(line.widths)), STEPS)
    at = _best(closed, solid, expected / line.step, count)
    clear = closed[at] < CLEAR
    clear[[0, -1]] = True
    sound = clear[1:] & clear[:-1]
    if sound.sum() >= 3:
        # The width only says roughly how far vertebrae are apart; those that stand alone say it exactly.
        middle = (at[1:] + at[:-1]) // 2
        expected = expected * np.median(np.diff(at)[sound] * line.step / expected[middle[sound]])
        at = _best(closed, solid, expected / line.step, count)
    share = closed[at]
    share[[0, -1]] = 0
    return Cuts(at, line.tilts[at] + turned[at], share, expected[(at[1:] + at[:-1]) // 2])


def split(mask: Mask, line: Centreline, cuts: Cuts) -> Labels:
    """Label map [H, W] of a cleaned mask: k + 1 between cuts k and k + 1, its largest piece only.

    A component that lies almost wholly between two cuts goes there as a whole.
    """
    bodies = len(cuts.at) - 1
    y, x = np.nonzero(mask)
    point, turn = line.points[cuts.at[1:-1]], cuts.tilts[1:-1]
    beyond = (y[:, None] - point[:, 1]) * np.cos(turn) - (x[:, None] - point[:, 0]) * np.sin(turn)
    label = 1 + (beyond > 0).sum(1)
    part = ndimage.label(mask)[0][y, x]
    shared = np.zeros((part.max() + 1, bodies + 1))
    np.add.at(shared, (part, label), 1)
    whole = shared.max(1) > WHOLE * shared.sum(1)
    out = np.zeros(mask.shape, np.intp)
    out[y, x] = np.where(whole[part], shared.argmax(1)[part], label)
    return largest_pieces(out)


def largest_pieces(labels: Labels) -> Labels:
    """`labels` with the largest piece of each label only."""
    for label, box in enumerate(ndimage.find_objects(labels), 1):
        if box is None:
            continue
        piece, count = ndimage.label(labels[box] == label)
        if count > 1:
            most = np.bincount(piece[piece > 0]).argmax()
            labels[box][(piece > 0) & (piece != most)] = 0
    return labels


def _closed(mask: Mask, line: Centreline) -> tuple[Floats, Floats, Floats]:
    """Least share of the mask on a line across the column at each step [M], that line's turn, the share on the normal.

    Turned lines count a little more.
    """
    turns = np.radians(DIRECTIONS)
    angle = line.tilts[:, None] + turns
    reach = line.widths[:, None, None] * ACROSS
    x = line.points[:, 0, None, None] + np.cos(angle)[..., None] * reach
    y = line.points[:, 1, None, None] + np.sin(angle)[..., None] * reach
    share = ndimage.map_coordinates(mask.astype(np.float32), [y, x], order=1, mode="nearest").mean(-1)
    cost = share + TURNED * (DIRECTIONS / DIRECTIONS[-1]) ** 2
    best = cost.argmin(1)
    straight = share[:, len(turns) // 2]
    return cost[np.arange(len(cost)), best].astype(float), turns[best], straight.astype(float)


def _best(closed: Floats, solid: Floats, expected: Floats, count: int | None) -> NDArray[np.intp]:
    """Steps of the cuts of least cost, from the first step to the last one; `expected` spacing in steps."""
    size = len(closed)
    reach = min(int(2.5 * expected.max()), size - 1)
    most = max(int(2 * size / expected.mean()), 1)
    gaps, number = ndimage.label(closed < OPEN)
    price = closed - EARNS
    for gap in ndimage.find_objects(gaps, number):
        price[(gap[0].start + gap[0].stop) // 2] -= FREE
    step = _steps(solid, expected, reach)
    cost = np.full((size, most + 1), np.inf)
    came = np.zeros((size, most + 1), np.intp)
    cost[0, 0] = 0
    columns = np.arange(most)
    for j in range(1, size):
        total = cost[max(0, j - reach) : j, :-1][::-1] + step[j, : min(j, reach), None]
        best = total.argmin(0)
        came[j, 1:] = j - 1 - best
        cost[j, 1:] = total[best, columns] + price[j]
    bodies = int(cost[-1, 1:].argmin()) + 1
    if count and count <= most and cost[-1, count] <= cost[-1, bodies] + SLACK:
        bodies = count
    at = [size - 1]
    for k in range(bodies, 0, -1):
        at.append(came[at[-1], k])
    return np.array(at[::-1])


def _steps(solid: Floats, expected: Floats, reach: int) -> Floats:
    """What a body of 1 to `reach` steps costs that ends at each step [M,reach]: uneven spacing and emptiness."""
    ends, lengths = np.arange(len(solid))[:, None], np.arange(1, reach + 1)
    mass = np.concatenate([[0.0], np.cumsum(solid)])
    uneven = UNEVEN * np.log(lengths / expected[np.maximum(ends - lengths // 2, 0)]) ** 2
    inside = (mass[ends] - mass[np.maximum(ends - lengths, 0)]) / lengths
    steps: Floats = uneven + EMPTY * np.maximum(1 - inside / HOLLOW, 0)
    return steps
