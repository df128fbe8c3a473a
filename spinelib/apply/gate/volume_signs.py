"""Signs of an answer to a volume: vertebrae and discs that follow upon each other, or anything else that was outlined.

(C, our choice) Measured on the network's grid, in millimetres where a header says how large a voxel is: a vertebra has
a size that a drawing of one has not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.apply.gate.along import TINY_SHARE, chain_lean, chain_steps, chain_winding, log_sizes, log_trend
from spinelib.core.structures import DISCS, STRUCTURES, VERTEBRAE
from spinelib.measures.cobb.cuts import largest_pieces

if TYPE_CHECKING:
    from spinelib.apply.volume import GridAnswer, OutlinedVolume
    from spinelib.prediction.predictor import Predictor

# Sign by sign: what is said of a volume that it speaks against; {} is the sign's value.
VOLUME_SIGNS = {
    "structures": "{:.0f} vertebrae and discs found, which is not what a volume of the loin shows",
    "missing": "vertebrae or discs are missing between others",
    "swapped": "vertebrae and discs do not lie in their order from top to bottom",
    "lowest": "neither the sacrum nor L5 is among what was found",
    "sizes": "sizes of vertebrae jump from one to the next",
    "discs": "sizes of discs jump from one to the next",
    "flatness": "discs have not the size that goes with the vertebrae",
    "size": "vertebrae are too large or too small for a person's",
    "pitch": "vertebrae do not lie as far from each other as a person's",
    "spacing": "vertebrae are unevenly spaced",
    "winding": "the column winds more than a spine does",
    "lean": "the column does not run from top to bottom",
    "pieces": "vertebrae or discs fell into pieces",
    "away": "much was outlined that lies away from the column",
    "inside": "the network is unsure inside the outline",
    "edges": "the outline is blurred",
    "share": "what was outlined is too large or too small for the spine in a volume",
    "aside": "the column does not lie in the middle slices",
    "depth": "the column does not lie where a spine does from front to back",
    "above": "the column does not begin where a spine does in a volume of the loin",
    "below": "the column does not end where a spine does in a volume of the loin",
}
# Those that say whether the outlines are right. Where the column lies says what was scanned.
VOLUME_SURE = (
    *("structures", "missing", "swapped", "sizes", "discs", "spacing", "winding"),
    *("pieces", "away", "inside", "edges"),
)
# Places from below, the sacrum's being 0: a disc lies between two vertebrae.
HEIGHTS = {name: 2 * k for k, name in enumerate(VERTEBRAE)} | {name: 2 * k + 1 for k, name in enumerate(DISCS)}
# Voxels below which a structure was not found; vertebrae below which there is no column.
FEWEST_VOXELS, FEWEST_VERTEBRAE = 8, 3
# Probability below which a voxel is blurred; how far from the column's line is away, in distances of vertebrae.
BLURRED_BELOW, AWAY = 0.6, 1.5
# Points of the line through the column, for distances.
POINTS = 100


@dataclass(frozen=True)
class _Found:
    """Structures from below: places [S] of HEIGHTS, centres [S, 3] mm (deep, down, back), volumes [S] mm3."""

    places: NDArray[np.intp]
    centres: NDArray[np.float64]
    volumes: NDArray[np.float64]
    pieces: NDArray[np.intp]

    @classmethod
    def of(cls, answer: GridAnswer) -> _Found:
        """From the largest piece of each structure; `pieces` is the map [D, H, W] of these."""
        pieces = largest_pieces(answer.labels.astype(np.intp))
        counts = np.bincount(pieces.ravel(), minlength=len(STRUCTURES) + 1)
        numbers = np.array([k for k in range(1, len(STRUCTURES) + 1) if counts[k] >= FEWEST_VOXELS], np.intp)
        at = np.array(ndimage.center_of_mass(pieces > 0, pieces, numbers), np.float64).reshape(-1, 3)
        places = np.array([HEIGHTS[STRUCTURES[k - 1]] for k in numbers], np.intp)
        order = np.argsort(places)
        volumes = np.asarray(counts[numbers] * float(np.prod(answer.mm)), np.float64)
        return cls(places[order], (at * answer.mm)[order], volumes[order], pieces)

    def some(self, disc: bool) -> NDArray[np.bool_]:
        """Which are discs, or vertebrae above the sacrum [S]."""
        return (self.places % 2 == 1) if disc else (self.places % 2 == 0) & (self.places > 0)


def count_structures(found: OutlinedVolume) -> int:
    """Vertebrae and discs in the class map of a volume."""
    return int((np.bincount(found.labels.ravel(), minlength=2)[1:] > 0).sum())


def measure_volume(_: Predictor, found: OutlinedVolume) -> dict[str, float] | None:
    """The signs of a volume by name, as in VOLUME_SIGNS; None where fewer than three vertebrae were found."""
    answer = found.on_grid
    if answer is None:
        return None
    column = _Found.of(answer)
    if column.some(disc=False).sum() < FEWEST_VERTEBRAE:
        return None
    signs = _order(column) | _sizes(column) | _outline(answer, column) | _place(answer, column)
    return {name: float(signs[name]) for name in VOLUME_SIGNS}


def _order(column: _Found) -> dict[str, float]:
    """Which structures there are, and whether they follow upon each other from the lowest up."""
    rises = np.diff(column.centres[:, 1])
    deep, down, back = column.centres[0] - column.centres[-1]
    return {
        "structures": len(column.places),
        "missing": int(np.ptp(column.places)) + 1 - len(column.places),
        "swapped": float((rises >= 0).mean()),
        "lowest": float(min(column.places[0], 4)),
        "winding": chain_winding(column.centres),
        "lean": chain_lean(float(down), float(np.hypot(deep, back))),
    }


def _sizes(column: _Found) -> dict[str, float]:
    """Sizes of vertebrae and discs, and distances of vertebrae; the sacrum is none of them."""
    bodies, discs = column.some(disc=False), column.some(disc=True)
    pitch = chain_steps(column.centres[bodies]) / (np.diff(column.places[bodies]) / 2)
    size = float(np.median(log_sizes(column.volumes[bodies])))
    thin = float(np.median(log_sizes(column.volumes[discs]))) if discs.any() else 0.0
    return {
        "sizes": log_trend(column.volumes[bodies])[1],
        "discs": log_trend(column.volumes[discs])[1],
        "flatness": thin - size,
        "size": size,
        "pitch": float(np.median(log_sizes(pitch))),
        "spacing": log_trend(pitch)[1],
    }


def _outline(answer: GridAnswer, column: _Found) -> dict[str, float]:
    """How large, how sharp and how whole the outlines are."""
    mask = answer.labels > 0
    count = int(mask.sum())
    blurred = int(((answer.chance < BLURRED_BELOW) & answer.inside).sum())
    return {
        "pieces": float(np.log(TINY_SHARE + (mask & (column.pieces == 0)).sum() / count)),
        "away": float(np.log(TINY_SHARE + _away(answer, column).mean())),
        "inside": float(answer.chance[mask].mean()),
        "edges": float(np.log(max(blurred, 1) / count)),
        "share": float(np.log(count / max(int(answer.inside.sum()), 1))),
    }


def _away(answer: GridAnswer, column: _Found) -> NDArray[np.bool_]:
    """Which outlined voxels lie farther than AWAY from the line through the column, seen from the side."""
    from scipy.spatial import cKDTree

    line = column.centres[:, 1:]
    at = np.linspace(0, len(line) - 1, POINTS)
    points = np.stack([np.interp(at, np.arange(len(line)), line[:, axis]) for axis in range(2)], 1)
    voxels = np.argwhere(answer.labels > 0)[:, 1:] * np.array(answer.mm[1:])
    bodies = column.some(disc=False)
    pitch = float(np.median(chain_steps(column.centres[bodies])))
    return np.asarray(cKDTree(points).query(voxels)[0] > AWAY * pitch)


def _place(answer: GridAnswer, column: _Found) -> dict[str, float]:
    """Where the column lies in the volume, as shares of what the network sees of it."""
    slices = np.flatnonzero(answer.inside.any((1, 2)))
    deep, down, back = (column.centres / answer.mm).T
    middle = (float(deep.mean()) - slices[0] + 0.5) / len(slices)
    rows, columns = answer.labels.shape[1:]
    return {
        "aside": abs(middle - 0.5),
        "depth": float(back.mean()) / columns,
        "above": float(down.min()) / rows,
        "below": 1 - float(down.max()) / rows,
    }
