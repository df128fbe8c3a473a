"""Figures of films and volumes stand on dark ground, as films do on a light box: on a light page and on a dark one.

Everything around the pictures that is drawn in dark greys becomes light; what lies on a picture stays as it is, and so
does every colour, because a legend must match the lines that it names.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Text

GROUND: Final = "#14191E"
# Greys from black to the middle, and how much of a colour (largest minus least part) still counts as grey.
DARK, PURE = 0.5, 0.1


def darken(figure: Figure) -> None:
    """Put `figure` on dark ground, the words and frames around its pictures light. A second call changes nothing."""
    figure.set_facecolor(GROUND)
    for part in _around(figure):
        _lighten(part)


def _around(figure: Figure) -> Iterator[Artist]:
    """Everything of a figure but pictures and what is drawn on them."""
    yield from figure.texts
    for legend in figure.legends:
        yield from legend.findobj()
    for ax in figure.axes:
        yield from _of_axes(ax)


def _of_axes(ax: Axes) -> Iterator[Artist]:
    from matplotlib.axis import Axis
    from matplotlib.spines import Spine
    from matplotlib.text import Text

    pictured = bool(ax.images)
    if not pictured:
        ax.set_facecolor(GROUND)
    for part in ax.get_children():
        if isinstance(part, Axis | Spine):
            yield from part.findobj() if ax.axison else ()
        elif isinstance(part, Text):
            yield from () if pictured and _lies_on(part, ax) else (part,)
        elif not pictured and part is not ax.patch:
            yield from part.findobj()


def _lies_on(text: Text, ax: Axes) -> bool:
    """Whether a text begins within the axes; a title stands above them."""
    from matplotlib.backends.backend_agg import RendererAgg

    if text in (ax.title, *(getattr(ax, f"_{side}_title") for side in ("left", "right"))):
        return False
    if hasattr(text, "update_positions"):
        text.update_positions(RendererAgg(1, 1, ax.figure.dpi))  # an annotation knows its place only then
    place = ax.transAxes.inverted().transform(text.get_transform().transform(text.get_unitless_position()))
    return bool((place >= 0).all() and (place <= 1).all())


def _lighten(part: Artist) -> None:
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch
    from matplotlib.text import Text

    if isinstance(part, Text | Line2D):
        part.set_color(_light(part.get_color()))
    if isinstance(part, Line2D):
        part.set_markeredgecolor(_light(part.get_markeredgecolor()))
    if isinstance(part, Patch):
        part.set_edgecolor(_light(part.get_edgecolor()))
    if isinstance(part, Legend):
        part.get_frame().set_facecolor(GROUND)


def _light(colour: Any) -> Any:
    """A dark grey turned into as light a one; any other colour as it is."""
    from matplotlib.colors import to_rgba

    red, green, blue, alpha = to_rgba(colour)
    if max(red, green, blue) - min(red, green, blue) > PURE or max(red, green, blue) >= DARK:
        return colour
    return 1 - red, 1 - green, 1 - blue, alpha
