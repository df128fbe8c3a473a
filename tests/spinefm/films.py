"""Films of 128 x 64 with a bent column of bright squares: C2 has a dark middle, the sacrum is striped."""

import numpy as np

from spinelib.spinefm.labelled import labelled
from spinelib.spinefm.patches import PatchSizes

from .made import arrays

LEVELS = ("C2", "C3", "C4", "L4", "L5", "S1")
GRID = (128, 64)


def column(count, seed=0, levels=LEVELS, side=12, step=17):
    """CaseArrays of `count` films with one square of `side` px per level."""
    random = np.random.default_rng(seed)
    labels = np.zeros((count, *GRID), np.uint8)
    images = random.integers(30, 60, (count, 1, *GRID)).astype(np.uint8)
    for i in range(count):
        top, bend, phase = random.integers(4, GRID[0] - step * len(levels)), random.uniform(2, 8), random.uniform(0, 6)
        for k, level in enumerate(levels):
            first = top + step * k
            left = round(GRID[1] / 2 - side / 2 + bend * np.sin(phase + first / 40))
            labels[i, first : first + side, left : left + side] = k + 1
            square = images[i, 0, first : first + side, left : left + side]
            square += 120
            if level == "C2":
                square[side // 4 : -(side // 4), side // 4 : -(side // 4)] -= 100
            if level == "S1":
                square[::4] -= 100
    data = arrays(labels, tuple(levels), np.zeros((count, 0, 4, 2), np.float32))
    data.images[:] = images
    return data


def films(count=8, seed=0, **how):
    return labelled(column(count, seed, **how))


def geometry(data):
    return PatchSizes(data.grid, data.side(np.arange(len(data))))
