"""The interval of a mean over patients and that of a paired difference: one function each, used everywhere.

wider: at either end the one of two intervals that reaches further: Student's t, and Hall's (J R Stat Soc B 54:221-228,
1992), which turns the skewness of t back by an invertible cubic. It is a formula: no resamples, no seed, and
differences of swapped sides swap its ends. (C, our choice) `DEFAULT_INTERVAL` is the candidate that covered best in the
calibration (notebook 61_calibration), for means of scores without misses and for differences alike; means with misses
are in `missed`. Two patients have Student's interval alone, one has none.

scaled: Student's on the logit of the mean between its limits, on the logarithm where only the lower one is finite. The
bootstraps are in `bootstraps`. No interval leaves `limits`, what the mean can be at all.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special, stats

from spinelib.statistics.bootstraps import BOOTSTRAPS, bootstrap_ends

Array = NDArray[np.float64]
REPLICATES = 9_999
BLOCK = 64  # groups at a time, which bounds the memory of the replicates: 64 of 10,000 are 5 MB
NO_LIMITS = (-math.inf, math.inf)
FEWEST_SKEWED = 3  # patients whose skewness can be told
INTERVAL_METHODS = ("t", "scaled", *BOOTSTRAPS, "wider")
INTERVAL_TITLES = {
    "t": "Student's t",
    "scaled": "t on the logit or log scale",
    "percentile": "percentile bootstrap",
    "expanded": "expanded percentile",
    "bca": "BCa bootstrap",
    "bootstrap_t": "bootstrap-t",
    "wider": "wider of t and skewness-corrected t",
}
DEFAULT_INTERVAL = "wider"


class Interval(NamedTuple):
    """A mean with its confidence interval; numbers, or arrays for several groups at once."""

    mean: Any
    low: Any
    high: Any


def mean_interval(
    values: ArrayLike,
    *,
    method: str = DEFAULT_INTERVAL,
    level: float = 0.95,
    limits: tuple[float, float] = NO_LIMITS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Interval:
    """Mean of patient values [n] or [n, groups] with an interval over the patients, by group; method: INTERVAL_METHODS.

    Floats, or arrays [groups]. limits: what the mean can be, such as 0 and 1 of a Dice; an interval ends there.
    replicates, seed: of the bootstraps, which share the resamples of all groups. Fewer than two patients have no
    interval (NaN). Raises ValueError for an unknown method, a level outside 0..1 or values that are not finite.
    """
    table = np.asarray(values, np.float64)
    if method not in INTERVAL_METHODS:
        raise ValueError(f"unknown method {method!r}: {', '.join(INTERVAL_METHODS)}")
    if not 0 < level < 1:
        raise ValueError(f"level {level} is not between 0 and 1")
    if not np.isfinite(table).all():
        raise ValueError("values must be finite: leave absent patients out")
    columns = table.reshape(len(table), math.prod(table.shape[1:]))
    mean = columns.mean(axis=0) if len(columns) else np.full(columns.shape[1], np.nan)
    ends = np.full((2, columns.shape[1]), np.nan)
    if len(columns) > 1:
        for block in np.split(np.arange(columns.shape[1]), range(BLOCK, columns.shape[1], BLOCK)):
            if method in BOOTSTRAPS:
                ends[:, block] = bootstrap_ends(columns[:, block], method, level, replicates, seed)
            else:
                ends[:, block] = FORMULAS[method](columns[:, block], level, limits)
        ends = np.clip(ends, *limits)
    shape = table.shape[1:]
    return Interval(*(x.reshape(shape) if shape else float(x[0]) for x in (mean, *ends)))


def difference_interval(differences: ArrayLike, *, span: float = math.inf, **options: Any) -> Interval:
    """Mean of paired differences [n] or [n, columns] with its interval, which stays within -span and span.

    span: the largest that a difference can be, such as 1 of two Dice. options: of `mean_interval`. The interval holds
    what the differences seen can tell: where only one side misses structures and these patients show no miss, it is too
    short, which the rates of misses beside it show (`missed`).
    """
    return mean_interval(differences, limits=(-span, span), **options)


def student_ends(d: Array, level: float, limits: tuple[float, float] = NO_LIMITS) -> Array:
    """Ends of Student's interval, [2, columns], of d [n, columns]; `limits` are not asked."""
    reach = stats.t.ppf((1 + level) / 2, len(d) - 1) * d.std(axis=0, ddof=1) / np.sqrt(len(d))
    return d.mean(axis=0) + np.stack([-reach, reach])


def skewed_ends(d: Array, level: float) -> Array:
    """Ends of Hall's interval, [2, columns], of d [n, columns] with n of FEWEST_SKEWED at least.

    (C) With quantiles of Student's t for those of the normal distribution, and the unbiased skewness.
    """
    n, skew = len(d), skewness(d)
    # The cubic of a skewness of 0 is a straight line, which the formula reaches only as a limit.
    skew = np.where(np.abs(skew) < 1e-6, 1e-6, skew)
    t = stats.t.ppf([[(1 + level) / 2], [(1 - level) / 2]], n - 1) / np.sqrt(n)
    turned = 3 / skew * (np.cbrt(1 + skew * (t - skew / (6 * n))) - 1)
    return d.mean(axis=0) - turned * d.std(axis=0, ddof=1)


def skewness(d: Array) -> Array:
    """Unbiased skewness of every column of d [n, columns], n of FEWEST_SKEWED at least; 0 without spread."""
    n, spread = len(d), d - d.mean(axis=0)
    sd = spread.std(axis=0)
    third = np.mean(spread**3, axis=0)
    return np.divide(third, sd**3, out=np.zeros_like(sd), where=sd > 0) * np.sqrt(n * (n - 1)) / (n - 2)


def _wider(d: Array, level: float, limits: tuple[float, float]) -> Array:
    student = student_ends(d, level)
    if len(d) < FEWEST_SKEWED:
        return student
    skewed = skewed_ends(d, level)
    return np.stack([np.minimum(student[0], skewed[0]), np.maximum(student[1], skewed[1])])


def _scaled(d: Array, level: float, limits: tuple[float, float]) -> Array:
    low, high = limits
    if not math.isfinite(low):
        return student_ends(d, level)
    mean, reach = d.mean(axis=0), np.diff(student_ends(d, level), axis=0)[0] / 2
    signs = np.array([[-1], [1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        if not math.isfinite(high):
            ends = low + (mean - low) * np.exp(signs * reach / (mean - low))
        else:
            share = (mean - low) / (high - low)
            ends = low + (high - low) * special.expit(
                special.logit(share) + signs * reach / (high - low) / (share * (1 - share))
            )
    # A mean on a limit has no scale; all its values are there.
    return np.where(np.isfinite(ends), ends, mean)


FORMULAS = {"t": student_ends, "scaled": _scaled, "wider": _wider}
