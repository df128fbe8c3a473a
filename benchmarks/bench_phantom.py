"""Films of the digital patient per second with all their labels, against the floor the project sets itself.

A film is a coronal radiograph of 512 x 256 px with corners, label map, both kinds of Cobb angle and apical
translation. One process per core with one thread each, as the studies run; the floor is 20 films per second on two
cores with under 1 GB each.
"""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from benchmarks.common import Row, where

FLOOR, CORES, FILMS = 20.0, 2, 48


def rows() -> Iterator[Row]:
    """Yield films per second on CORES cores; `ratio` above 1 is above the floor. Prints the peak memory as well."""
    os.environ["OMP_NUM_THREADS"] = "1"
    with ProcessPoolExecutor(CORES) as pool:
        list(pool.map(_make, range(CORES), [4] * CORES))
        start = time.perf_counter()
        memory = max(pool.map(_make, range(CORES), [FILMS] * CORES))
        rate = CORES * FILMS / (time.perf_counter() - start)
    name = "digital patient, films 512x256 with labels, 2 processes"
    print(f"{name:58s} {rate:9.1f} {FLOOR:9.1f} films/s {rate / FLOOR:6.1f} x, {memory:.0f} MB at most a process")
    yield Row(name, round(rate, 2), FLOOR, round(rate / FLOOR, 2), "films/s", where())


def _make(seed: int, count: int) -> float:
    """Make `count` films; gives this process's peak memory in MB."""
    import torch

    from spinelib.phantom import films, sample_anatomy

    torch.set_num_threads(1)
    for first in range(0, count, 16):
        films(sample_anatomy(min(16, count - first), seed, first), "coronal", (512, 256), seed)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
