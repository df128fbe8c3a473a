"""The difference of two methods, or the mean of one, with patients and trainings both drawn from many.

A network that is trained again scores otherwise, by about as much as many networks differ. What is asked of a method is
therefore asked of other patients and of other trainings, crossed random effects: value = level + patient + training +
rest. Their parts come from mean squares (Searle, Casella & McCulloch, Variance Components, 1992, section 4.3); the
trainings of two networks share nothing, so the parts of both sides add, with Satterthwaite's degrees of freedom
(Biometrics Bulletin 2:110-114, 1946). (C, our choice) The arms of the interval over patients and of the training part
are added as squares, each with its own quantile of t: so joined they hold the level (Banerjee, Sankhya 22:359-362,
1960), where one quantile for the sum rejects too often with two or three trainings. A side of a single training says
nothing of its training part: what is left is the interval over patients, of this training alone, and no p-value.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, special

from spinelib.statistics.intervals import NO_LIMITS, difference_interval, mean_interval

Array = NDArray[np.float64]
SMALLEST = -30.0  # power of ten below which a p-value is 0


class CrossedContrast(NamedTuple):
    """A mean difference over `n` patients with its interval; `seeds`: trainings of the side that has fewer.

    patient_sd: of the patients' differences; training_sd: of the means of trainings of one network, both sides
    together. With one training on a side the interval is that of the patients alone, and p and training_sd are NaN.
    """

    mean: float
    low: float
    high: float
    p: float
    n: int
    seeds: int
    patient_sd: float
    training_sd: float


class TrainingPart(NamedTuple):
    """What chance of training adds to the variance of a mean, with its degrees of freedom; sd of one training's mean.

    `trainings` are those that all patients have; with fewer than two the others are NaN.
    """

    variance: float
    df: float
    sd: float
    trainings: int


def crossed_contrast(
    one: pd.DataFrame,
    other: pd.DataFrame | None = None,
    level: float = 0.95,
    limits: tuple[float, float] = NO_LIMITS,
    **options: Any,
) -> CrossedContrast:
    """Compare values [patients, trainings] of two methods, difference one - other, over the patients of both.

    Without `other` the mean of `one` itself. limits: what a value can be; no bound lies beyond what a mean, or a
    difference of two values, can be. p is two-sided. `options` go to `difference_interval` or `mean_interval`. NaN
    bounds for fewer than two patients.
    """
    sides = [one] if other is None else [one, other]
    means = pd.concat([side.mean(axis=1) for side in sides], axis=1, join="inner").dropna()
    d = means.iloc[:, 0].to_numpy(float)
    if other is None:
        mean, low, high = mean_interval(d, level=level, limits=limits, **options)
    else:
        d, span = d - means.iloc[:, 1].to_numpy(float), limits[1] - limits[0]
        mean, low, high = difference_interval(d, span=span, level=level, **options)
        limits = -span, span
    parts = [training_part(side.loc[means.index]) for side in sides]
    seeds = min(part.trainings for part in parts)
    spread = float(d.std(ddof=1)) if len(d) > 1 else np.nan
    if seeds < 2 or len(d) < 2:
        return CrossedContrast(mean, low, high, np.nan, len(d), seeds, spread, np.nan)
    joined = added(parts)
    reach = special.stdtrit(joined.df, (1 + level) / 2) * np.sqrt(joined.variance)
    p = joint_p(mean, spread**2 / len(d), len(d) - 1, joined)
    ends = np.clip([mean - np.hypot(mean - low, reach), mean + np.hypot(high - mean, reach)], *limits)
    return CrossedContrast(mean, float(ends[0]), float(ends[1]), p, len(d), seeds, spread, joined.sd)


def training_part(values: pd.DataFrame) -> TrainingPart:
    """The training part of one method's mean from its values [patients, trainings], by mean squares.

    Patients without a value of every training are left out. A part below 0 counts as 0.
    """
    table = values.dropna(axis=1, how="all").dropna().to_numpy(float)
    n, k = table.shape
    if n < 2 or k < 2:
        return TrainingPart(np.nan, np.nan, np.nan, min(k, 1))
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + table.mean()
    own = table.mean(axis=0).var(ddof=1) - (rest**2).sum() / ((n - 1) * (k - 1)) / n
    own = max(float(own), 0.0)
    return TrainingPart(own / k, k - 1, float(np.sqrt(own)), k)


def added(parts: list[TrainingPart]) -> TrainingPart:
    """The training parts of all sides together, with Satterthwaite's degrees of freedom.

    (C, our choice) They are no more than those of sides that vary alike: estimated shares of two trainings beside ten
    give far too many whenever the two happen to agree.
    """
    variances, df = (np.array([getattr(part, name) for part in parts]) for name in ("variance", "df"))
    total, count = float(variances.sum()), min(part.trainings for part in parts)
    joined = total**2 / float((variances**2 / df).sum()) if total > 0 else float(df.min())
    shares = np.array([1 / part.trainings for part in parts])
    alike = float(shares.sum() ** 2 / (shares**2 / df).sum())
    return TrainingPart(total, min(joined, alike), float(np.sqrt(np.mean([part.sd**2 for part in parts]))), count)


def joint_p(mean: float, patients: float, df: int, trainings: TrainingPart) -> float:
    """The level at which the interval just reaches 0, by Student's t for both parts; patients: variance of the mean."""

    def beyond(power: float) -> float:
        tail = 10.0**power / 2
        arms = special.stdtrit(df, tail) ** 2 * patients + special.stdtrit(trainings.df, tail) ** 2 * trainings.variance
        return float(arms - mean**2)

    if mean == 0:
        return 1.0
    if beyond(SMALLEST) <= 0:
        return 0.0
    return float(10.0 ** optimize.brentq(beyond, SMALLEST, 0.0, xtol=1e-9))
