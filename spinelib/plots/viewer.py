"""A volume to leaf through: a slider where somebody sits at the notebook, and a few slices for its page."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from spinelib.plots.volumes import class_maps, pick_slices, slice_figure, slices, stack
from spinelib.structures import STRUCTURES

if TYPE_CHECKING:
    from matplotlib.figure import Figure


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
