"""Names of lines and points beside the axes, in the order in which these stand.

No lines lead from the names to their points, where they would cross: each name has its point's own colour and mark.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from spinelib.plots.names import plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Height of one line of a label, inches, and letters on it.
LINE, LETTERS = 0.17, 24


def column_height(texts: Sequence[str]) -> float:
    """Height that the labels `texts` need in a column, inches."""
    return LINE * sum(0.75 * text.count("\n") + 1 for text in texts)


def sparse(points: Sized) -> float | None:
    """How a line of these points is marked (matplotlib's markevery): a mark at each tenth; one alone has its mark."""
    return 0.1 if len(points) > 1 else None


def names_beside(ax: Axes, y: ArrayLike, texts: Sequence[str], looks: Sequence[Mapping[str, Any]]) -> None:
    """Names right of the axes, that of the highest of the points or line ends `y` on top; equal ones keep their order.

    looks: how each name's point or line is drawn, as matplotlib's Line2D takes it.
    """
    from matplotlib.lines import Line2D

    values = np.asarray(y, float)
    order = np.argsort(values if ax.yaxis_inverted() else -values, kind="stable")
    handles = [Line2D([], [], label=plain_text(texts[i]), **looks[i]) for i in order]
    place: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5), "borderaxespad": 0.3}
    ax.legend(handles=handles, fontsize=8, labelspacing=0.35, handlelength=2.4, frameon=False, **place)
