"""Small made-up cases for the figures, and what stands on a drawn one."""

import numpy as np

from ..conftest import make_cases


def films_of_two_views():
    """Four films, coronal and bent to the left in turn."""
    cases = make_cases(4)
    cases.table["view"] = ["coronal", "left_bending", "coronal", "left_bending"]
    return cases


def volumes(n=2, d=7, h=24, w=16):
    """Images and labels: L5 (2) and L5/S (11) in slices 2 to 4."""
    images = np.random.default_rng(0).integers(1, 255, (n, d, h, w)).astype(np.uint8)
    labels = np.zeros((n, d, h, w), np.uint8)
    labels[:, 2:5, 4:10, 5:11] = 2
    labels[:, 2:5, 10:13, 5:11] = 11
    return images, labels


def panels(figure):
    """Axes that show a picture."""
    return [ax for ax in figure.axes if ax.images]


def controls(box):
    """Widgets of a browser by their description, or by their kind where they have none."""
    flat = [inner for child in box.children for inner in getattr(child, "children", [child])]
    return {getattr(control, "description", "") or type(control).__name__: control for control in flat}
