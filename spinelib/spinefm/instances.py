"""Vertebrae of one film one by one: a mask and a level name each, in anatomical order from above.

(A) The paper counts and scores single vertebrae, and takes C2 and the sacrum as landmarks from which levels are named.
(C) Where a data set has corners a mask is the quadrilateral through them (T1..L5, as in AASCE); where its classes are
levels (C2, ..., S1) a mask is one class of the label map. AASCE shows neither C2 nor S1: the vertebra that would follow
at either end of the labelled chain is extrapolated and serves as its end class.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.arrays import CaseArrays
from spinelib.cases.drawing import RING, fill_polygon
from spinelib.cases.frame import letterbox
from spinelib.cases.readers.landmarks import LEVELS as CORONAL
from spinelib.core.errors import BadInput
from spinelib.core.layout import MANIFEST

# From above; S1 stands for the whole sacrum.
ORDER = (*(f"C{k}" for k in range(1, 8)), *CORONAL, "S1")
# Levels that a reader knows without counting: the walk may start naming at them and ends there.
UPPER, LOWER = "C2", "S1"
ALIAS = {"S": "S1"}

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Instance:
    """One vertebra: its level name ("" where unknown), mask [H,W] on the grid and corners [4,2] px (TL, TR, BL, BR).

    `known` is False for a vertebra inside the labelled chain that has no label of its own (its mask is empty), and
    for one that was extrapolated beyond the chain. `corners` is None where a data set has masks only.
    """

    level: str
    mask: Mask
    known: bool = True
    corners: NDArray[np.float64] | None = None

    @property
    def centroid(self) -> NDArray[np.float64]:
        """Mean (x, y) of the mask's pixels, px; NaN for an empty mask."""
        y, x = np.nonzero(self.mask)
        return np.array([x.mean(), y.mean()]) if len(x) else np.full(2, np.nan)


def instances_of(arrays: CaseArrays, i: int) -> list[Instance]:
    """Vertebrae of film `i` from above, from the first to the last that has a label.

    A level between two labelled ones that has no label comes with an empty mask and `known` False. The list is empty
    where nothing is labelled. Raises BadInput when the data set marks no single vertebrae (see `has_vertebrae`).
    """
    if not has_vertebrae(arrays):
        reason = f"marks no single vertebrae (structures: {', '.join(arrays.classes)})"
        raise BadInput(MANIFEST, reason, "Use films with corners, or masks whose classes are levels (C2 to S1).")
    found = list(_from_corners(arrays, i) if arrays.landmarks.shape[1] else _from_labels(arrays, i))
    labelled = [k for k, instance in enumerate(found) if instance.known]
    return found[labelled[0] : labelled[-1] + 1] if labelled else []


def has_vertebrae(arrays: CaseArrays) -> bool:
    """Whether single vertebrae can be told apart: corners of T1..L5, or at least two classes that are levels."""
    return arrays.landmarks.shape[1] == len(CORONAL) or len(_levels(arrays)) > 1


def has_landmarks(arrays: CaseArrays) -> bool:
    """Whether levels can be named by counting: C2 or S1 is among the labelled structures."""
    return not arrays.landmarks.shape[1] and bool({UPPER, LOWER} & set(_levels(arrays)))


def ends_of(instances: Sequence[Instance]) -> tuple[Instance | None, Instance | None]:
    """The upper and the lower end of a chain, for the end classifier: C2 and S1 where they are labelled.

    Where a chain begins at T1 or ends at L5 instead, the vertebrae "above T1" and "below L5" take their place: the
    last one moved on by its distance from its neighbour, `known` False. None for a chain that ends elsewhere (its
    next vertebra may be off the film or unlabelled), and for an end off the grid.
    """
    if len(instances) < 2:
        return None, None
    first, last = instances[0], instances[-1]
    upper = first if first.level == UPPER else _next(first, instances[1]) if first.level == CORONAL[0] else None
    lower = last if last.level == LOWER else _next(last, instances[-2]) if last.level == CORONAL[-1] else None
    return upper, lower


def is_level(name: str) -> bool:
    """Whether `name` is a vertebra (C1..L5), S1, or S for the sacrum."""
    return ALIAS.get(name, name) in ORDER


def _levels(arrays: CaseArrays) -> dict[str, int]:
    """Label values of those classes that are levels, by level, from above."""
    values = {ALIAS.get(name, name): k for k, name in enumerate(arrays.classes, 1) if is_level(name)}
    return {level: values[level] for level in ORDER if level in values}


def _from_corners(arrays: CaseArrays, i: int) -> Iterator[Instance]:
    inside = letterbox((int(arrays.frames[i, 3]), int(arrays.frames[i, 4])), arrays.grid).inside()
    for level, points in zip(CORONAL, np.asarray(arrays.landmarks[i], np.float64), strict=True):
        mask = _quadrilateral(points, arrays.grid) & inside
        yield Instance(level, mask, bool(mask.any()), points)


def _from_labels(arrays: CaseArrays, i: int) -> Iterator[Instance]:
    labels = np.asarray(arrays.labels[i])
    for level, value in _levels(arrays).items():
        mask = labels == value
        yield Instance(level, mask, bool(mask.any()))


def _quadrilateral(points: NDArray[np.float64], shape: tuple[int, int]) -> Mask:
    out = np.zeros(shape, np.uint8)
    fill_polygon(out, points[RING], 1)
    return out.astype(bool)


def _next(last: Instance, before: Instance) -> Instance | None:
    """The vertebra after `last`, as far from it as `last` from `before`; None where it is off the grid."""
    if not before.known:
        return None
    name = f"{'above' if last.level == CORONAL[0] else 'below'} {last.level}"
    shape = (last.mask.shape[0], last.mask.shape[1])
    if last.corners is not None and before.corners is not None:
        points = 2 * last.corners - before.corners
        mask = _quadrilateral(points, shape)
        return Instance(name, mask, False, points) if mask.any() else None
    mask = _moved(last.mask, last.centroid - before.centroid)
    return Instance(name, mask, False) if mask.any() else None


def _moved(mask: Mask, by: NDArray[np.float64]) -> Mask:
    """The mask moved by (x, y) px, rounded; what leaves the grid is lost."""
    y, x = np.nonzero(mask)
    x, y = x + round(float(by[0])), y + round(float(by[1]))
    inside = (x >= 0) & (x < mask.shape[1]) & (y >= 0) & (y < mask.shape[0])
    out = np.zeros_like(mask)
    out[y[inside], x[inside]] = True
    return out
