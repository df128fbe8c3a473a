"""Cases to look at by hand: widgets where somebody sits at the notebook, and a still figure for its page."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spinelib.core.structures import STRUCTURES
from spinelib.plots.cases import extremes
from spinelib.plots.volumes import class_maps, pick_slices, slice_figure, slices, stack

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from spinelib.cases import CaseArrays


class Outlined(Protocol):
    """What a method's notebook knows of the test cases of a data set: `experiment.Result` has it."""

    @property
    def predictions(self) -> np.ndarray:
        """Class maps [n,*S]."""

    @property
    def dice(self) -> np.ndarray:
        """Dice [n]."""

    @property
    def names(self) -> list[str]:
        """Case ids."""


THIS = "this run"


def at_hand() -> bool:
    """Whether a person sits at this notebook: JupyterLab or VS Code runs its kernel, not papermill."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is None or not hasattr(shell, "kernel"):
        return False
    # Jupyter's server names the session in the kernel's environment; nbclient and papermill do not.
    return "JPY_SESSION_NAME" in os.environ or "__vsc_ipynb_file__" in shell.user_ns


def slice_viewer(
    image: ArrayLike,
    reference: ArrayLike | None = None,
    prediction: ArrayLike | None = None,
    *,
    spacing: ArrayLike = (4.0, 1.0, 1.0),
    classes: Sequence[str] = STRUCTURES,
    each: int = 4,
    live: bool | None = None,
) -> Figure:
    """The montage of one volume [D,H,W] for the page; `live` (by default `at_hand()`) also displays a slider.

    Arguments as for `plots.slices`. Raises ValueError for other shapes.
    """
    options: dict[str, Any] = {"spacing": spacing, "classes": classes}
    if at_hand() if live is None else live:
        from IPython.display import display

        display(slider(image, reference, prediction, **options))
    return slices(image, reference, prediction, each=each, **options)


def slider(
    image: ArrayLike,
    reference: ArrayLike | None = None,
    prediction: ArrayLike | None = None,
    *,
    spacing: ArrayLike = (4.0, 1.0, 1.0),
    classes: Sequence[str] = STRUCTURES,
) -> Any:
    """An ipywidgets slider over the slices of one volume [D,H,W] with the picture below; it starts in the middle."""
    from ipywidgets import IntSlider, interactive

    volume = stack(image)
    depth = volume.shape[1]
    maps = [class_maps(m, volume.shape)[0] for m in (reference, prediction) if m is not None]
    first = pick_slices(depth, maps, 1)[0]

    def show(number: int) -> None:
        import matplotlib.pyplot as plt
        from IPython.display import display

        figure = slice_figure(image, number - 1, reference, prediction, spacing=spacing, classes=classes)
        display(figure)
        plt.close(figure)

    control = IntSlider(first + 1, 1, depth, 1, description="slice", continuous_update=False)
    return interactive(show, number=control)


def case_viewer(cases: CaseArrays, result: Outlined, folder: Path, data: str, *, live: bool | None = None) -> Figure:
    """Best, median and worst case of a run for its page; `live` (by default `at_hand()`) also displays a browser.

    cases: any that contain those of `result`, which the run in `folder` predicted of the data called `data`. The
    browser also has what other runs beside that folder predicted of the same cases. Raises KeyError for a case that is
    not in `cases`.
    """
    if at_hand() if live is None else live:
        place = {case: i for i, case in enumerate(cases.table["case"])}
        shown = cases.subset(np.array([place[name] for name in result.names], int))
        browse(shown, {THIS: result.predictions, **_rivals(folder, data, shown)}, live=True)
    return extremes(cases, result.predictions, result.dice, result.names)


def browse(cases: CaseArrays, maps: Mapping[str, NDArray[np.uint8]], *, live: bool | None = None) -> None:
    """Display a browser of `cases` with the class maps [n,*S] of every entry, if anybody is there to browse.

    live: by default `at_hand()`. See `spinelib.plots.browser`. Raises ValueError for maps of another shape.
    """
    if at_hand() if live is None else live:
        from IPython.display import display

        from spinelib.plots.browser import panel

        display(panel(cases, maps))


def _rivals(folder: Path, data: str, shown: CaseArrays) -> dict[str, NDArray[np.uint8]]:
    """Maps of the cases `shown` by other runs beside `folder`, by the run's name; not those on another grid."""
    from spinelib.core.errors import BadInput
    from spinelib.core.layout import RunFolder
    from spinelib.runs.named import named_folders
    from spinelib.runs.predictions import load_predictions

    found = {}
    for other in named_folders(folder.absolute().parents[1], folder.parent.name):
        path = RunFolder(other).predictions(data)
        if other.name == folder.name or not path.exists():
            continue
        try:
            item = load_predictions(path)
        except BadInput:
            # Half-written by a run that is still at work.
            continue
        maps = dict(zip(item.cases, item.labels, strict=True))
        if item.labels.shape[1:] == shown.grid and set(shown.table["case"]) <= set(maps):
            found[other.name] = np.stack([maps[case] for case in shown.table["case"]])
    return found
