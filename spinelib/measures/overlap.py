"""Overlap metrics, all from one pass over the pixels.

Each structure is scored one against the rest: TP, FP, FN and TN are counted for it alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spinelib.measures.metric import Kind
from spinelib.measures.registry import of_kind

Counts = NDArray[np.int64]
Labels = NDArray[np.integer]
Floats = NDArray[np.float64]


def count(prediction: NDArray[np.integer], reference: NDArray[np.integer], structures: int) -> Counts:
    """TP, FP, FN, TN of every structure: two class maps of one shape (0..structures) to [structures, 4].

    Raises ValueError when the shapes differ or a map holds a class beyond `structures`.
    """
    last = max((int(m.max()) for m in (prediction, reference) if m.size), default=0)
    if last > structures:
        raise ValueError(f"class {last} in a map of {structures} structures")
    total = reference.size
    prediction, reference = crop_to_structures(prediction, reference)
    classes = structures + 1
    # Small codes: fewer bytes to write and to read back.
    kind = np.min_scalar_type(classes**2 - 1)
    code = reference.astype(kind) * kind.type(classes) + prediction.astype(kind)
    joint = np.bincount(code.ravel(), minlength=classes**2).reshape(classes, classes)
    hit = np.diagonal(joint)[1:]
    predicted, actual = joint.sum(axis=0)[1:], joint.sum(axis=1)[1:]
    return np.stack([hit, predicted - hit, actual - hit, total - predicted - actual + hit], axis=1)


def crop_to_structures(prediction: Labels, reference: Labels) -> tuple[Labels, Labels]:
    """Both class maps cut to the box that holds every structure of either (views; one pixel when none).

    Raises ValueError when the shapes differ.
    """
    if prediction.shape != reference.shape:
        raise ValueError(f"prediction {prediction.shape} and reference {reference.shape} differ in shape")
    boxes = _foreground(prediction), _foreground(reference)
    box = tuple(
        slice(min(a, c), max(b, d)) if max(b, d) else slice(0, 1) for (a, b), (c, d) in zip(*boxes, strict=True)
    )
    return prediction[box], reference[box]


def _foreground(labels: Labels) -> list[tuple[int, int]]:
    """Start and stop along each axis of what is not 0; (length, 0) on every axis when nothing is."""
    bounds = []
    for _ in range(labels.ndim):
        hits = np.flatnonzero(labels.reshape(len(labels), -1).max(axis=1))
        bounds.append((int(hits[0]), int(hits[-1]) + 1) if hits.size else (len(labels), 0))
        labels = labels.max(axis=0)
    return bounds


def scores(counts: Counts) -> dict[str, Floats]:
    """Every metric of kind PIXELS by name, from counts [..., 4] (TP, FP, FN, TN): 0..1, and 0/0 is 0."""
    pixels = np.moveaxis(np.asarray(counts, np.float64), -1, 0)
    return {metric.name: metric.compute(*pixels) for metric in of_kind(Kind.PIXELS)}


def dice(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Dice coefficient."""
    return _ratio(2 * tp, 2 * tp + fp + fn)


def iou(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Intersection over union."""
    return _ratio(tp, tp + fp + fn)


def miou(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Mean of the IoU of the structure and the IoU of the rest."""
    return (iou(tp, fp, fn, tn) + iou(tn, fn, fp, tp)) / 2


def sensitivity(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Share of the structure that is found."""
    return _ratio(tp, tp + fn)


def precision(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Share of the prediction that is right."""
    return _ratio(tp, tp + fp)


def pixel_accuracy(tp: Floats, fp: Floats, fn: Floats, tn: Floats) -> Floats:
    """Share of all pixels that are right."""
    return _ratio(tp + tn, tp + fp + fn + tn)


def _ratio(above: Floats, below: Floats) -> Floats:
    return np.divide(above, below, out=np.zeros_like(above), where=below > 0)
