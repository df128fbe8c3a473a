"""Every metric of every structure of one case, with a status and a penalty where one is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.measures import overlap
from spinelib.measures.metric import LENGTH, Kind, Metric
from spinelib.measures.pair import BOUNDARY_TOLERANCE, NSD_TOLERANCE, Pair, Scales, diagonal
from spinelib.measures.registry import of_kind

Box = tuple[slice, ...]
Row = dict[str, Any]
LENGTHS = ("px", "mm")


def measure(
    prediction: NDArray[np.integer],
    reference: NDArray[np.integer],
    classes: Sequence[str],
    spacing: Sequence[float] | None = None,
    *,
    nsd_tolerance: float = NSD_TOLERANCE,
    boundary_tolerance: float = BOUNDARY_TOLERANCE,
) -> list[Row]:
    """Score one case by the registry: rows of structure, metric, value, unit and status for every class.

    prediction, reference: class maps [H,W] or [D,H,W]; 0 is background, k is classes[k-1]. spacing: mm per
    pixel along each axis, None when unknown. Overlap, NSD and boundary F1 are 0..1 (unit "1"). HD95 and ASSD
    come in px (2-D, or no spacing), in mm (with spacing) and in % of the reference's length. That length is
    the diagonal of the reference's bounding box: for a spine, the spine's. `nsd_tolerance` is a share of it
    (never less than a pixel), `boundary_tolerance` is in px (of the finest axis in 3-D).

    Status and penalty: ``ok``; ``empty_prediction`` overlap 0, distances 100 % of the length;
    ``empty_reference`` overlap 0, distances 100 % of the image's diagonal; ``absent`` (both empty) NaN.
    Raises ValueError for maps of different shape, a class beyond the last, or a spacing that is not one
    positive number per axis.
    """
    scales = _scales(spacing, prediction.ndim)
    shape = reference.shape
    counts = overlap.count(prediction, reference, len(classes))
    prediction, reference = overlap.crop_to_structures(prediction, reference)
    predicted, actual = (_boxes(m, len(classes)) for m in (prediction, reference))
    of_pixels = overlap.scores(counts)
    rows: list[Row] = []
    for k, name in enumerate(classes):
        status, pair, extent = _status(predicted[k], actual[k]), None, _extent(actual[k])
        if status == "ok":
            box = _union(predicted[k], actual[k])
            masks = prediction[box] == k + 1, reference[box] == k + 1
            pair = Pair(*masks, scales, shape, extent, nsd_tolerance, boundary_tolerance)
        rows += [_row(name, known, float(values[k]), "1", status) for known, values in of_pixels.items()]
        for metric, unit in _asked(name, scales):
            value = metric.compute(pair, unit) if pair else _penalty(metric, unit, extent or shape, scales)
            rows.append(_row(name, metric.name, value, unit, status))
    return rows


def _asked(structure: str, scales: Scales) -> Iterator[tuple[Metric, str]]:
    """The metrics of a structure's outlines, each in those of its units that the case has."""
    for metric in of_kind(Kind.OUTLINES, structure):
        yield from ((metric, unit) for unit in metric.units if unit in scales or unit not in LENGTHS)


def _penalty(metric: Metric, unit: str, extent: Sequence[int], scales: Scales) -> float:
    """What a missing or invented structure scores; a distance is as long as the diagonal of `extent`."""
    if metric.penalty != LENGTH:
        return float(metric.penalty)
    return 100.0 if unit == "%" else diagonal(extent, scales[unit])


def _row(structure: str, metric: str, value: float, unit: str, status: str) -> Row:
    value = np.nan if status == "absent" else value
    return {"structure": structure, "metric": metric, "value": value, "unit": unit, "status": status}


def _scales(spacing: Sequence[float] | None, dims: int) -> Scales:
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
