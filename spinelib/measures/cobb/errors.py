"""Errors between two sets of Cobb angles, per image, as the AASCE 2019 challenge counts them.

(A) SMAPE is 100 times the mean over the images of (sum over the three angles of |p - g|) / (sum of p + g): a ratio of
sums per image, no factor 2; two participants' programs agree on that. ED, MD and CD are the Euclidean, Manhattan and
Chebyshev distance of the three angles of an image, then the mean over images. (C) The formula of CMAE is not in the
papers at hand. The plain reading, the mean of |p - g|, is `angle_mae` here; the circular one, the direction of the
mean of the unit vectors at |p - g|, as one participant's program has it, is `cmae`. The two differ by less than 0.1
degrees while no error of an image exceeds some 15 degrees.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from spinelib.measures.cobb.rules import Floats


def image_errors(predicted: ArrayLike, reference: ArrayLike) -> dict[str, Floats]:
    """Errors of every image, each [N], from angles [N, 3] in degrees; NaN where an angle is NaN.

    cobb_error: of the major curve, which is each set's largest angle; angle_mae: mean over the three; smape in %, 0
    where all six angles are 0; cmae: circular mean of the three; ed, md, cd: distances of the three. Raises
    ValueError for other shapes or negative angles.
    """
    p, g = _checked(predicted, reference)
    off = np.abs(p - g)
    turn = np.radians(off)
    total = (p + g).sum(1)
    share = np.where(total == 0, 0.0, off.sum(1) / np.where(total == 0, 1, total))
    return {
        "cobb_error": np.abs(p.max(1) - g.max(1)),
        "angle_mae": off.mean(1),
        "smape": 100 * share,
        "cmae": np.degrees(np.arctan2(np.sin(turn).mean(1), np.cos(turn).mean(1))),
        "ed": np.sqrt((off**2).sum(1)),
        "md": off.sum(1),
        "cd": off.max(1),
    }


def _checked(predicted: ArrayLike, reference: ArrayLike) -> tuple[Floats, Floats]:
    p, g = np.asarray(predicted, float), np.asarray(reference, float)
    if p.shape != g.shape or p.ndim != 2 or p.shape[1] != 3:
        raise ValueError(f"angles must both be [N, 3], not {list(p.shape)} and {list(g.shape)}")
    if (p < 0).any() or (g < 0).any():
        raise ValueError("angles must not be negative")
    return p, g
