"""The metrics of `surface` as the registry asks for them: of a pair of outlines, in a unit."""

from __future__ import annotations

from collections.abc import Callable

from spinelib.measures import surface
from spinelib.measures.pair import Pair


def hd95(pair: Pair, unit: str) -> float:
    """95th percentile of the Hausdorff distance in px, mm, or % of the reference's length."""
    return _in_unit(surface.hd95, pair, unit)


def assd(pair: Pair, unit: str) -> float:
    """Average symmetric surface distance in px, mm, or % of the reference's length."""
    return _in_unit(surface.assd, pair, unit)


def nsd(pair: Pair, unit: str) -> float:
    """Normalised surface Dice, 0..1; the tolerance is a share of the reference's length, and never less than a pixel.

    Of pixels that are not square the finest side counts.
    """
    pixel = min(pair.scales[pair.physical])
    # Distances of one pixel exactly may be rounded up.
    tolerance = max(pair.nsd_tolerance * pair.length, pixel * (1 + 1e-9))
    return surface.nsd(pair.distances[pair.physical], tolerance)


def boundary_f1(pair: Pair, unit: str) -> float:
    """Boundary F1, 0..1; the tolerance is in pixels, of the finest axis where they are not square."""
    first, size = next(iter(pair.scales.items()))
    return surface.boundary_f1(pair.distances[first], pair.boundary_tolerance * min(size))


def _in_unit(function: Callable[[surface.Distances], float], pair: Pair, unit: str) -> float:
    if unit == "%":
        return 100 * function(pair.distances[pair.physical]) / pair.length
    return function(pair.distances[unit])
