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
        (
            *("dice_patient_spread", "spread over patients", "1"),
            "distance of a patient's Dice from the median over the patients",
        ),
        (
            "settled_epoch",
            "settled after",
            "epochs",
            "epoch from which on the validation loss stays near its last value",
        ),
        (
            "loss_wobble",
            "wobble of the loss",
            "1",
            "standard deviation of the validation loss in the second half over its fall",
        ),
        ("loss_gap", "gap of the losses", "nat", "validation loss less training loss at the end of a training"),
        ("params", "parameters", "1", "numbers that a network learns"),
        ("flops", "FLOPs", "1", "floating-point operations of one prediction"),
        ("train_seconds", "training seconds", "s", "seconds that the training took"),
    )
)
