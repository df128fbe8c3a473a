"""The desk as a picture, for pages on which nothing can be dragged."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from spinelib.apply.desk.correction import Correction
from spinelib.cases.readers.images import to_grey

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDE, TALL = 6.4, 3.6  # inches; the most that all films together take
LETTERS = 14  # of a film's name
DEGREE = "\N{DEGREE SIGN}"


def desk_figure(films: Sequence[Correction]) -> Figure:
    """Films side by side with outline, corners and end vertebrae as they are now. Raises ValueError for none."""
    import matplotlib.pyplot as plt

    if not films:
        raise ValueError("there is no film to draw")
    shapes = [each.seen.size[1] / each.seen.size[0] for each in films]
    tall = min(TALL, WIDE / sum(shapes))
    figure, axes = plt.subplots(
        1, len(films), figsize=(max(tall * sum(shapes), 1.6), tall + 0.4), width_ratios=shapes, squeeze=False
    )
    for ax, film in zip(axes[0], films, strict=True):
        _draw(ax, film)
    return figure


def desk_png(film: Correction) -> bytes:
    """One film as PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    wide = TALL * film.seen.size[1] / film.seen.size[0]
    figure = Figure(figsize=(max(wide, 1.6), TALL + 0.4), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    _draw(figure.subplots(), film)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()


def _draw(ax: Axes, film: Correction) -> None:
    from spinelib.core.shown import short
    from spinelib.plots.cobb import end_lines
    from spinelib.plots.films import overlay
    from spinelib.plots.style import PREDICTION, REFERENCE

    height, width = film.seen.size
    reading = film.reading
    words = f"{reading.angles[0]:.1f}{DEGREE}" if reading.known else "no angle"
    title = f"{short(film.seen.path.stem, LETTERS)}\n{words}"
    overlay(ax, np.asarray(to_grey(film.seen.found.film.pixels)), corners=film.corners, title=title)
    ax.images[0].set_cmap("gray")
    for line in film.seen.outline(film.threshold):
        ax.plot(line[:, 0], line[:, 1], color=PREDICTION, linewidth=0.9)
    for ends in end_lines(reading) if reading.known else []:
        ax.plot(ends[:, 0], ends[:, 1], color=REFERENCE, linewidth=1.6)
    ax.set(xlim=(-0.5, width - 0.5), ylim=(height - 0.5, -0.5))
