"""Intervals of a study's means: 10,000 bootstrap replicates of 13 methods by 128 cases, against scipy and one second.

All methods share the resamples of the patients, so that one product of matrices gives every replicate of every mean.
They are drawn anew in every call here; a study keeps them from one table to the next. The percentile and the BCa
bootstrap are compared like with like, after a check that the bounds agree. The bootstrap-t gives every
resample a standard error as well, which scipy does not: beside scipy's BCa it does more, and has no peer of its own.
Our default is a formula and draws nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from scipy.stats import bootstrap

from benchmarks.common import Row, against, race, told
from spinelib.statistics import bootstraps, intervals

METHODS, CASES, REPLICATES = 13, 128, 10_000
FLOOR = 1.0
# Of the standard error: two independent sets of resamples place a bound this far apart at most.
APART = 0.15


def rows() -> Iterator[Row]:
    """Yield our intervals against scipy's, then against the floor: of means and of differences."""
    values = np.random.default_rng(0).beta(8, 2, (CASES, METHODS))
    size = f"{METHODS} methods x {CASES} cases x {REPLICATES} replicates"
    calls: dict[str, Callable[[], Any]] = {"ours": _ours(values, "percentile"), "scipy": _scipy(values, "percentile")}
    calls |= {"our BCa": _ours(values, "bca"), "scipy BCa": _scipy(values, "BCa")}
    calls |= {"our bootstrap-t": _ours(values, "bootstrap_t")}
    agree(values, calls["ours"](), calls["scipy"]())
    agree(values, calls["our BCa"](), calls["scipy BCa"]())
    times = race(calls, 9)
    yield against(f"percentile bootstrap of {size}, against scipy's percentile", times, "ours", "scipy")
    yield against(f"BCa bootstrap of {size}, against scipy's BCa", times, "our BCa", "scipy BCa")
    title = f"bootstrap-t of {size}, against scipy's BCa, which is less work"
    yield against(title, times, "our bootstrap-t", "scipy BCa")
    first, second = np.triu_indices(METHODS, 1)
    pairs = values[:, first] - values[:, second]
    for name, table in (("means", values), (f"all {pairs.shape[1]} differences", pairs)):
        seconds, cores = np.median(race({"ours": _ours(table, intervals.DEFAULT_INTERVAL)}, 9)["ours"], axis=0)
        title = f"{intervals.DEFAULT_INTERVAL} bounds of {METHODS} methods x {CASES} cases: {name}, against {FLOOR:g} s"
        yield told(title, seconds, FLOOR, FLOOR / seconds, "s", FLOOR / cores)


def agree(values: np.ndarray, ours: intervals.Interval, theirs: Any) -> None:
    """Raises AssertionError where bounds of the two lie apart by more than resampling does."""
    error = values.std(axis=0) / np.sqrt(len(values))
    for side in ("low", "high"):
        apart = np.abs(getattr(ours, side) - getattr(theirs.confidence_interval, side)) / error
        assert apart.max() < APART, f"{side} bounds lie {apart.max():.2f} standard errors apart"


def _ours(values: np.ndarray, method: str) -> Callable[[], intervals.Interval]:
    def call() -> intervals.Interval:
        bootstraps.resample_weights.cache_clear()
        return intervals.mean_interval(values, method=method, replicates=REPLICATES)

    return call


def _scipy(values: np.ndarray, method: str) -> Callable[[], object]:
    random = np.random.default_rng(0)
    # Resamples of one batch are held at once; 200 are its fastest here.
    options = {"n_resamples": REPLICATES, "axis": 0, "method": method, "batch": 200}
    return lambda: bootstrap((values,), np.mean, rng=random, **options)
