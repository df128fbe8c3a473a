"""Cases to browse where somebody sits at the notebook: case, view, slice, opacity, one method against another.

The reference is a line, a prediction a tint (and, on films, a line). Two entries stand side by side, or take turns in
one place, so that the eye sees what moves.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spinelib.core.shown import short
from spinelib.plots.films import overlay
from spinelib.plots.style import PREDICTION, label, structure_colour
from spinelib.plots.volumes import draw_slice, grey_window, pick_slices, pixel_ratios
from spinelib.runs.light_box import GROUND, darken

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from spinelib.cases import CaseArrays

NOTHING, ANY = "nothing", "all views"
LAYOUTS = ("side by side", "first", "second")
TALL = 5.6  # inches
DPI = 100


@dataclass(frozen=True)
class Choice:
    """What is shown: a case, one slice of it (volumes), the opacity of the tint, and one or two entries."""

    case: int
    number: int
    opacity: float
    entries: tuple[str, ...]


def case_dice(reference: NDArray[Any], prediction: NDArray[Any], known: NDArray[np.bool_]) -> float:
    """Mean Dice over the `known` [K] classes that either map [*S] has; NaN where neither has one."""
    scores = []
    for k in np.flatnonzero(known) + 1:
        a, b = reference == k, prediction == k
        if a.any() or b.any():
            scores.append(2 * np.count_nonzero(a & b) / (np.count_nonzero(a) + np.count_nonzero(b)))
    return float(np.mean(scores)) if scores else float("nan")


def draw_case(cases: CaseArrays, maps: Mapping[str, NDArray[np.uint8]], choice: Choice) -> bytes:
    """A PNG of one case with one panel per entry of the choice, at least one.

    maps: class maps [n,*S] of all cases by entry (method/variant). Raises KeyError for an entry that is not there.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    reference, shape = cases.labels[choice.case], cases.grid[-2:]
    ratio = _ratio(cases, choice.case)
    shown: tuple[str, ...] = choice.entries or ("",)
    width = TALL * shape[1] / (shape[0] * ratio)
    # Not pyplot's: nothing else may show it or keep it.
    figure = Figure(figsize=(max(width, 1.9) * len(shown), TALL + 0.4), layout="constrained")
    for ax, name in zip(figure.subplots(1, len(shown), squeeze=False)[0], shown, strict=True):
        prediction = maps[name][choice.case] if name else None
        with rc_context({"image.cmap": "gray"}):
            _panel(ax, cases, choice, prediction, ratio)
        words = "reference" if prediction is None else label(name)
        score = np.nan if prediction is None else case_dice(reference, prediction, cases.known[choice.case])
        ax.set_title(words + (f"\nDice {score:.3f}" if np.isfinite(score) else ""), fontsize=9)
        ax.set_axis_off()
    buffer = io.BytesIO()
    darken(figure)
    figure.savefig(buffer, format="png", dpi=DPI, facecolor=GROUND)
    return buffer.getvalue()


def _ratio(cases: CaseArrays, case: int) -> float:
    return float(pixel_ratios(cases.spacing[case], 1)[0]) if len(cases.grid) == 3 else 1.0


def _panel(ax: Axes, cases: CaseArrays, choice: Choice, prediction: NDArray[np.uint8] | None, ratio: float) -> None:
    image, reference = cases.images[choice.case], cases.labels[choice.case]
    if len(cases.grid) == 3:
        window = grey_window(image[0])
        k = choice.number
        draw_slice(ax, image[0, k], reference[k], None, cases.classes, window, ratio)
        plane = None if prediction is None else prediction[k]
    else:
        overlay(ax, image, reference, prediction)
        plane = prediction
    if plane is not None:
        ax.imshow(_tint(plane, cases.classes, choice.opacity), aspect=ratio, interpolation="nearest")


def _tint(plane: NDArray[np.uint8], classes: tuple[str, ...], opacity: float) -> NDArray[np.float64]:
    """Colours [H,W,4] of a class map."""
    from matplotlib.colors import to_rgb

    names = [PREDICTION] if len(classes) == 1 else [structure_colour(name) for name in classes]
    table = np.array([(0, 0, 0, 0), *((*to_rgb(name), opacity) for name in names)])
    return np.asarray(table[plane.astype(int)], float)


