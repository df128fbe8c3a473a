"""Analyses that reject too often, beside their right counterparts, all where nothing differs.

(C, our choice) Three mistakes that papers on segmentation invite. Images as independent: several films of a patient
enter one by one. Seeds as cases: the same patients are counted again for every trained seed. Plain t over folds: folds
share most of their training cases (Dietterich, Neural Comput 10:1895-1923, 1998). The first two are drawn with
correlated normal differences; the third fits two equally good predictors by real repeated cross-validation.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from spinelib.statistics.calibration import ALPHA, BLOCK, monte_carlo_error
from spinelib.statistics.paired_tests import t_test

Array = NDArray[np.float64]
IMAGES, IMAGE_CORRELATION = 3, 0.5
SEEDS, SEED_CORRELATION = 3, 0.8
FOLDS, REPEATS = 5, 10
COLUMNS = ["analysis", "right", "n", "rejection", "error", "repetitions"]


def wrong_analyses(sizes: Sequence[int], repetitions: int, seed: int = 0) -> pd.DataFrame:
    """Share of tests at 5 % that reject although nothing differs, columns COLUMNS; `right` marks the counterparts.

    n counts patients. Images: IMAGES films of every patient, correlation IMAGE_CORRELATION; seeds: SEEDS of every
    patient, SEED_CORRELATION; folds: FOLDS folds, repeated REPEATS times. Sizes of
    fewer than two patients a fold are left out.
    """
    rows = []
    for n in (n for n in sizes if n >= 2 * FOLDS):
        rng = np.random.default_rng([seed, n])
        found = {
            "images as independent": clustered(n, IMAGES, IMAGE_CORRELATION, repetitions, rng),
            "seeds as cases": clustered(n, SEEDS, SEED_CORRELATION, repetitions, rng),
            "plain t over folds": repeated_folds(n, repetitions, rng),
        }
        for name, pair in found.items():
            for right, share in zip((False, True), pair, strict=True):
                error = monte_carlo_error(share, repetitions)
                rows.append((RIGHT[name] if right else name, right, n, share, error, repetitions))
    return pd.DataFrame(rows, columns=COLUMNS)


RIGHT = {
    "images as independent": "films averaged per patient",
    "seeds as cases": "seeds averaged per patient",
    "plain t over folds": "corrected t over folds",
}


def clustered(n: int, each: int, correlation: float, repetitions: int, rng: np.random.Generator) -> tuple[float, float]:
    """Rejections of the t-test over all n * each values, and over the n patient means, where the true mean is 0."""
    counts = np.zeros(2)
    for first in range(0, repetitions, BLOCK):
        k = min(BLOCK, repetitions - first)
        shared, own = rng.normal(size=(n, 1, k)), rng.normal(size=(n, each, k))
        d = np.sqrt(correlation) * shared + np.sqrt(1 - correlation) * own
        p = t_test(d.reshape(n * each, k)), t_test(d.mean(axis=1))
        counts += [np.count_nonzero(x <= ALPHA) for x in p]
    return float(counts[0] / repetitions), float(counts[1] / repetitions)


def inflated(n: int, each: int, correlation: float) -> float:
    """What `clustered` should find for the wrong analysis, for many patients: 5 % through the design effect."""
    reach = stats.norm.isf(ALPHA / 2) / np.sqrt(1 + (each - 1) * correlation)
    return float(2 * stats.norm.sf(reach))


def repeated_folds(n: int, repetitions: int, rng: np.random.Generator) -> tuple[float, float]:
    """Rejections of the plain and of the corrected t over repeated folds of two predictors that are equally good.

    The target is the sum of two features and noise, all standard normal. Each predictor sees one feature and learns its
    slope from the other folds, so both have the same expected error.
    """
    counts = np.zeros(2)
    ratio = 1 / (FOLDS - 1)
    for first in range(0, repetitions, BLOCK):
        k = min(BLOCK, repetitions - first)
        noise, one, other = rng.normal(size=(3, n, k))
        y = one + other + noise
        d = np.concatenate([_fold_errors(y, one, part) - _fold_errors(y, other, part) for part in _partitions(n, rng)])
        mean, variance = d.mean(axis=0), d.var(axis=0, ddof=1)
        for i, share in enumerate((1 / len(d), 1 / len(d) + ratio)):
            t = np.abs(mean) / np.sqrt(share * variance)
            counts[i] += np.count_nonzero(2 * stats.t.sf(t, len(d) - 1) <= ALPHA)
    return float(counts[0] / repetitions), float(counts[1] / repetitions)


def _partitions(n: int, rng: np.random.Generator) -> list[Array]:
    """REPEATS memberships [FOLDS, n] of each patient in each fold, 0 or 1."""
    order = (rng.permutation(n) % FOLDS for _ in range(REPEATS))
    return [np.equal.outer(np.arange(FOLDS), fold).astype(float) for fold in order]


def _fold_errors(y: Array, x: Array, member: Array) -> Array:
    """Mean squared error in each fold [folds, k] of the slope learned outside it; y, x: [n, k], member: [folds, n]."""
    xy, xx = x * y, x * x
    slope = (xy.sum(axis=0) - member @ xy) / (xx.sum(axis=0) - member @ xx)
    squares = member @ (y * y) - 2 * slope * (member @ xy) + slope**2 * (member @ xx)
    return squares / member.sum(axis=1, keepdims=True)
