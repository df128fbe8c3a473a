"""Films of 128 x 64 with a bent column of bright squares: C2 has a dark middle, the sacrum is striped."""

import numpy as np

from spinelib.spinefm.labelled import labelled
from spinelib.spinefm.patches import Geometry

from .made import arrays

LEVELS = ("C2", "C3", "C4", "L4", "L5", "S1")
GRID, SIDE, STEP = (128, 64), 12, 18


def column(count, seed=0, levels=LEVELS):
    """CaseArrays of `count` films with one square per level."""
    random = np.random.default_rng(seed)
    labels = np.zeros((count, *GRID), np.uint8)
    images = random.integers(30, 60, (count, 1, *GRID)).astype(np.uint8)
    for i in range(count):
        top, bend, phase = random.integers(8, 20), random.uniform(2, 8), random.uniform(0, 6)
        for k, level in enumerate(levels):
            y = top + STEP * k * 0.95
            left, first = round(26 + bend * np.sin(phase + y / 40)), round(y)
            box = np.s_[first : first + SIDE, left : left + SIDE]
            labels[i][box] = k + 1
            images[i, 0][box] += 120
            if level == "C2":
                images[i, 0, first + 3 : first + 9, left + 3 : left + 9] -= 100
            if level == "S1":
                images[i, 0, first : first + SIDE : 4, left : left + SIDE] -= 100
    data = arrays(labels, tuple(levels), np.zeros((count, 0, 4, 2), np.float32))
    data.images[:] = images
    return data


def films(count=8, seed=0):
    return labelled(column(count, seed))


def geometry(data):
    return Geometry(data.grid, data.side(np.arange(len(data))))