def panel(cases: CaseArrays, maps: Mapping[str, NDArray[np.uint8]], first: str = "") -> Any:
    """The widgets (an ipywidgets.VBox; its last child is the picture) for `cases` and their class maps [n,*S].

    Cases are listed with the Dice of the entry that is chosen first, the worst on top; that is `first` to begin with
    (by default the first of `maps`). Raises ValueError for maps of another shape.
    """
    for name, found in maps.items():
        if found.shape != cases.labels.shape:
            raise ValueError(f"{name} has maps {list(found.shape)}, not {list(cases.labels.shape)}")
    return _Browser(cases, maps, first or next(iter(maps), "")).box


class _Browser:
    """Controls and the picture that follows them."""

    def __init__(self, cases: CaseArrays, maps: Mapping[str, NDArray[np.uint8]], first: str) -> None:
        import ipywidgets as widgets

        self.cases, self.maps, self.filling = cases, maps, False
        self.views = cases.table["view"].astype(str).tolist() if "view" in cases.table else [""] * len(cases)
        views = list(dict.fromkeys(self.views))
        names: list[tuple[str, str]] = [(label(name), name) for name in maps]
        self.view = widgets.Dropdown(options=[ANY, *views], description="view")
        self.case = widgets.Dropdown(description="case", layout=widgets.Layout(width="30em", max_width="98%"))
        self.one = widgets.Dropdown(options=names or [(NOTHING, NOTHING)], value=first or NOTHING, description="first")
        self.other = widgets.Dropdown(options=[(NOTHING, NOTHING), *names], value=NOTHING, description="second")
        self.turns = widgets.ToggleButtons(options=LAYOUTS, style={"button_width": "7em"})
        self.opacity = widgets.FloatSlider(0.3, min=0, max=1, step=0.05, description="opacity")
        depth = cases.grid[0] if len(cases.grid) == 3 else 1
        self.number = widgets.IntSlider(1, 1, depth, 1, description="slice")
        # As high as leaves its controls on a laptop's screen, as wide as a phone at most.
        size: dict[str, str] = {"max_width": "100%", "max_height": "62vh", "object_fit": "contain"}
        self.picture = widgets.Image(format="png", layout=widgets.Layout(width="auto", height="auto", **size))
        # A slider stays in reach on a phone; while it moves the picture follows at its end only.
        self.opacity.continuous_update = self.number.continuous_update = False
        which = [*([self.view] if len(views) > 1 else []), self.case, self.one, self.other]
        how = [self.turns, self.opacity, *([self.number] if depth > 1 else [])]
        side_by_side = widgets.Layout(flex_flow="row wrap")
        self.box = widgets.VBox([*(widgets.HBox(row, layout=side_by_side) for row in (which, how)), self.picture])
        self._list()
        for control in (self.view, self.one):
            control.observe(self._list, "value")
        self.case.observe(self._middle, "value")
        for control in (self.case, self.other, self.turns, self.opacity, self.number):
            control.observe(self._draw, "value")

    def _list(self, *_: Any) -> None:
        """Fill the list of cases with those of the view, the first entry's worst on top; the case shown stays."""
        wanted, before, words = self.view.value, self.case.value, []
        for i, name in enumerate(self.cases.table["case"]):
            if wanted in (ANY, self.views[i]):
                words.append((self._score(i), short(str(name), 34), i))
        words.sort(key=lambda entry: entry[0])
        found = [(text + (f"  Dice {score:.3f}" if 0 <= score <= 1 else ""), i) for score, text, i in words]
        stays = [k for k, (_, i) in enumerate(found) if i == before]
        self.filling = True
        self.case.options = found
        self.case.index = stays[0] if stays else 0 if found else None
        self.filling = False
        if not stays:
            self._middle()
        self._draw()

    def _score(self, i: int) -> float:
        """Dice of the first entry, 2 where there is none, so that such cases stand last."""
        if self.one.value == NOTHING:
            return 2.0
        score = case_dice(self.cases.labels[i], self.maps[str(self.one.value)][i], self.cases.known[i])
        return score if np.isfinite(score) else 2.0

    def _middle(self, *_: Any) -> None:
        """Go to the middle of the slices that hold labels."""
        if not self.filling and self.case.value is not None and len(self.cases.grid) == 3:
            self.number.value = pick_slices(self.cases.grid[0], [self.cases.labels[self.case.value]], 1)[0] + 1

    def _draw(self, *_: Any) -> None:
        if self.filling or self.case.value is None:
            return
        one, other = (None if c.value == NOTHING else str(c.value) for c in (self.one, self.other))
        asked = {"side by side": (one, other), "first": (one,), "second": (other,)}[self.turns.value]
        entries = tuple(name for name in asked if name)
        choice = Choice(int(self.case.value), self.number.value - 1, self.opacity.value, entries)
        self.picture.value = draw_case(self.cases, self.maps, choice)
