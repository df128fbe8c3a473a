"""Names of lines and points in a column beside the axes, none over another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Height of one line of a label, inches, and letters on it.
LINE, LETTERS = 0.17, 24
# Where the labels stand, as a share of the axes' width.
BESIDE = 1.07


def column_height(texts: Sequence[str]) -> float:
    """Height that the labels `texts` need in a column, inches."""
    return LINE * len(texts) * max(0.75 * text.count("\n") + 1 for text in texts)


def label_points(ax: Axes, x: ArrayLike, y: ArrayLike, texts: Sequence[str], colours: Sequence[str]) -> None:
    """Names in a column right of the axes, in the order of their points' heights, each tied to its point by a line."""
    rows = len(ax.figure.axes)
    height = 0.8 * ax.figure.bbox.height / ax.figure.get_dpi() / rows
    low, high = ax.get_ylim()
    wanted = (np.asarray(y, float) - low) / (high - low)
    line: dict[str, Any] = {"arrowstyle": "-", "lw": 0.5, "alpha": 0.5, "shrinkA": 0, "shrinkB": 3, "relpos": (0, 0.5)}
    style: dict[str, Any] = {"textcoords": "axes fraction", "va": "center", "fontsize": 8, "linespacing": 0.95}
    places, points = (
        apart(wanted, column_height(texts) / len(texts) / height),
        np.stack([np.asarray(x), np.asarray(y)], axis=1),
    )
    for place, (px, py), text, colour in zip(places, points, texts, colours, strict=True):
        arrow = {**line, "color": colour}
        ax.annotate(text, (px, py), (BESIDE, place), color=colour, arrowprops=arrow, **style)


def apart(wanted: ArrayLike, gap: float) -> np.ndarray:
    """Places [n] in the order of `wanted` (shares of a height), at least `gap` apart and as near to it as that allows.

    They stay within 0..1 where n of them fit, and are centred on it where not.
    """
    order = np.argsort(np.asarray(wanted, float), kind="stable")
    # Without the gaps that must lie below a place, being apart is being in order: pooled means do that.
    free = np.asarray(wanted, float)[order] - gap * np.arange(len(order))
    blocks: list[list[float]] = []
    for value in free:
        blocks.append([float(value)])
        while len(blocks) > 1 and np.mean(blocks[-2]) > np.mean(blocks[-1]):
            blocks[-2:] = [blocks[-2] + blocks[-1]]
    level = np.concatenate([np.full(len(block), np.mean(block)) for block in blocks])
    room = 1 - gap * (len(order) - 1)
    level = np.clip(level, 0, room) if room > 0 else np.full(len(order), room / 2)
    places = np.empty(len(order))
    places[order] = level + gap * np.arange(len(order))
    return places
