"""How sure a map is of each pixel, and how often it is right there.

(B) Expected calibration error: Naeini, Cooper, Hauskrecht 2015; Guo et al. 2017, arXiv 1706.04599: mean distance of
confidence and accuracy over bins of confidence, weighted by their pixels. (C, our choice) Background that every map is
sure of would hide all else: only pixels near the reference or what is predicted count, within a 32nd of the rows of
either. Pixels of a patient lie in one set of bins, and the patient is the unit.

Marks: (B) from published work, (C) our choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 20  # of the confidence from 0 to 1; of one structure, 10 of them can be met
LEAST, MARGIN = 0.05, 32  # probability that counts as predicted; rows for one row of the margin
TINY = 1e-12
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class MapConfidence:
    """Confidence and accuracy of one map near the structures.

    bins [BINS, 3]: pixels, sum of their confidence, how many are right. entropy: mean over the pixels, in shares of the
    largest one. separation: share of pairs of a wrong and a right pixel in which the wrong one has the larger entropy
    (area under the ROC curve); NaN where all pixels are right, or all wrong. brier: mean squared distance of the
    probabilities from the truth, summed over the classes.
    """

    bins: Floats
    entropy: float
    separation: float
    brier: float


def map_confidence(
    chances: NDArray[np.floating],
    reference: NDArray[np.uint8],
    inside: NDArray[np.bool_],
    known: NDArray[np.bool_] | None = None,
) -> MapConfidence | None:
    """The confidence of one case: probabilities [1+K,*S] of background and classes, class map and area [*S].

    known [K]: structures that the case labels; the others count as background on both sides. None for a case in which
    nothing is near.
    """
    p = np.asarray(chances, np.float64)
    if known is not None and not known.all():
        p = p.copy()
        p[0] += p[1:][~known].sum(0)
        p[1:][~known] = 0
    p = p / p.sum(0)
    region = near(p[1:].max(0) >= LEAST, reference > 0) & inside
    if not region.any():
        return None
    p, truth = p[:, region], reference[region].astype(np.intp)
    confidence, right = p.max(0), p.argmax(0) == truth
    entropy = -(p * np.log(np.maximum(p, TINY))).sum(0) / np.log(len(p))
    place = np.minimum((confidence * BINS).astype(np.intp), BINS - 1)
    sums = [np.bincount(place, weights, BINS) for weights in (np.ones(len(truth)), confidence, right)]
    hit = p[truth, np.arange(len(truth))]
    brier = float(((p**2).sum(0) - 2 * hit + 1).mean())
    return MapConfidence(np.stack(sums, 1), float(entropy.mean()), separation(entropy, right), brier)


def near(found: NDArray[np.bool_], reference: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels [*S] within the margin of either mask; of volumes within the slice."""
    from scipy.ndimage import binary_dilation

    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
    shape = cross if found.ndim == 2 else cross[None]
    rows = max(1, found.shape[-2] // MARGIN)
    return np.asarray(binary_dilation(found | reference, shape, iterations=rows))


def separation(entropy: Floats, right: NDArray[np.bool_]) -> float:
    """Area under the ROC curve of entropy [n] for what is wrong; NaN where all are right, or all wrong."""
    from scipy.stats import rankdata

    wrong = ~right
    count = int(wrong.sum())
    if count in (0, len(right)):
        return float("nan")
    ranks = rankdata(entropy)[wrong].sum()
    return float((ranks - count * (count + 1) / 2) / (count * (len(right) - count)))


def binned_error(bins: Floats) -> tuple[float, float]:
    """Expected calibration error of bins [BINS, 3], and mean confidence less accuracy; both 0 to 1."""
    pixels, confidence, right = bins.T
    gap = confidence - right
    return float(np.abs(gap).sum() / pixels.sum()), float(gap.sum() / pixels.sum())
