"""What the calibration draws: paired differences whose true mean is 0, and scores whose true mean is known.

(C, our choice) Differences. `normal`; `swapped`, of two equal methods with skewed scores (exponential less
exponential), which is what no difference between two methods looks like; `skewed`, an exponential shifted to mean 0
(skewness 2): means agree but the methods cannot be swapped. `both miss`: two equal methods that miss a structure, Dice
0, of so many patients each, independently; `one misses`: only the second does, and the first is worse by as much where
both find it; `clustered`: patients with one to five films each, heavy tails between the patients.

Scores. Dice (beta, mean 0.9, sd 0.047), HD95 in % (lognormal, mean 4) and the error of an angle (half normal, mean 4.8
degrees), of patients of whom so many are missed, at the penalty of the case table: Dice 0, HD95 100 %, and the true
angle (10 to 60 degrees). `Dice of films`: several films of a patient, each missed by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spinelib.statistics.missed import Penalty

Array = NDArray[np.float64]
Shape = tuple[int, int]
Draw = Callable[[np.random.Generator, Shape], Array]
FILMS = (1, 1, 2, 3, 5)  # of one patient after the other
FOUND_SD, LOST = 0.03, 0.9  # of Dice differences where both find the structure, and where one misses it
RATES = (0.01, 0.03, 0.1)


def both_miss(rng: np.random.Generator, shape: Shape, rate: float) -> Array:
    """Dice differences of two equal methods, each of which misses the structure of a share `rate` of the patients."""
    missed = rng.random((2, *shape)) < rate
    return _with_lost(rng, shape, missed[1].astype(float) - missed[0], missed.all(axis=0))


def one_misses(rng: np.random.Generator, shape: Shape, rate: float) -> Array:
    """Dice differences of mean 0 where only the second method misses, and is as much better where it does not."""
    missed = rng.random(shape) < rate
    return _with_lost(rng, shape, missed.astype(float), np.zeros(shape, bool)) - LOST * rate


def _with_lost(rng: np.random.Generator, shape: Shape, lost: Array, both: Any) -> Array:
    return np.where(both, 0.0, LOST * lost + FOUND_SD * rng.normal(size=shape))


def clustered_differences(rng: np.random.Generator, shape: Shape) -> Array:
    """Mean over the FILMS of each patient of patient effects (t with 5 degrees of freedom) and noise of equal size."""
    films = np.resize(FILMS, shape[0])[:, None]
    return 0.7 * rng.standard_t(5, shape) + 0.7 * rng.normal(size=shape) / np.sqrt(films)


DIFFERENCES: dict[str, Draw] = {
    "normal": lambda rng, shape: rng.normal(size=shape),
    "swapped": lambda rng, shape: rng.exponential(size=shape) - rng.exponential(size=shape),
    "skewed": lambda rng, shape: rng.exponential(size=shape) - 1,
    **{f"both miss {rate:.0%}": partial(both_miss, rate=rate) for rate in RATES},
    "one misses 3%": partial(one_misses, rate=0.03),
    "clustered": clustered_differences,
}


class Drawn(NamedTuple):
    """Scores of patients [n, columns], penalties included; mean of what was found (NaN: nothing); share missed."""

    values: Array
    found: Array
    missed: Array


class Score(NamedTuple):
    """A metric as drawn: how what is found is scored, its mean, penalty (mean and sd), limits, films of a patient."""

    found: Draw
    mean: float
    penalty: Penalty
    limits: tuple[float, float]
    penalties: Draw
    films: tuple[int, ...] = (1,)


def _dice(rng: np.random.Generator, shape: Shape) -> Array:
    return rng.beta(36, 4, shape)


SCORES: dict[str, Score] = {
    "Dice": Score(_dice, 0.9, Penalty(0.0, 0.0, 1.0), (0.0, 1.0), lambda rng, shape: np.zeros(shape)),
    "HD95": Score(
        lambda rng, shape: 4 * np.exp(0.6 * rng.normal(size=shape) - 0.18),
        4.0,
        Penalty(100.0, 0.0, 0.0),
        (0.0, np.inf),
        lambda rng, shape: np.full(shape, 100.0),
    ),
    "angle": Score(
        lambda rng, shape: np.abs(6 * rng.normal(size=shape)),
        float(6 * np.sqrt(2 / np.pi)),
        Penalty(35.0, 50 / np.sqrt(12), 0.0),
        (0.0, 180.0),
        lambda rng, shape: rng.uniform(10, 60, shape),
    ),
    "Dice of films": Score(
        _dice, 0.9, Penalty(0.0, 0.0, 1.0), (0.0, 1.0), lambda rng, shape: np.zeros(shape), films=FILMS
    ),
}
MEANS: dict[str, tuple[str, float]] = {
    "Dice 0%": ("Dice", 0.0),
    **{f"{name} {rate:.0%}": (name, rate) for name in ("Dice", "HD95", "angle") for rate in RATES},
    "Dice of films 3%": ("Dice of films", 0.03),
}


def true_mean(shape: str) -> float:
    """Mean of the scores of one of MEANS, penalties included."""
    name, rate = MEANS[shape]
    return SCORES[name].mean * (1 - rate) + SCORES[name].penalty.mean * rate


def draw_scores(rng: np.random.Generator, shape: str, n: int, columns: int) -> Drawn:
    """Scores of n patients in so many columns, of one of MEANS."""
    name, rate = MEANS[shape]
    score = SCORES[name]
    films = np.resize(score.films, n)
    size = (int(films.sum()), columns)
    missed = rng.random(size) < rate
    # Films of a patient share a quarter of the spread that patients have.
    own = np.repeat(np.arange(n), films)
    found = score.found(rng, size)
    if len(score.films) > 1:
        shared = score.found(rng, (n, columns))[own]
        found = score.mean + 0.25**0.5 * (found - score.mean) + 0.75**0.5 * (shared - score.mean)
    scored = np.where(missed, score.penalties(rng, size), found)
    values, shares, kept = (_by_patient(table, films) for table in (scored, missed, np.where(missed, 0.0, found)))
    with np.errstate(invalid="ignore"):
        return Drawn(values, np.where(shares < 1, kept / (1 - shares), np.nan), shares)


def _by_patient(table: Any, films: NDArray[np.int_]) -> Array:
    """Mean over the films of each patient, [n, columns], of a table [films, columns]."""
    starts = np.concatenate([[0], np.cumsum(films)[:-1]])
    return np.add.reduceat(table.astype(float), starts, axis=0) / films[:, None]
