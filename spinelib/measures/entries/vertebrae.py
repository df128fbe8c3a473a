"""Metrics of single vertebrae: found or not, and under which name."""

from __future__ import annotations

from spinelib.measures.metric import Column, Kind, Metric, Table

OF_LEVELS = (
    Metric(
        "level_shift",
        "level shift",
        False,
        "by how many levels the names of the vertebrae are off; of a volume signed, 1 where all are a level too low",
        Kind.LEVELS,
        units=("levels",),
        shown={Table.VERTEBRAE: Column(7), Table.INDEX: Column(18)},
    ),
    Metric(
        "dice_unshifted",
        "Dice, levels counted right",
        True,
        "mean Dice of a volume's structures once the shift of all names that fits best is undone",
        Kind.LEVELS,
        shown={Table.VOLUMES: Column(4), Table.INDEX: Column(16)},
    ),
)

OF_VERTEBRAE = (
    Metric(
        "identified",
        "identified",
        True,
        "share of the vertebrae that a prediction covers with a Dice above 0.4",
        Kind.VERTEBRAE,
        shown={Table.FILMS: Column(1), Table.VERTEBRAE: Column(1), Table.INDEX: Column(7)},
    ),
    Metric(
        "dice_identified",
        "Dice of identified vertebrae",
        True,
        "mean Dice over the vertebrae that are identified, the missed ones left out",
        Kind.VERTEBRAE,
        shown={Table.FILMS: Column(7), Table.VERTEBRAE: Column(3), Table.INDEX: Column(15)},
    ),
    Metric(
        "pq",
        "panoptic quality",
        True,
        "summed IoU of the matched vertebrae over matches plus half of the missed and of the false ones",
        Kind.VERTEBRAE,
        shown={Table.FILMS: Column(8), Table.VERTEBRAE: Column(4), Table.INDEX: Column(8)},
    ),
    Metric(
        "level_accuracy",
        "level accuracy",
        True,
        "share of the labelled vertebrae that are found under the right name; a missed one counts as wrong",
        Kind.VERTEBRAE,
        shown={Table.FILMS: Column(9), Table.VERTEBRAE: Column(5), Table.INDEX: Column(9)},
    ),
    Metric(
        "off_by_one",
        "off by one",
        False,
        "share of the found vertebrae whose name is exactly one level off",
        Kind.VERTEBRAE,
        shown={Table.FILMS: Column(10), Table.VERTEBRAE: Column(6), Table.INDEX: Column(20)},
    ),
    Metric(
        "false_detections",
        "false detections",
        False,
        "vertebrae predicted where the film has none",
        Kind.VERTEBRAE,
        units=("vertebrae",),
        shown={Table.FILMS: Column(11), Table.VERTEBRAE: Column(8), Table.INDEX: Column(17)},
    ),
)
