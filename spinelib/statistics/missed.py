"""Scores in which a missed structure counts with a penalty: the rate of misses, and a mean that allows for unseen ones.

A few misses decide the mean of many patients: with one patient in a hundred missed, half of all samples of 64 hold no
miss, and no interval that knows only the values seen reaches the true mean. So the mean is taken apart: it lies from
the penalty as far as the share of structures found times the mean distance of what is found. The rate of misses has
Jeffreys' interval (Brown, Cai & DasGupta, Stat Sci 16:101-133, 2001), the distance that of `intervals`; the interval of
the product is put together on the logarithmic scale from the squared reach of both (MOVER: Zou & Donner, Stat Med
27:1693-1702, 2008). (C, our choice) It is used where some entry of a study missed the structure, so that it can be
missed.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from spinelib.statistics.intervals import NO_LIMITS, Interval, mean_interval

Array = NDArray[np.float64]


class Penalty(NamedTuple):
    """What misses cost: mean and standard deviation of the values that missed structures were given; best: no error."""

    mean: float
    sd: float
    best: float


def rate_interval(missed: ArrayLike, level: float = 0.95) -> Interval:
    """Mean share of misses [n] or [n, groups] (0..1 of every patient) with Jeffreys' interval, by group.

    A patient of whom all was missed, or nothing, counts as one; where shares lie between, as with several films of a
    patient, up to twice as many, the less the films of a patient miss together. No patient has no rate (NaN).
    """
    shares = np.asarray(missed, np.float64)
    n = len(shares)
    if not n:
        empty = np.full(shares.shape[1:], np.nan)
        return Interval(*((empty,) * 3 if shares.ndim > 1 else (np.nan,) * 3))
    rate, spread = shares.mean(axis=0), shares.var(axis=0)
    mixed = (spread > 0) & (rate > 0) & (rate < 1)
    part = np.where(mixed, spread, 1) / np.where(mixed, rate * (1 - rate), 1)
    # The spread of a few misses is itself uncertain: halfway to what films that miss together would have.
    count = n / np.where(mixed, (1 + np.minimum(part, 1)) / 2, 1)
    hits, tail = rate * count, (1 - level) / 2
    low = np.where(rate > 0, stats.beta.ppf(tail, hits + 0.5, count - hits + 0.5), 0.0)
    high = np.where(rate < 1, stats.beta.ppf(1 - tail, hits + 0.5, count - hits + 0.5), 1.0)
    return Interval(rate, low, high) if shares.ndim > 1 else Interval(float(rate), float(low), float(high))


def mean_with_misses(
    values: ArrayLike,
    found: ArrayLike,
    missed: ArrayLike,
    penalty: Penalty,
    *,
    level: float = 0.95,
    limits: tuple[float, float] = NO_LIMITS,
) -> Interval:
    """Mean of patient values [n] or [n, groups], penalties included, with an interval that allows for unseen misses.

    found: mean of what was found of each patient, NaN where all was missed; missed: share of misses of each patient.
    limits: as in `mean_interval`. Where fewer than two patients have anything found, that may have been as good as can
    be. Fewer than two patients have no interval (NaN). Raises ValueError for shapes that differ.
    """
    tables = [np.asarray(x, np.float64) for x in (values, found, missed)]
    if len({x.shape for x in tables}) != 1:
        raise ValueError(f"needs values, what was found and shares of one shape, not {[x.shape for x in tables]}")
    shape = tables[0].shape[1:]
    whole, seen, shares = (x.reshape(len(x), math.prod(shape)) for x in tables)
    mean = whole.mean(axis=0) if len(whole) else np.full(whole.shape[1], np.nan)
    ends = np.full((2, whole.shape[1]), np.nan)
    if len(whole) > 1:
        rates = rate_interval(shares, level)
        ends = np.clip(mean + _reach(rates, _found(seen, penalty, level, limits), penalty, shares, level), *limits)
    return Interval(*(x.reshape(shape) if shape else float(x[0]) for x in (mean, *ends)))


def _found(seen: Array, penalty: Penalty, level: float, limits: tuple[float, float]) -> Interval:
    """Mean of what was found [n, groups], NaN where nothing was, with its interval."""
    counts = np.isfinite(seen).sum(axis=0)
    ends = np.empty((3, seen.shape[1]))
    for count in np.unique(counts):
        chosen = counts == count
        known = np.sort(seen[:, chosen], axis=0)[:count]
        if count > 1:
            ends[:, chosen] = np.stack(mean_interval(known, level=level, limits=limits))
        else:
            middle = known[0] if count else np.full(chosen.sum(), penalty.best)
            both = [np.full_like(middle, x) for x in sorted((penalty.mean, penalty.best))]
            ends[:, chosen] = np.stack([middle, *both])
    return Interval(*ends)


def _reach(rates: Interval, found: Interval, penalty: Penalty, shares: Array, level: float) -> Array:
    """How far the interval of the mean reaches down and up, [2, groups]."""
    above = found.mean >= penalty.mean
    tiny = 1e-12
    distance = np.maximum(np.abs(found.mean - penalty.mean), tiny * (found.high - found.low))
    near = np.where(above, found.low - penalty.mean, penalty.mean - found.high)
    far = np.where(above, found.high - penalty.mean, penalty.mean - found.low)
    kept = 1 - rates.mean
    product = kept * distance
    with np.errstate(divide="ignore", invalid="ignore"):
        down = np.hypot(np.log(kept / (1 - rates.high)), np.log(distance / np.maximum(near, tiny * distance)))
        up = np.hypot(np.log((1 - rates.low) / kept), np.log(far / distance))
        # What is found may reach past a penalty that is not the worst that can be.
        less = np.where(product > 0, np.maximum(product * -np.expm1(-down), kept * (distance - near)), 0.0)
        more = np.where(product > 0, product * np.expm1(up), (1 - rates.low) * far)
    # Penalties that differ by patient, such as the angle of a film without a reading, add their own spread.
    varied = stats.norm.ppf((1 + level) / 2) * penalty.sd * np.sqrt((shares**2).sum(axis=0)) / len(shares)
    less, more = np.hypot(less, varied), np.hypot(more, varied)
    return np.where(above, [-less, more], [-more, less])
