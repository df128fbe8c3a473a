"""Films with the end vertebrae of their major curve, and what the confidence of a reading is worth.

Figures are at most 6.4 inches wide. (C, our choice) A line runs along the mid-line of an end vertebra, which is what
the AASCE rule measures, and is drawn through the outer end-plate, where a surgeon puts it: the angle between two lines
is the one that is written beside them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from spinelib.plots.films import overlay
from spinelib.plots.style import PREDICTION, REFERENCE

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from spinelib.measures.cobb.reading import Reading

ROW = 6.4
# Length of an end-plate line in widths of its vertebra, to either side.
REACH = 1.6
DEGREE = "\N{DEGREE SIGN}"
LEAST = 2.8  # inches that the legend takes
LOOKS: dict[str, tuple[str, Any]] = {"reference": (REFERENCE, "--"), "prediction": (PREDICTION, "-")}
# What angles were read from, by `read_from` of the rows.
SOURCES = {"vertebrae": ("#0072B2", "o"), "centreline": ("#D55E00", "^")}


def end_lines(reading: Reading) -> np.ndarray:
    """Ends [2, 2, 2] px of the lines of the upper and the lower end vertebra of the major curve, (x, y).

    Raises ValueError for a reading without angles.
    """
    if not reading.known:
        raise ValueError(f"a reading that is {reading.status} has no end vertebrae")
    return plate_lines(reading.corners, reading.ends)


def plate_lines(corners: np.ndarray, ends: tuple[int, int]) -> np.ndarray:
    """Ends [2, 2, 2] px, (x, y), of the lines of the curve of vertebrae [V, 4, 2] between the two in `ends`."""
    lines = []
    for k, side in zip(ends, (slice(0, 2), slice(2, 4)), strict=True):
        body = corners[k]
        across = (body[1] + body[3] - body[0] - body[2]) / 2
        middle = body[side].mean(0)
        lines.append([middle - REACH * across, middle + REACH * across])
    return np.array(lines)


def cobb_overlay(
    ax: Axes,
    image: np.ndarray,
    prediction: np.ndarray,
    found: Reading,
    truth: Reading,
    answer: float | None = None,
    title: str = "",
    by: str = "network",
) -> None:
    """A film with the outline of its prediction and the end vertebrae of both major curves.

    image [C,H,W] or [H,W]; prediction [H,W]; found, truth: readings in px of the same grid; answer: major angle in
    degrees that comes by another route, which `by` names. Without angles the words say why.
    """
    overlay(ax, image, prediction=prediction, title=title)
    height, width = np.shape(prediction)
    for name, reading in (("reference", truth), ("prediction", found)):
        colour, style = LOOKS[name]
        for line in end_lines(reading) if reading.known else []:
            ax.plot(line[:, 0], line[:, 1], style, color=colour, linewidth=1.6)
    ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
    read = f"{found.angles[0]:.1f}{DEGREE}" if found.known else f"none: {found.status.replace('_', ' ')}"
    words = [("reference", f"reference {truth.angles[0]:.1f}{DEGREE}"), ("prediction", f"mask {read}")]
    words += [] if answer is None else [("prediction", f"{by} {answer:.1f}{DEGREE}")]
    for row, (name, text) in enumerate(words):
        ax.annotate(
            text, (0, 0), (0, -11 - 12 * row), "axes fraction", "offset points", color=_dark(LOOKS[name][0]), fontsize=9
        )


def _dark(colour: str) -> tuple[float, ...]:
    """The colour as ink on white."""
    from matplotlib.colors import to_rgb

    return tuple(0.62 * part for part in to_rgb(colour))


def cobb_films(
    images: np.ndarray,
    predictions: np.ndarray,
    found: Sequence[Reading],
    truth: Sequence[Reading],
    titles: Sequence[str],
    answers: ArrayLike | None = None,
    by: str = "network",
) -> Figure:
    """Films side by side, each as `cobb_overlay` draws it: images [n,C,H,W], predictions [n,H,W], n of all others."""
    import matplotlib.pyplot as plt
    from matplotlib.lines import Line2D

    count, (height, width) = len(images), predictions.shape[1:]
    wide = min(2.1, ROW / count)
    size = (max(wide * count, LEAST), wide * height / width + 1.0)
    figure, axes = plt.subplots(1, count, figsize=size, squeeze=False, layout="constrained")
    given = [None] * count if answers is None else [float(x) for x in np.asarray(answers, float)]
    for i, ax in enumerate(axes[0]):
        cobb_overlay(ax, images[i], predictions[i], found[i], truth[i], given[i], titles[i], by)
    handles = [Line2D([], [], color=c, linestyle=line, label=name) for name, (c, line) in LOOKS.items()]
    figure.legend(handles=handles, loc="outside lower center", ncols=2)
    return figure


def confidence_error(rows: pd.DataFrame) -> Figure:
    """Error of the major curve, degrees, against the confidence of its reading: a dot per film and entry.

    rows: columns confidence, cobb_error, read_from ("vertebrae" or "centreline"). The line is the median error in five
    bands with as many readings each. Raises ValueError without a row.
    """
    import matplotlib.pyplot as plt

    if rows.empty:
        raise ValueError("no reading to draw")
    figure, ax = plt.subplots(figsize=(4.8, 3.6))
    for name, (colour, mark) in SOURCES.items():
        own = rows[rows["read_from"] == name]
        words = f"read from the {name}, n = {len(own)}"
        if len(own):
            ax.scatter(
                own["confidence"],
                own["cobb_error"],
                s=13,
                color=colour,
                marker=mark,
                alpha=0.45,
                linewidths=0,
                label=words,
            )
    bands = pd.qcut(rows["confidence"].rank(method="first"), min(5, len(rows)), labels=False)
    middle = rows.groupby(np.asarray(bands))[["confidence", "cobb_error"]].median()
    ax.plot(middle["confidence"], middle["cobb_error"], "k.-", linewidth=1.4, label="median of a fifth")
    ax.set_ylim(bottom=0)
    ax.set_xlabel("confidence of the reading (0 to 1)")
    ax.set_ylabel("error of the major curve (degrees)")
    ax.legend(loc="upper right", fontsize=8.5)
    ax.grid(alpha=0.25)
    return figure
