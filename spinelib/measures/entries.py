"""Every metric of the library, one entry each; the order is that of the rows in the case table."""

from __future__ import annotations

from spinelib.measures.metric import LENGTH, Column, Kind, Metric, Table

_LENGTHS = ("px", "mm", "%")
# With a known spacing in mm, otherwise in % of the reference's length.
_PHYSICAL = ("mm", "%", "px")

_OF_PIXELS = (
    Metric(
        "dice",
        "Dice",
        True,
        "twice the overlap over the sum of both areas, 2 TP / (2 TP + FP + FN)",
        Kind.PIXELS,
        "spinelib.measures.overlap:dice",
        shown={
            Table.SCORES: Column(1),
            Table.FILMS: Column(2),
            Table.VOLUMES: Column(1),
            Table.VERTEBRAE: Column(2),
            Table.INDEX: Column(1),
        },
    ),
    Metric(
        "iou",
        "IoU",
        True,
        "overlap over union, TP / (TP + FP + FN)",
        Kind.PIXELS,
        "spinelib.measures.overlap:iou",
        shown={Table.SCORES: Column(2), Table.INDEX: Column(10)},
    ),
    Metric(
        "miou",
        "mIoU",
        True,
        "mean of the IoU of the structure and the IoU of all the rest",
        Kind.PIXELS,
        "spinelib.measures.overlap:miou",
        shown={Table.INDEX: Column(19)},
    ),
    Metric(
        "sensitivity",
        "sensitivity",
        True,
        "share of the structure that is found, TP / (TP + FN)",
        Kind.PIXELS,
        "spinelib.measures.overlap:sensitivity",
        shown={Table.INDEX: Column(12)},
    ),
    Metric(
        "precision",
        "precision",
        True,
        "share of the prediction that is right, TP / (TP + FP)",
        Kind.PIXELS,
        "spinelib.measures.overlap:precision",
        shown={Table.INDEX: Column(22)},
    ),
    Metric(
        "pixel_accuracy",
        "pixel accuracy",
        True,
        "share of all pixels that are right, background included, (TP + TN) / all",
        Kind.PIXELS,
        "spinelib.measures.overlap:pixel_accuracy",
        shown={Table.INDEX: Column(21)},
    ),
)

_OF_OUTLINES = (
    Metric(
        "hd95",
        "HD95",
        False,
        "larger of the two 95th percentiles of the distances from one boundary to the other; in % of the reference's "
        "length where no spacing is known",
        function="spinelib.measures.distances:hd95",
        units=_LENGTHS,
        penalty=LENGTH,
        shown={
            Table.SCORES: Column(3, ("px", "%", "mm")),
            Table.FILMS: Column(3, ("%",)),
            Table.VOLUMES: Column(2, ("mm",)),
            Table.INDEX: Column(2, _PHYSICAL),
        },
    ),
    Metric(
        "assd",
        "ASSD",
        False,
        "mean distance between the boundaries, both directions pooled",
        function="spinelib.measures.distances:assd",
        units=_LENGTHS,
        penalty=LENGTH,
        shown={
            Table.SCORES: Column(4, ("%", "mm")),
            Table.VOLUMES: Column(3, ("mm",)),
            Table.INDEX: Column(6, _PHYSICAL),
        },
    ),
    Metric(
        "nsd",
        "NSD",
        True,
        "share of both boundaries that lie within 1 % of the reference's length of the other",
        function="spinelib.measures.distances:nsd",
        shown={Table.SCORES: Column(5), Table.FILMS: Column(4), Table.INDEX: Column(3)},
    ),
    Metric(
        "boundary_f1",
        "boundary F1",
        True,
        "harmonic mean of the shares of each boundary that lie within 2 px of the other",
        function="spinelib.measures.distances:boundary_f1",
        shown={Table.SCORES: Column(6), Table.INDEX: Column(11)},
    ),
    Metric(
        "dice_closed",
        "Dice, gaps closed",
        True,
        "Dice of the column, discs included, after the gaps between the predicted vertebrae are closed",
        function="spinelib.measures.closed:dice_closed",
        structures=("spine_column",),
    ),
)

_OF_LEVELS = (
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

_OF_ANGLES = (
    Metric(
        "cobb_error",
        "Cobb error",
        False,
        "absolute error of the largest Cobb angle of a film",
        Kind.ANGLES,
        units=("deg",),
        shown={Table.SCORES: Column(8), Table.FILMS: Column(6), Table.ANGLES: Column(7), Table.INDEX: Column(5)},
        short="major curve",
    ),
    Metric(
        "angle_mae",
        "mean angle error",
        False,
        "mean absolute error of a film's three Cobb angles",
        Kind.ANGLES,
        units=("deg",),
        shown={Table.ANGLES: Column(6), Table.INDEX: Column(13)},
        short="all three",
    ),
    Metric(
        "smape",
        "SMAPE",
        False,
        "sum of the absolute errors of a film's three Cobb angles over the sum of predicted and true angles",
        Kind.ANGLES,
        units=("%",),
        shown={Table.SCORES: Column(7), Table.FILMS: Column(5), Table.ANGLES: Column(1), Table.INDEX: Column(4)},
    ),
    Metric(
        "cmae",
        "CMAE",
        False,
        "circular mean of the absolute errors of a film's three Cobb angles",
        Kind.ANGLES,
        units=("deg",),
        shown={Table.ANGLES: Column(2), Table.INDEX: Column(14)},
    ),
)

_OF_VERTEBRAE = (
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
        "share of the found vertebrae that carry the right name",
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

_ANGLE_BY_ANGLE = tuple(
    Metric(
        f"mae_{name}",
        f"error of {name}",
        False,
        f"absolute error of {words}, by the AASCE rule",
        Kind.DERIVED,
        units=("deg",),
        shown={Table.ANGLES: Column(place)},
        short=name,
    )
    for place, name, words in (
        (3, "an1", "the largest of a film's three Cobb angles"),
        (4, "an2", "the Cobb angle above it"),
        (5, "an3", "the Cobb angle below it"),
    )
)

_DERIVED = tuple(
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

ENTRIES = (
    *_OF_PIXELS,
    *_OF_OUTLINES,
    *_OF_LEVELS,
    *_OF_ANGLES,
    *_OF_VERTEBRAE,
    *_ANGLE_BY_ANGLE,
    *_DERIVED,
)
