"""The hot functions whose instructions are counted, and the marks between which callgrind counts them.

Run by `benchmarks.bench_instructions` under callgrind, which ends one count and begins the next wherever a program asks
for its parent's number, as nothing in these functions does. No torch: its kernels differ from processor to processor,
and its import alone would take minutes there.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.synthetic import spine

CALLS = 3


def functions() -> dict[str, Callable[[], Any]]:
    """What is counted, by the words of its row: a film's scores, the angle read from a mask, a table's intervals."""
    from spinelib.measures.cobb.masks import from_mask
    from spinelib.measures.scoring import measure
    from spinelib.statistics import bootstraps, intervals

    outline, other = spine(256, 128, 0.0), spine(256, 128, 2.0)
    values = np.random.default_rng(0).beta(8, 2, (128, 13))

    def bounds() -> object:
        bootstraps.resample_weights.cache_clear()
        return intervals.mean_interval(values, method="bootstrap_t", replicates=1000)

    return {
        "scores of a film of 256 x 128": lambda: list(measure(other, outline, ("spine",), [0.6, 0.6])),
        "Cobb angle of a mask of 256 x 128": lambda: from_mask(outline),
        "bootstrap-t of 13 methods x 128 cases x 1000 replicates": bounds,
    }


def main() -> None:
    """Call each function once to warm up, then CALLS times between marks; prints the names in their order."""
    for name, call in functions().items():
        call()
        for _ in range(CALLS):
            os.getppid()
            call()
            os.getppid()
        print(name, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
