"""Tests of a paired difference: paired t, Wilcoxon signed rank, sign-flip permutation.

(A) The MDWC-Net paper (section 3.3.2) uses paired t-tests on Dice and MIoU with alpha 0.05; whether its unit is the
image and whether p-values were adjusted is not stated. Sign flips: Fisher, The Design of Experiments, 1935, section 21;
a random sample of them counts the observed one too (Phipson & Smyth, Stat Appl Genet Mol Biol 9:39, 2010).

(C) Every p-value is two-sided. The functions take one comparison [n] or many [n, columns] at once, so that the
calibration measures the very code that a study uses. Without any difference p is 1; with fewer than two patients NaN.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from spinelib.statistics.intervals import FEWEST_SKEWED, skewness

Array = NDArray[np.float64]
EXACT = 50  # patients up to which scipy goes through all patterns of ranks
FLIPS = 9_999


def t_test(differences: ArrayLike) -> Any:
    """p-value of the paired t-test, from differences [n] or [n, columns]; a float or [columns]."""
    d = checked(differences)
    if len(d) < 2:
        return _shaped(np.full(d.shape[1:], np.nan))
    error = d.std(axis=0, ddof=1) / np.sqrt(len(d))
    none = ~(error > 1e-12 * np.abs(d).max(axis=0))
    t = d.mean(axis=0) / np.where(none, 1, error)
    return _shaped(np.where(none, ~d.any(axis=0), 2 * stats.t.sf(np.abs(t), len(d) - 1)))


def wider_test(differences: ArrayLike) -> Any:
    """p-value that belongs to `intervals.difference_interval`; as `t_test`.

    The larger of Student's and of Hall's p, so that it lies below 5 % just where the 95 % interval leaves out 0.
    """
    d = checked(differences)
    student = np.asarray(t_test(d))
    if len(d) < FEWEST_SKEWED:
        return _shaped(student)
    n, columns = len(d), d.reshape(len(d), -1)
    skew, sd = skewness(columns), columns.std(axis=0, ddof=1)
    u = np.divide(columns.mean(axis=0), sd, out=np.zeros_like(sd), where=sd > 0)
    turned = u + skew * u**2 / 3 + skew**2 * u**3 / 27 + skew / (6 * n)
    hall = 2 * stats.t.sf(np.abs(turned) * np.sqrt(n), n - 1)
    # Without spread Student's p stands.
    return _shaped(np.maximum(student, np.where(sd > 0, hall, 0).reshape(student.shape)))


def wilcoxon_test(differences: ArrayLike) -> Any:
    """p-value of Wilcoxon's signed rank test (scipy, exact up to 50 patients without ties); as `t_test`.

    Of many columns at once those with ties or zeros are judged by the normal approximation: scipy's exact way for them
    goes through every pattern of signs, minutes for a simulation of 12 patients.
    """
    d = checked(differences)
    if len(d) < 2:
        return _shaped(np.full(d.shape[1:], np.nan))
    found = np.ones(d.shape[1:])
    some = d.any(axis=0)
    if some.any():
        found[some] = _signed_ranks(d[:, some]) if d.ndim > 1 else stats.wilcoxon(d).pvalue
    return _shaped(found)


def _signed_ranks(d: Array) -> Array:
    """p-values [columns] of d [n, columns], each with a value that is not 0."""
    sizes = np.sort(np.abs(d), axis=0)
    plain = (sizes[0] > 0) & (np.diff(sizes, axis=0) > 0).all(axis=0) & (len(d) <= EXACT)
    found = np.empty(d.shape[1])
    for chosen, method in ((plain, "exact"), (~plain, "asymptotic")):
        if chosen.any():
            found[chosen] = stats.wilcoxon(d[:, chosen], axis=0, method=method).pvalue
    return found


def permutation_test(differences: ArrayLike, *, replicates: int = FLIPS, seed: int = 0) -> Any:
    """p-value of the mean under random signs; as `t_test`. Exact where there are no more patterns than replicates.

    Exact for differences that are symmetric around 0, which they are when two methods can be swapped.
    """
    d = checked(differences)
    if len(d) < 2:
        return _shaped(np.full(d.shape[1:], np.nan))
    signs, exact = _signs(len(d), replicates, seed)
    observed = np.abs(d.sum(axis=0))
    # Rounding must not decide whether a flip ties with what was observed.
    tie = 1e-10 * np.abs(d).sum(axis=0)
    extreme = np.count_nonzero(np.abs(signs @ d) >= observed - tie, axis=0)
    return _shaped(extreme / len(signs) if exact else (extreme + 1) / (len(signs) + 1))


@lru_cache(maxsize=4)
def _signs(n: int, replicates: int, seed: int) -> tuple[Array, bool]:
    """Signs [patterns, n], and whether these are all of them (one of each mirrored pair)."""
    if n < 60 and 2**n <= replicates + 1:
        bits = (np.arange(2 ** (n - 1))[:, None] >> np.arange(n)) & 1
        return 1.0 - 2.0 * bits.astype(np.float64), True
    return 1.0 - 2.0 * np.random.default_rng(seed).integers(0, 2, (replicates, n)).astype(np.float64), False


def checked(differences: ArrayLike) -> Array:
    """Differences as floats, [n] or [n, columns]; raises ValueError for other shapes or values not finite."""
    d = np.asarray(differences, np.float64)
    if d.ndim not in (1, 2) or not np.isfinite(d).all():
        raise ValueError("differences must be finite, [n] or [n, columns]: leave absent patients out")
    return d


def _shaped(values: Any) -> Any:
    found = np.asarray(values, np.float64)
    return found if found.ndim else float(found)
