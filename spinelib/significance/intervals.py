"""Confidence intervals of a mean paired difference, five ways, and which of them covers best.

t: Student. percentile, bca: the bootstraps of `spinelib.stats` (Efron 1987). expanded: the percentile bootstrap with
its tails widened for small samples (Hesterberg, Am Stat 69:371-386, 2015). bootstrap_t: each resample is
studentised by its own standard error (Efron & Tibshirani, An Introduction to the Bootstrap, 1993, chapter 12).

(C) `DEFAULT` is the one whose coverage was nearest to 95 % in the calibration (notebook 61_calibration). Where a
resample without spread leaves a bound of bootstrap_t infinite, the t interval stands in for both bounds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from spinelib.significance.tests import checked
from spinelib.stats import Interval, bootstrap_mean

Array = NDArray[np.float64]
REPLICATES = 9_999
METHODS = ("t", "percentile", "expanded", "bca", "bootstrap_t")
TITLES = {
    "t": "Student's t",
    "percentile": "percentile bootstrap",
    "expanded": "expanded percentile",
    "bca": "BCa bootstrap",
    "bootstrap_t": "bootstrap-t",
}
DEFAULT = "bootstrap_t"


def mean_interval(
    differences: ArrayLike, *, method: str = DEFAULT, level: float = 0.95, replicates: int = REPLICATES, seed: int = 0
) -> Interval:
    """Mean and interval of differences [n] or [n, columns] by one of METHODS; floats, or arrays [columns].

    Fewer than two patients have no interval (NaN). Raises ValueError for an unknown method, a level outside 0..1 or
    values that are not finite.
    """
    if method not in METHODS:
        raise ValueError(f"unknown method {method!r}: {', '.join(METHODS)}")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    d = checked(differences)
    options: dict[str, Any] = {"replicates": replicates, "seed": seed}
    if method == "bca" or len(d) < 2:
        return bootstrap_mean(d, level=level, **options)
    if method in ("percentile", "expanded"):
        tail = (1 - level) / 2 if method == "percentile" else expanded_tail(len(d), level)
        return bootstrap_mean(d, level=1 - 2 * tail, method="percentile", **options)
    columns = d.reshape(len(d), -1)
    bounds = _student(columns, level) if method == "t" else _studentised(columns, level, replicates, seed)
    found = [x if d.ndim > 1 else float(x[0]) for x in (columns.mean(axis=0), *bounds)]
    return Interval(*found)


def expanded_tail(n: int, level: float = 0.95) -> float:
    """Share of the percentile bootstrap's replicates below the lower bound, for n patients (Hesterberg 2015)."""
    return float(stats.norm.cdf(np.sqrt(n / (n - 1)) * stats.t.ppf((1 - level) / 2, n - 1)))


def _student(d: Array, level: float) -> Array:
    """Bounds [2, columns]."""
    reach = stats.t.ppf((1 + level) / 2, len(d) - 1) * d.std(axis=0, ddof=1) / np.sqrt(len(d))
    return d.mean(axis=0) + np.stack([-reach, reach])


def _studentised(d: Array, level: float, replicates: int, seed: int) -> Array:
    """Bounds [2, columns] from the quantiles of (mean* - mean) / error*."""
    n = len(d)
    spread = d - d.mean(axis=0)
    bounds, reach = _student(d, level), spread.std(axis=0, ddof=1) / np.sqrt(n)
    # Blocks bound the memory of the replicates.
    for block in np.split(np.arange(d.shape[1]), range(64, d.shape[1], 64)):
        t = np.sort(_t_replicates(spread[:, block], replicates, seed), axis=0)
        upper, lower = (np.take(t, _place(share, replicates), axis=0) for share in ((1 - level) / 2, (1 + level) / 2))
        found = d[:, block].mean(axis=0) - np.stack([lower, upper]) * reach[block]
        bounds[:, block] = np.where(np.isfinite(found).all(axis=0), found, bounds[:, block])
    return bounds


def _t_replicates(spread: Array, replicates: int, seed: int) -> Array:
    """Studentised means [replicates, columns] of resamples of centred differences; infinite where nothing spreads."""
    weights = _weights(len(spread), replicates, seed)
    mean = weights @ spread
    variance = (weights @ spread**2 - mean**2) / (len(spread) - 1)
    tiny = variance <= 1e-12 * (spread**2).max(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(tiny, np.sign(mean) * np.inf, mean / np.sqrt(np.where(tiny, 1, variance)))
    return np.nan_to_num(t, nan=0.0, posinf=np.inf, neginf=-np.inf)


def _place(share: float, replicates: int) -> int:
    """Index of the replicate that bounds `share` of them, by the usual (replicates + 1) rule."""
    return int(np.clip(np.round(share * (replicates + 1)) - 1, 0, replicates - 1))


@lru_cache(maxsize=4)
def _weights(n: int, replicates: int, seed: int) -> Array:
    return np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=replicates) / n
