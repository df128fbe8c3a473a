"""Dice of the whole column: discs filled in the reference, gaps between vertebrae closed in the prediction.

`spine_column` compares the outline as it is, gaps and all, so that even a perfect outline of the vertebrae stays below
1; this number asks for the column alone, however tall the vertebrae are drawn. (C, our choice) A vertical closing by
3.5 % of the film's height: more than a disc, less than a vertebra.
"""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from spinelib.measures.pair import Pair
from spinelib.measures.surface import Mask

GAP = 0.035


def dice_closed(pair: Pair, unit: str) -> float:
    """Dice, 0..1, of a film's column and the prediction with its gaps closed."""
    outline = closed(pair.prediction, max(1, round(GAP * pair.image[0])))
    return float(2 * np.count_nonzero(outline & pair.reference) / (outline.sum() + pair.reference.sum()))


def closed(outline: Mask, rows: int) -> Mask:
    """A mask [H,W] with gaps of less than `rows` rows closed along its columns."""
    # Beyond the edge there is room for the filter: a closing must not shrink what touches it.
    padded = np.pad(outline, ((rows, rows), (0, 0)))
    return ndimage.binary_closing(padded, np.ones((rows, 1), bool))[rows:-rows]
