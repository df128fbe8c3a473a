"""Bootstrap intervals of a mean: candidates that the calibration compares with the intervals in use.

percentile, bca: Efron's (percentile; bias-corrected and accelerated, 1987). expanded: the percentile bootstrap with its
tails widened for small samples (Hesterberg, Am Stat 69:371-386, 2015). bootstrap_t: each resample is studentised by its
own standard error (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, ch. 12); where resamples without spread
leave a bound infinite, as with nearly equal values, `expanded` stands in for both.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]
BOOTSTRAPS = ("percentile", "expanded", "bca", "bootstrap_t")


def bootstrap_ends(values: Array, method: str, level: float, replicates: int, seed: int) -> Array:
    """Ends of the interval, [2, groups], of the means of values [n, groups], n of 2 at least; method: BOOTSTRAPS."""
    weights = resample_weights(len(values), replicates, seed)
    if method in ("percentile", "bca"):
        return _bounds(values, weights, level, method)
    studentised = _studentised(values, weights, level) if method == "bootstrap_t" else np.full((2, 1), np.nan)
    finite = np.isfinite(studentised).all(axis=0)
    if finite.all():
        return studentised
    expanded = _bounds(values, weights, 1 - 2 * expanded_tail(len(values), level), "percentile")
    return np.where(finite, studentised, expanded)


@lru_cache(maxsize=4)
def resample_weights(n: int, replicates: int, seed: int) -> Array:
    """Share of each of n patients in each resample, [replicates, n]."""
    drawn = np.random.default_rng(seed).integers(n, size=(replicates, n))
    drawn += n * np.arange(replicates)[:, None]
    return np.bincount(drawn.ravel(), minlength=replicates * n).reshape(replicates, n) / n


def _bounds(values: Array, weights: Array, level: float, method: str) -> Array:
    """Ends of the interval, [2, groups], of the mean of values [n, groups]."""
    centre = values.mean(axis=0)
    spread = values - centre
    means = _sorted(weights @ spread)
    tails = np.array([(1 - level) / 2, (1 + level) / 2])[:, None]
    if method == "bca":
        tails = _corrected(tails, means, spread)
    last = len(weights) - 1
    place = np.clip(tails, 0, 1) * last
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, last)
    columns = np.arange(values.shape[1])
    low = means[columns, below]
    ends = centre + low + (means[columns, above] - low) * (place - below)
    # Rounding must not carry an end past the values, such as a Dice below 0.
    return np.clip(ends, values.min(axis=0), values.max(axis=0))


def _sorted(replicates: Array) -> Array:
    """Each column of [replicates, groups] in order, as [groups, replicates]: what lies together sorts faster."""
    rows = np.ascontiguousarray(replicates.T)
    rows.sort(axis=1)
    return rows


def _corrected(tails: Array, means: Array, spread: Array) -> Array:
    """Tail shares [2, groups] after bias correction and acceleration; `means` [groups, replicates] are centred."""
    # A resample of every patient once ties with the mean; rounding must not decide on which side.
    tie = 1e-12 * np.abs(spread).max(axis=0)
    edge, count = tie[:, None], means.shape[1]
    under = (np.count_nonzero(means < -edge, axis=1) + np.count_nonzero(means <= edge, axis=1)) / (2 * count)
    bias = stats.norm.ppf(np.clip(under, 1 / count, 1 - 1 / count))
    power = np.sum(spread**2, axis=0) ** 1.5
    # For a mean, the jackknife's acceleration is the skewness of the values over 6 sqrt(n).
    skew = np.divide(np.sum(spread**3, axis=0), 6 * power, out=np.zeros_like(power), where=power > 0)
    z = bias + stats.norm.ppf(tails)
    return stats.norm.cdf(bias + z / (1 - skew * z))


def expanded_tail(n: int, level: float = 0.95) -> float:
    """Share of the percentile bootstrap's replicates below the lower bound, for n patients (Hesterberg 2015)."""
    return float(stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf((1 - level) / 2, n - 1)))


def _studentised(d: Array, weights: Array, level: float) -> Array:
    """Bounds [2, columns] from the quantiles of (mean* - mean) / error*; not finite where resamples lack spread."""
    n, replicates = len(d), len(weights)
    spread = d - d.mean(axis=0)
    reach = spread.std(axis=0, ddof=1) / np.sqrt(n)
    t = _sorted(_t_replicates(spread, weights))
    upper, lower = (t[:, _place(share, replicates)] for share in ((1 - level) / 2, (1 + level) / 2))
    with np.errstate(invalid="ignore"):
        return d.mean(axis=0) - np.stack([lower, upper]) * reach


def _t_replicates(spread: Array, weights: Array) -> Array:
    """Studentised means [replicates, columns] of resamples of centred differences; infinite where nothing spreads."""
    # In place: the arrays are larger than the caches, and each further one costs more than its arithmetic.
    t, variance = weights @ spread, weights @ spread**2
    variance -= t**2
    variance /= len(spread) - 1
    variance[variance <= 1e-12 * (spread**2).max(axis=0)] = 0.0
    with np.errstate(divide="ignore", invalid="ignore"):
        t /= np.sqrt(variance, out=variance)
    t[np.isnan(t)] = 0.0
    return t


def _place(share: float, replicates: int) -> int:
    """Index of the replicate that bounds `share` of them, by the usual (replicates + 1) rule."""
    return int(np.clip(np.round(share * (replicates + 1)) - 1, 0, replicates - 1))
