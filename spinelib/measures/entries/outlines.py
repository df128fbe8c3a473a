"""Metrics of outlines: what `spinelib.measures.scoring` computes of every structure. A new one is an entry here."""

from __future__ import annotations

from spinelib.measures.metric import LENGTH, Column, Kind, Metric, Table
from spinelib.measures.pair import NSD_TOLERANCE

_LENGTHS = ("px", "mm", "%")
# With a known spacing in mm, otherwise in % of the reference's length.
_PHYSICAL = ("mm", "%", "px")

OF_PIXELS = (
    Metric(
        "dice",
        "Dice",
        True,
        "overlap of the two outlines: twice the shared area over the sum of both areas",
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

OF_OUTLINES = (
    Metric(
        "hd95",
        "HD95",
        False,
        "how far the outlines lie apart where they are worst, the worst 5 % left out; in % of the reference's length "
        "where no spacing is known",
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
        "share of both outlines that lie as near the other as two readers' do: within "
        f"{100 * NSD_TOLERANCE:.2g} % of the reference's length, or one pixel if that is more",
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
        "Dice of the column: the gaps between the vertebrae are closed in prediction and reference alike",
        function="spinelib.measures.closed:dice_closed",
        structures=("spine",),
    ),
)
