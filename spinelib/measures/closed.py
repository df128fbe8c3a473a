"""Dice of the whole column: the gaps between the vertebrae are closed in prediction and reference alike.

Dice of the vertebrae falls where a network fills the discs; this number asks for the column alone. Both sides are
closed in the same way, so that a perfect outline reaches 1. (C, our choice) A vertical closing by 3.5 % of the image's
height: more than a disc, less than a vertebra.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spinelib.measures.pair import Pair
from spinelib.measures.surface import Mask

GAP = 0.035


def dice_closed(pair: Pair, unit: str) -> float:
    """Dice, 0..1, of both outlines with their gaps closed."""
    rows = max(1, round(GAP * pair.image[-2]))
    one, other = closed(pair.prediction, rows), closed(pair.reference, rows)
    return float(2 * np.count_nonzero(one & other) / (one.sum() + other.sum()))


def closed(outline: Mask, rows: int) -> Mask:
    """A mask [..., H, W] with gaps of less than `rows` rows closed along its columns."""
    # Beyond the edge there is room for the filter: a closing must not shrink what touches it.
    room = [(rows, rows) if axis == outline.ndim - 2 else (0, 0) for axis in range(outline.ndim)]
    window = np.ones([rows if axis == outline.ndim - 2 else 1 for axis in range(outline.ndim)], bool)
    return ndimage.binary_closing(np.pad(outline, room), window)[..., rows:-rows, :]
