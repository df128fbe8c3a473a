"""How often the intervals of a mean hold the truth, where some structures are missed and count with their penalty.

A board allows for misses where some entry of it missed the structure (`group_intervals`): WITH_MISSES is its interval
where many entries stand on it, ALONE that of the only entry, whose own patients may show no miss.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from spinelib.statistics import intervals
from spinelib.statistics.calibration import (
    BLOCK,
    COLUMNS,
    REPETITIONS,
    REPLICATES,
    SIZES,
    calibrated,
    monte_carlo_error,
)
from spinelib.statistics.calibration_shapes import MEANS, SCORES, Drawn, draw_scores, true_mean
from spinelib.statistics.missed import mean_with_misses

WITH_MISSES, ALONE = "misses", "misses, one entry"
MEAN_TITLES = intervals.INTERVAL_TITLES | {
    WITH_MISSES: "found and missed apart",
    ALONE: "the same, if one is seen",
}


def calibrate_means(
    sizes: Sequence[int] = SIZES,
    shapes: Sequence[str] = tuple(MEANS),
    repetitions: int = REPETITIONS,
    seed: int = 0,
    replicates: int = REPLICATES,
) -> pd.DataFrame:
    """Share of 95 % intervals that hold the true mean, columns COLUMNS of `calibration`, for every shape of MEANS.

    tool: of `intervals.INTERVAL_METHODS`, or WITH_MISSES and ALONE, both in use where structures can be missed. Raises
    ValueError for an unknown shape, fewer than two patients or no repetition.
    """
    if set(shapes) - set(MEANS) or not sizes or min(sizes) < 2 or repetitions < 1:
        raise ValueError(f"needs shapes among {', '.join(MEANS)}, sizes of 2 or more and repetitions of 1 or more")
    rows = [row for shape in shapes for n in sizes for row in _cell(shape, n, repetitions, seed, replicates)]
    return pd.DataFrame(rows, columns=COLUMNS)


def _cell(shape: str, n: int, repetitions: int, seed: int, replicates: int) -> Iterator[dict[str, Any]]:
    """The rows of one shape and size, which do not depend on which others are asked for."""
    rng = np.random.default_rng([seed, n, list(MEANS).index(shape)])
    total: dict[str, list[float]] = {}
    for k, first in enumerate(range(0, repetitions, BLOCK)):
        drawn = draw_scores(rng, shape, n, min(BLOCK, repetitions - first))
        for tool, (low, high) in _ends(drawn, shape, k, replicates):
            counted = total.setdefault(tool, [0.0, 0.0])
            counted[0] += np.count_nonzero((low <= true_mean(shape)) & (high >= true_mean(shape)))
            counted[1] += float(np.sum(high - low))
    in_use = (WITH_MISSES, ALONE) if MEANS[shape][1] > 0 else (intervals.DEFAULT_INTERVAL,)
    for tool, (held, width) in total.items():
        share = held / repetitions
        about = ("coverage", "means", tool, tool in in_use, shape, n, share, monte_carlo_error(share, repetitions))
        yield calibrated(*about, width / total["t"][1], repetitions)


def _ends(drawn: Drawn, shape: str, k: int, replicates: int) -> Iterator[tuple[str, Any]]:
    """Every tool with the low and high ends of its intervals of block k."""
    score = SCORES[MEANS[shape][0]]
    plain: dict[str, Any] = {}
    for method in intervals.INTERVAL_METHODS:
        options: dict[str, Any] = {"method": method, "limits": score.limits, "replicates": replicates, "seed": k}
        plain[method] = intervals.mean_interval(drawn.values, **options)[1:]
    yield from plain.items()
    apart = mean_with_misses(*drawn, score.penalty, limits=score.limits)[1:]
    yield WITH_MISSES, apart
    yield ALONE, np.where((drawn.missed > 0).any(axis=0), apart, plain[intervals.DEFAULT_INTERVAL])
