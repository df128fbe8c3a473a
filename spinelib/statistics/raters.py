"""Agreement of two readings as clinicians read it: Bland-Altman, intraclass correlation, weighted kappa.

(A) Limits of agreement: Bland & Altman, Lancet 327:307-310, 1986, and Stat Methods Med Res 8:135-160, 1999, whose
standard error of a limit is the `approximate` method here; the `exact` interval of one limit is the noncentral t one
of Carkeet, Optom Vis Sci 92:e71-e80, 2015. A bias that grows with the angle is the slope of the differences on the
means (1999, section 3). ICC(2,1): Shrout & Fleiss, Psychol Bull 86:420-428, 1979, with the interval of McGraw & Wong,
Psychol Methods 1:30-46, 1996. Weighted kappa: Cohen, Psychol Bull 70:213-220, 1968; its standard error: Fleiss, Cohen &
Everitt, Psychol Bull 72:323-327, 1969; both from statsmodels.

(C) The patient is the unit: one value per film goes in, the films of one patient are averaged before anything else,
and classes are those of the averaged angle. So limits are for a patient's mean reading, and with several films per
patient they are narrower than those of a single film. The multiplier is 1.96, not the 2 of 1986. Fewer than 3
patients have no interval (NaN).

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from spinelib.measures.cobb.clinical import BOUNDS, SEVERITIES, severity

Array = NDArray[np.float64]
Counts = NDArray[np.int64]
FEWEST = 3
NAN = float("nan")


class Estimate(NamedTuple):
    """A value and its confidence interval; low and high are NaN where there is none."""

    value: float
    low: float
    high: float


class Limits(NamedTuple):
    """A Bland-Altman analysis of prediction - reference over `n` patients, in the unit of the values.

    bias: mean difference; sd: standard deviation of the differences (n - 1); lower, upper: limits of agreement;
    slope: change of the difference per unit of the mean of both readings; p_slope: two-sided, that it is 0.
    """

    bias: Estimate
    sd: float
    lower: Estimate
    upper: Estimate
    slope: Estimate
    p_slope: float
    n: int


def by_patient(values: ArrayLike, patients: ArrayLike | None = None) -> Array:
    """Mean of each patient's films: values [films, readings] to [patients, readings], patients as they first appear.

    Without `patients` [films] every film is its own patient. Raises ValueError for no film, values that are not
    finite or not [films, readings], and for patients that are missing or not one per film.
    """
    table = np.asarray(values, np.float64)
    if table.ndim != 2 or not table.size:
        raise ValueError(f"values must be [films, readings] with a film at least, not {list(table.shape)}")
    if not np.isfinite(table).all():
        raise ValueError("values must be finite: leave films without a reading out")
    if patients is None:
        return table
    # As objects: a missing name among words would become the word "nan".
    names = np.asarray(patients, dtype=object)
    if names.shape != table.shape[:1]:
        raise ValueError(f"patients must be one per film, [{len(table)}], not {list(names.shape)}")
    codes, found = pd.factorize(names)
    if (codes < 0).any():
        raise ValueError("every film needs its patient")
    return np.stack([table[codes == k].mean(0) for k in range(len(found))])


def bland_altman(
    reference: ArrayLike,
    prediction: ArrayLike,
    patients: ArrayLike | None = None,
    *,
    coverage: float = 0.95,
    level: float = 0.95,
    method: Literal["exact", "approximate"] = "exact",
) -> Limits:
    """Bias and limits of agreement of predictions against references, one value per film each.

    The limits hold the share `coverage` of normal differences; `level` is the confidence of every interval. The bias
    has the t interval under both methods. The slope is NaN when all means are equal. Raises ValueError as
    `by_patient` does, for unequal lengths, an unknown method, or shares outside 0..1.
    """
    _check_shares(coverage, level)
    if method not in ("exact", "approximate"):
        raise ValueError(f"unknown method {method!r}: exact or approximate")
    first, second = by_patient(_paired(reference, prediction), patients).T
    d, n = second - first, len(first)
    bias, sd = float(d.mean()), float(d.std(ddof=1)) if n > 1 else NAN
    z = float(stats.norm.ppf((1 + coverage) / 2))
    ends = np.full(2, NAN)
    margin = NAN
    if n >= FEWEST:
        margin = sd * float(stats.t.ppf((1 + level) / 2, n - 1) / np.sqrt(n))
        ends = _limit_ends(n, z, level, method)
    low, high = (float(sd * end) for end in ends)
    lower = Estimate(bias - z * sd, bias - high, bias - low)
    upper = Estimate(bias + z * sd, bias + low, bias + high)
    slope, p_slope = _slope((first + second) / 2, d, level)
    return Limits(Estimate(bias, bias - margin, bias + margin), sd, lower, upper, slope, p_slope, n)


def icc(ratings: ArrayLike, patients: ArrayLike | None = None, *, level: float = 0.95) -> Estimate:
    """ICC(2,1) of ratings [films, raters]: two-way random effects, absolute agreement, a single rater.

    The estimate and the lower end may fall below 0. Ratings that are all equal give NaN. Raises ValueError as
    `by_patient` does, for fewer than two raters or a level outside 0..1.
    """
    _check_shares(level)
    table = by_patient(ratings, patients)
    n, k = table.shape
    if k < 2:
        raise ValueError("agreement needs at least two raters")
    if n < 2:
        return Estimate(NAN, NAN, NAN)
    rows, columns, error = _mean_squares(table)
    # A spread of rounding errors is no spread.
    nothing = (1e-12 * np.abs(table).max()) ** 2
    if columns + error <= nothing:
        value = 1.0 if rows > nothing else NAN
        return Estimate(value, *([value] * 2 if n >= FEWEST else [NAN] * 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.divide(rows - error, rows + (k - 1) * error + k * (columns - error) / n)
        ends = _icc_ends(rows, columns, error, n, k, level) if n >= FEWEST else (NAN, NAN)
    return Estimate(float(value), *ends)


def confusion(reference: Sequence[str], prediction: Sequence[str], classes: Sequence[str]) -> Counts:
    """Counts [classes, classes] of one label per patient, reference in rows, prediction in columns.

    Raises ValueError for unequal lengths, no label, and a label that is not among the `classes`.
    """
    if len(reference) != len(prediction) or not len(reference):
        raise ValueError(f"labels must be pairs, not {len(reference)} and {len(prediction)}")
    unknown = sorted({*map(str, reference), *map(str, prediction)} - set(classes))
    if unknown:
        raise ValueError(f"{', '.join(unknown)} not among the classes {', '.join(classes)}")
    order = list(classes)
    table = np.zeros((len(order), len(order)), np.int64)
    for true, read in zip(reference, prediction, strict=True):
        table[order.index(str(true)), order.index(str(read))] += 1
    return table


def severity_confusion(
    reference: ArrayLike,
    prediction: ArrayLike,
    patients: ArrayLike | None = None,
    bounds: Sequence[float] = BOUNDS,
) -> Counts:
    """Counts [4, 4] of patients by severity of the major curve (rows reference, columns prediction; SEVERITIES).

    One angle in degrees per film; the angles of a patient are averaged, then classed as `cobb.clinical.severity` does
    with its `bounds`. Raises ValueError as `by_patient` and `severity` do and for unequal lengths.
    """
    first, second = by_patient(_paired(reference, prediction), patients).T
    return confusion(severity(first, bounds).tolist(), severity(second, bounds).tolist(), SEVERITIES)


def weighted_kappa(
    table: ArrayLike, weights: Literal["linear", "quadratic"] = "quadratic", *, level: float = 0.95
) -> Estimate:
    """Weighted kappa of the counts [classes, classes] of ordered classes, one patient each.

    A disagreement weighs as much as the classes are apart (linear) or the square of that (quadratic). The interval is
    the normal one of large samples, cut at -1 and 1; full agreement has no spread and gives 1 to 1. A reading that puts
    everyone in one class agrees as chance does, 0 without an interval; NaN when both put everyone in the same one.
    Raises ValueError for a table that is not square, smaller than 2, empty, or with negative or broken counts, for
    unknown weights or a level outside 0..1.
    """
    # Takes as long to import as the rest of the package's statistics together.
    from statsmodels.stats.inter_rater import cohens_kappa

    _check_shares(level)
    counts = np.asarray(table, np.float64)
    if counts.ndim != 2 or counts.shape[0] != counts.shape[1] or len(counts) < 2:
        raise ValueError(f"counts must be [classes, classes] with 2 classes or more, not {list(counts.shape)}")
    if not np.isfinite(counts).all() or (counts < 0).any() or (counts % 1).any() or not counts.any():
        raise ValueError("counts must be whole numbers, none negative and not all 0")
    if weights not in ("linear", "quadratic"):
        raise ValueError(f"unknown weights {weights!r}: linear or quadratic")
    # By chance alone everyone agrees too, and kappa is 0 / 0.
    if counts.trace() == counts.max() == counts.sum():
        return Estimate(NAN, NAN, NAN)
    if 1 in (np.count_nonzero(counts.sum(0)), np.count_nonzero(counts.sum(1))):
        return Estimate(0.0, NAN, NAN)
    # The library divides by the spread, which full agreement has not.
    with np.errstate(invalid="ignore"):
        found = cohens_kappa(counts, wt=weights)
    value = float(found.kappa)
    if counts.sum() < FEWEST:
        return Estimate(value, NAN, NAN)
    # Rounding takes the variance of full agreement below 0.
    reach = float(stats.norm.ppf((1 + level) / 2)) * float(np.sqrt(max(found.var_kappa, 0.0)))
    return Estimate(value, max(value - reach, -1.0), min(value + reach, 1.0))


def _paired(reference: ArrayLike, prediction: ArrayLike) -> Array:
    """Both readings as columns, [films, 2]."""
    first, second = np.asarray(reference, np.float64), np.asarray(prediction, np.float64)
    if first.shape != second.shape or first.ndim != 1:
        raise ValueError(f"readings must both be [films], not {list(first.shape)} and {list(second.shape)}")
    return np.stack([first, second], 1)


def _check_shares(*shares: float) -> None:
    if not all(0 < share < 1 for share in shares):
        raise ValueError(f"coverage and level must lie between 0 and 1, not {shares}")


def _limit_ends(n: int, z: float, level: float, method: str) -> Array:
    """Ends [2] of the interval of mean + z sd, as multiples of the sample's sd above its mean."""
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    if method == "exact":
        return stats.nct.ppf(tails, n - 1, z * np.sqrt(n)) / np.sqrt(n)
    return z + stats.t.ppf(tails, n - 1) * np.sqrt(1 / n + z**2 / (2 * (n - 1)))


