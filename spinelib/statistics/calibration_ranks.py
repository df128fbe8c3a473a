"""How often the intervals of ranks and of Kendall's tau hold the truth, where patients and trainings vary.

(C, our choice) Six entries, their true means 0.4 sd of a patient's score apart (`far`) or 0.1 (`near`), three seeds
each. A score is the entry's mean, what its patient adds for all, what its training adds (sd 0.15) and noise (0.5). Two
orders: the same in both data sets (`same order`, tau 1), or with three neighbours swapped (`swapped order`, tau 0.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from spinelib.statistics.calibration import COLUMNS, SIZES, calibrated, monte_carlo_error
from spinelib.statistics.ranks import mean_replicates, rank_bounds, tau_ends

Array = NDArray[np.float64]
ENTRIES, SEEDS = 6, 3
TRAINING_SD, NOISE_SD = 0.15, 0.5
GAPS = {"far": 0.4, "near": 0.1}
SWAPPED = np.array([1, 0, 3, 2, 5, 4])  # place of every entry in the second order
REPETITIONS, REPLICATES = 400, 400
COLUMN_SETS = {
    "patients and seeds": [np.arange(SEEDS) + SEEDS * k for k in range(ENTRIES)],
    "patients alone": [np.array([k]) for k in range(ENTRIES)],
}
RANK_TITLES = {"patients and seeds": "rank, patients and seeds drawn", "patients alone": "rank, patients drawn"}
TAU_TITLES = {"tau": "tau, settled pairs", "percentile": "tau, percentiles"}


def calibrate_ranks(sizes: Sequence[int] = SIZES, repetitions: int = REPETITIONS, seed: int = 0) -> pd.DataFrame:
    """Share of 95 % intervals that hold an entry's true rank, or the true tau, columns COLUMNS of `calibration`.

    of: `ranks` or `tau`. width: mean number of ranks, or mean length of the interval of tau. Raises ValueError for
    fewer than two patients or no repetition.
    """
    if not sizes or min(sizes) < 2 or repetitions < 1:
        raise ValueError("needs sizes of 2 or more and repetitions of 1 or more")
    rows: list[dict[str, Any]] = []
    for n in sizes:
        for name in GAPS:
            rows += _rank_rows(name, n, repetitions, seed)
            rows += _tau_rows(name, n, repetitions, seed)
    return pd.DataFrame(rows, columns=COLUMNS)


def _values(rng: np.random.Generator, n: int, means: Any) -> Array:
    """Scores [n, ENTRIES * SEEDS], the seeds of an entry side by side."""
    trained = np.repeat(means, SEEDS) + TRAINING_SD * rng.normal(size=ENTRIES * SEEDS)
    return trained + rng.normal(size=(n, 1)) + NOISE_SD * rng.normal(size=(n, ENTRIES * SEEDS))


def _rank_rows(name: str, n: int, repetitions: int, seed: int) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng([seed, n, list(GAPS).index(name)])
    truth = np.arange(1, ENTRIES + 1)
    total = {tool: np.zeros(2) for tool in COLUMN_SETS}
    for k in range(repetitions):
        values = _values(rng, n, GAPS[name] * truth)
        for tool, columns in COLUMN_SETS.items():
            given = values if tool == "patients and seeds" else values.reshape(n, ENTRIES, SEEDS).mean(axis=2)
            drawn = stats.rankdata(mean_replicates(given, columns, REPLICATES, k), axis=1, method="min")
            low, high = rank_bounds(drawn)
            total[tool] += np.mean((low <= truth) & (truth <= high)), np.mean(high - low + 1)
    yield from _rows("ranks", name, n, total, "patients and seeds", repetitions)


def _tau_rows(name: str, n: int, repetitions: int, seed: int) -> Iterator[dict[str, Any]]:
    first = GAPS[name] * np.arange(ENTRIES)
    for label, order in (("same order", np.arange(ENTRIES)), ("swapped order", SWAPPED)):
        rng = np.random.default_rng([seed, n, list(GAPS).index(name), len(label)])
        truth = stats.kendalltau(first, first[order]).statistic
        total = {tool: np.zeros(2) for tool in TAU_TITLES}
        for k in range(repetitions):
            sides = [_values(rng, n, means) for means in (first, first[order])]
            drawn = [mean_replicates(v, COLUMN_SETS["patients and seeds"], REPLICATES, k) for v in sides]
            seen = [v.mean(axis=0).reshape(ENTRIES, SEEDS).mean(axis=1) for v in sides]
            tau = float(stats.kendalltau(*seen).statistic)
            products = [np.sign(means[:, :, None] - means[:, None, :]) for means in drawn]
            taus = (products[0] * products[1]).sum(axis=(1, 2)) / (ENTRIES * (ENTRIES - 1))
            for tool, ends in (("tau", tau_ends(tau, *drawn)), ("percentile", np.percentile(taus, [2.5, 97.5]))):
                total[tool] += ends[0] - 1e-9 <= truth <= ends[1] + 1e-9, ends[1] - ends[0]
        yield from _rows("tau", f"{name}, {label}", n, total, "tau", repetitions)


def _rows(
    of: str, shape: str, n: int, total: dict[str, Array], used: str, repetitions: int
) -> Iterator[dict[str, Any]]:
    for tool, (held, width) in total.items():
        share = held / repetitions
        about = ("coverage", of, tool, tool == used, shape, n, share, monte_carlo_error(share, repetitions))
        yield calibrated(*about, width / repetitions, repetitions)
