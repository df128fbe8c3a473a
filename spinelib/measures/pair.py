"""Prediction and reference of one structure of one case: what a metric of outlines is given.

What several metrics need (the boundary distances, the length of the reference) is computed at the first use and kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from spinelib.measures import surface
from spinelib.measures.tolerance import reader_share

NSD_TOLERANCE = reader_share()  # of the reference's length
BOUNDARY_TOLERANCE = 2.0  # px
Scales = dict[str, tuple[float, ...]]


@dataclass(frozen=True)
class Pair:
    """Masks of one structure, bool, neither of them empty, both cut to the box that holds them.

    scales: size of a pixel along each axis by unit ("px", "mm"), the physical one last. image: pixels of the whole
    image along each axis. extent: pixels of the box that holds the reference. Tolerances as `measure` has them.
    """

    prediction: surface.Mask
    reference: surface.Mask
    scales: Scales
    image: tuple[int, ...]
    extent: tuple[int, ...]
    nsd_tolerance: float = NSD_TOLERANCE
    boundary_tolerance: float = BOUNDARY_TOLERANCE

    @property
    def physical(self) -> str:
        """The unit of the real world where it is known: "mm", otherwise "px"."""
        return list(self.scales)[-1]

    @cached_property
    def length(self) -> float:
        """Length of the reference in the physical unit: the diagonal of its box."""
        return diagonal(self.extent, self.scales[self.physical])

    @cached_property
    def distances(self) -> dict[str, surface.Distances]:
        """Boundary distances by unit; square pixels need one search, the second unit is a factor."""
        found: dict[str, surface.Distances] = {}
        for unit, size in self.scales.items():
            if "px" in found and min(size) == max(size):
                found[unit] = surface.Distances(*(d * size[0] for d in found["px"]))
            else:
                found[unit] = surface.boundary_distances(self.prediction, self.reference, size)
        return found


def diagonal(extent: Sequence[int], size: Sequence[float]) -> float:
    """Diagonal of a box of so many pixels along each axis, in the unit of a pixel's size."""
    return float(np.hypot.reduce(np.multiply(extent, size)))
