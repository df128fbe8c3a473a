"""How far two trainings of one network lie apart, and how often a test then calls it another network.

`REPEATS` are trainings of one network that differ in the seed alone, as an outside audit of this study printed them;
how many films they were scored on it did not say (C: the 64 official test films of AASCE). Half the square of such a
difference, less what the patients explain of it, is the variance of a training's mean; what the patients explain is the
spread within them. (C, our choice) One pair of trainings measures a variance badly, but a wrong value cannot make the
test wrong: the rates hold for every ratio of the two parts (`tests/statistics/test_training_variance.py`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from spinelib.statistics.contrast import crossed_contrast
from spinelib.statistics.paired_tests import t_test

ALPHA = 0.05


class Repeat(NamedTuple):
    """Two trainings of one network on the same `n` films: their difference with its 95 % interval over films."""

    network: str
    metric: str
    unit: str
    n: int
    mean: float
    low: float
    high: float
    source: str


SOURCE = "an outside audit of this study, seeds 0 and 1; the runs were not kept"
REPEATS = (
    Repeat("PSPNet", "smape", "%", 64, -3.1, -6.1, -1.1, SOURCE),
    Repeat("U-Net", "hd95", "%", 64, 0.41, 0.15, 0.74, SOURCE),
)


class Parts(NamedTuple):
    """Standard deviations: of a training's mean over many patients, and of a patient's value from one to another."""

    training: float
    rest: float


def parts_of(repeat: Repeat) -> Parts:
    """The parts that one repeated training measures, in the unit of its metric."""
    error = (repeat.high - repeat.low) / (2 * stats.norm.isf(ALPHA / 2))
    own = max(repeat.mean**2 - error**2, 0.0) / 2
    return Parts(float(np.sqrt(own)), float(error * np.sqrt(repeat.n / 2)))


def measured_parts() -> pd.DataFrame:
    """Every repeated training with its parts, columns of Repeat and Parts."""
    return pd.DataFrame([repeat._asdict() | parts_of(repeat)._asdict() for repeat in REPEATS])


def same_network(parts: Parts, n: int, seeds: int, repetitions: int, seed: int = 0) -> tuple[float, float]:
    """How often one network, trained `seeds` times on each side, is called different from itself at 5 %.

    Shares of `repetitions` draws: of the paired t-test over n patients, seeds averaged, and of `crossed_contrast`.
    """
    rng, found = np.random.default_rng([seed, n, seeds]), []
    for _ in range(repetitions):
        level = rng.normal(0, parts.rest, (n, 1))
        trained = [
            level + rng.normal(0, parts.training, seeds) + rng.normal(0, parts.rest, (n, seeds)) for _ in range(2)
        ]
        old = t_test(trained[0].mean(axis=1) - trained[1].mean(axis=1))
        one, other = (pd.DataFrame(side) for side in trained)
        new = crossed_contrast(one, other, method="t").p
        found.append((old <= ALPHA, new <= ALPHA))
    shares = np.mean(found, axis=0)
    return float(shares[0]), float(shares[1])
