"""Small films with known vertebrae: squares in a row."""

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays, draw_quadrilaterals
from spinelib.spinefm.instances import Instance

SIZE, STEP = 6, 10  # px: side of a vertebra, distance of neighbours


def arrays(labels, classes, landmarks):
    count, height, width = labels.shape
    return CaseArrays(
        table=pd.DataFrame(
            {
                "case": [f"case{i}" for i in range(count)],
                "patient": [f"patient{i}" for i in range(count)],
                "view": "lateral",
                "split": "test",
                "near_duplicate": "",
            }
        ),
        images=np.full((count, 1, height, width), 90, np.uint8),
        labels=labels,
        classes=classes,
        extra={},
        landmarks=landmarks,
        frames=np.tile(np.float32([1, 0, 0, height, width]), (count, 1)),
        spacing=np.full((count, 2), np.nan, np.float32),
        digest="made",
    )


def coronal(count=1):
    """T1..L5 as squares, one below the other."""
    box = np.array([[0, 0], [SIZE, 0], [0, SIZE], [SIZE, SIZE]], np.float32) + np.float32([20, 10])
    one = np.stack([box + np.float32([0, STEP * k]) for k in range(17)])
    landmarks = np.repeat(one[None], count, 0).astype(np.float32)
    labels = np.stack([np.minimum(draw_quadrilaterals(corners, (200, 48)), 1) for corners in landmarks])
    return arrays(labels, ("spine",), landmarks)


def lateral(levels, count=1):
    """One square per level, in anatomical order from above; label k belongs to levels[k - 1]."""
    height = ["CTLS".index(level[0]) * 99 + int(level[1:] or 0) for level in levels]
    labels = np.zeros((count, 20 + STEP * len(levels), 48), np.uint8)
    for k, at in enumerate(np.argsort(np.argsort(height))):
        labels[:, 10 + STEP * at : 10 + STEP * at + SIZE, 20 : 20 + SIZE] = k + 1
    return arrays(labels, tuple(levels), np.zeros((count, 0, 4, 2), np.float32))


def square(level, place, shape, right=0, down=0, size=SIZE):
    """A predicted vertebra at the place of vertebra number `place` from above, moved by some px."""
    mask = np.zeros(shape, bool)
    top, left = 10 + STEP * place + down, 20 + right
    mask[max(top, 0) : top + size, left : left + size] = True
    return Instance(level, mask)
