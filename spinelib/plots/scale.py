"""Axes that one far value does not squeeze."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Interquartile ranges beyond the quartiles at which a value is far (Tukey's outer fence), and the least share of the
# axis that the others get; where they have so much anyway, nothing is cut.
FENCE, SHARE = 3.0, 0.4
MANY = 5  # fewer values than these have no usual range
ROOM = 0.06


def near_limits(mean: ArrayLike, low: ArrayLike, high: ArrayLike) -> tuple[float, float] | None:
    """Ends of an axis for the intervals [n] whose mean is not far from the others; None where all fit well.

    NaN have no say. At most a fifth of the values are far; with more, they are no exceptions.
    """
    table = np.stack(np.broadcast_arrays(*(np.asarray(part, float) for part in (mean, low, high))))
    table = table[:, np.isfinite(table).all(axis=0)]
    far = _far(table[0])
    if not far.any() or far.mean() > 0.2:
        return None
    start, end = float(table[1, ~far].min()), float(table[2, ~far].max())
    if end - start > SHARE * (table[2].max() - table[1].min()):
        return None
    space = ROOM * (end - start) or ROOM
    return start - space, end + space


def _far(mean: NDArray[np.float64]) -> NDArray[np.bool_]:
    if len(mean) < MANY:
        return np.zeros(len(mean), bool)
    first, third = np.percentile(mean, [25, 75])
    return np.asarray((mean < first - FENCE * (third - first)) | (mean > third + FENCE * (third - first)))


def cut_axis(ax: Axes, ends: ArrayLike, y: ArrayLike, colours: Sequence[str], also: ArrayLike = ()) -> None:
    """Let the x axis of rows at `y` [n] end where the others do; a far row gets an arrow and its numbers at the edge.

    ends: mean, low and high [n,3] as they were drawn; also: further values that the axis shows. Nothing happens
    where `near_limits` finds no far one.
    """
    table = np.asarray(ends, float)
    limits = near_limits(*table.T)
    if limits is None:
        return
    more, space = np.asarray(also, float), ROOM * (limits[1] - limits[0])
    limits = float(np.min([limits[0], *(more - space)])), float(np.max([limits[1], *(more + space)]))
    ax.set_xlim(*limits)
    for (value, start, end), height, colour in zip(table, np.asarray(y, float), colours, strict=True):
        if np.isfinite(value) and not limits[0] <= value <= limits[1]:
            right = value > limits[1]
            edge, side = (0.985, "right") if right else (0.015, "left")
            where = ax.get_yaxis_transform()
            ax.plot([edge], [height], ">" if right else "<", color=colour, markersize=6, transform=where)
            words = f"off the axis: {value:.3g} [{start:.3g}, {end:.3g}]".replace("-", "\N{MINUS SIGN}")
            shift = (-8 if right else 8, 0)
            style: dict[str, Any] = {"textcoords": "offset points", "ha": side, "va": "center", "fontsize": 8}
            # White below the words, so that what is left of the row's line does not cross them.
            box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
            ax.annotate(words, (edge, height), shift, xycoords=where, bbox=box, **style)
