"""Every metric of every structure of one case, with a status and a penalty where one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.measures import overlap, surface

NSD_TOLERANCE = 0.01  # of the reference's length
BOUNDARY_TOLERANCE = 2.0  # px
Box = tuple[slice, ...]
Row = dict[str, Any]


def measure(
    prediction: NDArray[np.integer],
    reference: NDArray[np.integer],
    classes: Sequence[str],
    spacing: Sequence[float] | None = None,
    *,
    nsd_tolerance: float = NSD_TOLERANCE,
    boundary_tolerance: float = BOUNDARY_TOLERANCE,
) -> list[Row]:
    """Score one case: rows of structure, metric, value, unit and status for every class.

    prediction, reference: class maps [H,W] or [D,H,W]; 0 is background, k is classes[k-1]. spacing: mm per
    pixel along each axis, None when unknown. Overlap, NSD and boundary F1 are 0..1 (unit "1"). HD95 and ASSD
    come in px (2-D, or no spacing), in mm (with spacing) and in % of the reference's length. That length is
    the diagonal of the reference's bounding box: for a spine, the spine's. `nsd_tolerance` is a share of it,
    `boundary_tolerance` is in px (of the finest axis in 3-D).

    Status and penalty: ``ok``; ``empty_prediction`` overlap 0, distances 100 % of the length;
    ``empty_reference`` overlap 0, distances 100 % of the image's diagonal; ``absent`` (both empty) NaN.
    Raises ValueError for maps of different shape, a class beyond the last, or a spacing that is not one
    positive number per axis.
    """
    scales = _scales(spacing, prediction.ndim)
    shape = reference.shape
    counts = overlap.count(prediction, reference, len(classes))
    prediction, reference = overlap.crop(prediction, reference)
    predicted, actual = (_boxes(m, len(classes)) for m in (prediction, reference))
    by_name = overlap.scores(counts)
    rows: list[Row] = []
    for k, name in enumerate(classes):
        boxes = predicted[k], actual[k]
        status = _status(*boxes)
        values: list[tuple[str, float, str]] = [(metric, float(v[k]), "1") for metric, v in by_name.items()]
        if status == "ok":
            box = _union(*boxes)
            masks = prediction[box] == k + 1, reference[box] == k + 1
            values += _distances(*masks, _extent(actual[k]), scales, nsd_tolerance, boundary_tolerance)
        else:
            values += _penalties(_extent(actual[k]) or shape, scales)
        rows += [
            {
                "structure": name,
                "metric": m,
                "value": np.nan if status == "absent" else v,
                "unit": u,
                "status": status,
            }
            for m, v, u in values
        ]
    return rows


def _scales(spacing: Sequence[float] | None, dims: int) -> dict[str, tuple[float, ...]]:
    """Pixel size by unit; the last unit is the physical one."""
    pixels = {"px": (1.0,) * dims}
    if spacing is None:
        return pixels
    mm = tuple(float(s) for s in spacing)
    if len(mm) != dims or not all(np.isfinite(s) and s > 0 for s in mm):
        raise ValueError(f"spacing {mm} is not one positive number for each of {dims} axes")
    return {**pixels, "mm": mm} if dims == 2 else {"mm": mm}


def _boxes(labels: NDArray[np.integer], structures: int) -> list[Box | None]:
    return ndimage.find_objects(labels.astype(np.uint8, copy=False), max_label=structures)


def _status(predicted: Box | None, actual: Box | None) -> str:
    if actual is None:
        return "absent" if predicted is None else "empty_reference"
    return "empty_prediction" if predicted is None else "ok"


def _union(a: Box | None, b: Box | None) -> Box:
    assert a is not None
    assert b is not None
    return tuple(slice(min(p.start, q.start), max(p.stop, q.stop)) for p, q in zip(a, b, strict=True))


def _extent(box: Box | None) -> tuple[int, ...]:
    return tuple(s.stop - s.start for s in box) if box else ()


def _diagonal(extent: Sequence[int], size: Sequence[float]) -> float:
    return float(np.hypot.reduce(np.multiply(extent, size)))


def _distances(
    prediction: surface.Mask,
    reference: surface.Mask,
    extent: Sequence[int],
    scales: dict[str, tuple[float, ...]],
    nsd_tolerance: float,
    boundary_tolerance: float,
) -> Iterator[tuple[str, float, str]]:
    """Surface metrics of two masks that are not empty; `extent` is the reference's bounding box in px."""
    found = _in_each_unit(prediction, reference, scales)
    first, physical = next(iter(scales)), list(scales)[-1]
    length = _diagonal(extent, scales[physical])
    for name, function in (("hd95", surface.hd95), ("assd", surface.assd)):
        values = {unit: function(d) for unit, d in found.items()}
        yield from ((name, value, unit) for unit, value in values.items())
        yield name, 100 * values[physical] / length, "%"
    yield "nsd", surface.nsd(found[physical], nsd_tolerance * length), "1"
    yield "boundary_f1", surface.boundary_f1(found[first], boundary_tolerance * min(scales[first])), "1"


def _in_each_unit(
    prediction: surface.Mask, reference: surface.Mask, scales: dict[str, tuple[float, ...]]
) -> dict[str, surface.Distances]:
    """Boundary distances by unit; square pixels need one search, the second unit is a factor."""
    found: dict[str, surface.Distances] = {}
    for unit, size in scales.items():
        if "px" in found and min(size) == max(size):
            found[unit] = surface.Distances(*(d * size[0] for d in found["px"]))
        else:
            found[unit] = surface.boundary_distances(prediction, reference, size)
    return found


def _penalties(extent: Sequence[int], scales: dict[str, tuple[float, ...]]) -> Iterator[tuple[str, float, str]]:
    """What a missing or invented structure scores: distances as long as `extent`'s diagonal, shares 0."""
    for name in ("hd95", "assd"):
        yield from ((name, _diagonal(extent, size), unit) for unit, size in scales.items())
        yield name, 100.0, "%"
    yield from ((name, 0.0, "1") for name in ("nsd", "boundary_f1"))
