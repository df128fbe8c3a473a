"""Intervals of a study's means: 10,000 bootstrap replicates of 13 methods by 128 cases, against scipy and one second.

All methods share the resamples of the patients, so that one product of matrices gives every replicate of every mean.
They are drawn anew in every call here; a study keeps them from one table to the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy.stats import bootstrap

from benchmarks.common import Row, against, race, told
from spinelib import intervals

METHODS, CASES, REPLICATES = 13, 128, 10_000
FLOOR = 1.0


def rows() -> Iterator[Row]:
    """Yield our intervals against scipy's of the same kind, then against the floor: of means and of differences."""
    values = np.random.default_rng(0).beta(8, 2, (CASES, METHODS))
    first, second = np.triu_indices(METHODS, 1)
    pairs = values[:, first] - values[:, second]
    for kind, theirs in (("percentile", "percentile"), ("bca", "BCa")):
        times = race({"ours": _ours(values, kind), "scipy": _scipy(values, theirs)}, 3)
        yield against(f"{kind} bootstrap, {METHODS} x {CASES} x {REPLICATES}, against scipy", times, "ours", "scipy")
    for name, table in (("means", values), (f"{pairs.shape[1]} differences", pairs)):
        call = _ours(table, intervals.DEFAULT)
        seconds, cores = np.median(race({"ours": call}, 5)["ours"], axis=0)
        title = f"{intervals.DEFAULT} of {METHODS} methods x {CASES} cases x {REPLICATES}: {name}, floor {FLOOR:g} s"
        yield told(title, seconds, FLOOR, FLOOR / seconds, "s", FLOOR / cores)


def _ours(values: np.ndarray, method: str) -> Callable[[], object]:
    def call() -> object:
        intervals._weights.cache_clear()
        return intervals.mean_interval(values, method=method, replicates=REPLICATES)

    return call


def _scipy(values: np.ndarray, method: str) -> Callable[[], object]:
    random = np.random.default_rng(0)
    # Resamples of one batch are held at once: 1,000 of them keep scipy within some tens of megabytes.
    options = {"n_resamples": REPLICATES, "axis": 0, "method": method, "batch": 1000}
    return lambda: bootstrap((values,), np.mean, rng=random, **options)
