"""The whole calibration: tests and intervals of differences, means, ranks and orders in one table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from spinelib.statistics.calibration import REPETITIONS, SIZES, calibrate, with_verdicts
from spinelib.statistics.calibration_means import calibrate_means
from spinelib.statistics.calibration_ranks import calibrate_ranks

RANKS_OF = 50  # repetitions of a difference for one of an order, which costs as much as all of them
FEWEST_RANKS = 20


def calibrate_all(sizes: Sequence[int] = SIZES, repetitions: int = REPETITIONS, seed: int = 0) -> pd.DataFrame:
    """The columns of `calibration` and `verdict`, whether each share keeps its promise.

    Ranks and orders are repeated a RANKS_OF-th as often, FEWEST_RANKS times at least. Raises ValueError as `calibrate`.
    """
    few = max(FEWEST_RANKS, repetitions // RANKS_OF)
    tables = (
        calibrate(sizes, repetitions=repetitions, seed=seed),
        calibrate_means(sizes, repetitions=repetitions, seed=seed),
        calibrate_ranks(sizes, few, seed),
    )
    return with_verdicts(pd.concat(tables, ignore_index=True))