def _slope(x: Array, y: Array, level: float) -> tuple[Estimate, float]:
    """Least-squares slope of y on x with its t interval, and p; 0 with p = 1 where y is constant."""
    # A spread of rounding errors is no spread.
    nothing = 1e-12 * np.abs(x).max()
    if len(x) < FEWEST or np.ptp(x) <= nothing:
        return Estimate(NAN, NAN, NAN), NAN
    if np.ptp(y) <= nothing:
        return Estimate(0.0, 0.0, 0.0), 1.0
    line = stats.linregress(x, y)
    margin = float(stats.t.ppf((1 + level) / 2, len(x) - 2) * line.stderr)
    slope = float(line.slope)
    return Estimate(slope, slope - margin, slope + margin), float(line.pvalue)


def _mean_squares(table: Array) -> tuple[float, float, float]:
    """Mean squares of the subjects (rows), the raters (columns) and what is left, of values [n, k]."""
    n, k = table.shape
    subjects, raters = table.mean(1), table.mean(0)
    left = table - subjects[:, None] - raters + table.mean()
    error = np.square(left).sum() / ((n - 1) * (k - 1))
    return float(k * subjects.var(ddof=1)), float(n * raters.var(ddof=1)), float(error)


def _icc_ends(rows: float, columns: float, error: float, n: int, k: int, level: float) -> tuple[float, float]:
    """McGraw and Wong's interval of ICC(A,1), which is ICC(2,1); Satterthwaite's degrees of freedom."""
    # Their a and b with the estimate put in, so that nothing is divided by 1 - ICC; a columns + b error is then rows.
    a = (rows - error) / (columns + (n - 1) * error)
    b = 1 + (n - 1) * a
    free = np.divide(rows**2, (a * columns) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
    share = (1 + level) / 2
    f_low, f_high = stats.f.ppf(share, n - 1, free), stats.f.ppf(share, free, n - 1)
    rest = k * columns + (k * n - k - n) * error
    low = n * (rows - f_low * error) / (f_low * rest + n * rows)
    high = n * (f_high * rows - error) / (rest + n * f_high * rows)
    return float(low), float(high)
