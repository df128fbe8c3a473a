"""Metrics that a question computes for itself, and costs: no table chooses them as columns."""

from __future__ import annotations

from spinelib.measures.metric import Kind, Metric

DERIVED = tuple(
    Metric(name, title, False, definition, Kind.DERIVED, units=(unit,), shown={})
    for name, title, unit, definition in (
        ("ed", "Euclidean distance", "deg", "Euclidean distance of predicted and true angles of a film"),
        ("md", "Manhattan distance", "deg", "sum of the absolute errors of a film's three Cobb angles"),
        ("cd", "Chebyshev distance", "deg", "largest absolute error among a film's three Cobb angles"),
        ("category_errors", "category errors", "structures", "structures of a volume that were missed or invented"),
        ("dice_view_sd", "spread over views", "1", "standard deviation of a patient's Dice over the views"),
        ("params", "parameters", "1", "numbers that a network learns"),
        ("flops", "FLOPs", "1", "floating-point operations of one prediction"),
        ("train_seconds", "training seconds", "s", "seconds that the training took"),
    )
)
