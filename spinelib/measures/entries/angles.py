"""Errors of Cobb angles."""

from __future__ import annotations

from spinelib.measures.metric import Column, Kind, Metric, Table

OF_ANGLES = (
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
        "error of a film's three Cobb angles in % of them: summed errors over the sum of predicted and true angles",
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

ANGLE_BY_ANGLE = tuple(
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
        (3, "an1", "the first of a film's three Cobb angles, the largest"),
        (4, "an2", "the second of a film's three Cobb angles"),
        (5, "an3", "the third of a film's three Cobb angles"),
    )
)
