"""Reliability diagrams, and entropy against error."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from spinelib.plots.style import label
from spinelib.questions.confidence.asked import SUMS
from spinelib.questions.confidence.reliability import BINS

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMNS, SIDE = 4, 2.1
LEAST_SHARE = 1e-4  # of the pixels: bins with fewer are not drawn


def reliability_diagrams(asked: pd.DataFrame, dataset: str) -> Figure:
    """A panel for each entry of a data set: accuracy against confidence of the pixels near the structures.

    asked: of `ask_confidence`; the area of a point is the share of the pixels, the line is what would be right.
    """
    own = asked[asked["dataset"] == dataset]
    figure, panels = _panels(own, "confidence", "accuracy")
    for ax, part in panels:
        pixels, confidence, right = part[SUMS].sum().to_numpy().reshape(3, BINS)
        met = pixels > LEAST_SHARE * pixels.sum()
        area = 200 * np.sqrt(pixels[met] / pixels.sum())
        ax.plot([0, 1], [0, 1], color="#888888", linewidth=0.8)
        ax.plot(confidence[met] / pixels[met], right[met] / pixels[met], color="#0072B2", linewidth=1)
        ax.scatter(confidence[met] / pixels[met], right[met] / pixels[met], area, color="#0072B2", alpha=0.5)
    return figure


def entropy_and_error(patients: pd.DataFrame, dataset: str) -> Figure:
    """A panel for each entry of a data set: 1 - Dice of every patient against the mean entropy of the maps.

    patients: of `patient_confidence`.
    """
    figure, panels = _panels(patients[patients["dataset"] == dataset], "mean entropy", "1 - Dice")
    for ax, part in panels:
        ax.scatter(part["entropy"], 1 - part["dice"], 12, color="#D55E00", alpha=0.7)
    return figure


def _panels(table: pd.DataFrame, across: str, up: str) -> tuple[Figure, Iterator[tuple[Axes, pd.DataFrame]]]:
    import matplotlib.pyplot as plt

    groups = list(table.groupby("name", sort=False))
    rows = -(-len(groups) // COLUMNS)
    size = (SIDE * COLUMNS, 0.3 + SIDE * rows)
    figure, axes = plt.subplots(rows, COLUMNS, figsize=size, sharex=True, sharey=True, squeeze=False)
    for ax in axes.ravel()[len(groups) :]:
        ax.set_axis_off()
    for ax, (name, _) in zip(axes.ravel(), groups, strict=False):
        ax.set_title(label(str(name)), fontsize=7)
    figure.supxlabel(across, fontsize=8)
    figure.supylabel(up, fontsize=8)
    return figure, ((ax, part) for ax, (_, part) in zip(axes.ravel(), groups, strict=False))
