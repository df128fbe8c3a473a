"""MR volumes of the digital patient per second with their labels, against the floor the project sets itself.

A volume is 18 x 256 x 256 voxels, of which training keeps the central 18 x 256 x 128, with exact labels of the 19
structures. One process per core with one thread each; the floor is one volume per second on two cores.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from benchmarks.common import Row, where

FLOOR, CORES, VOLUMES = 1.0, 2, 12
SIZE, SLICES = (256, 256), 18


def rows() -> Iterator[Row]:
    """Yield volumes per second on CORES cores; `ratio` above 1 is above the floor. Prints the peak memory as well."""
    os.environ["OMP_NUM_THREADS"] = "1"
    # Fresh processes: their peak memory is then that of the volumes, not of what ran before.
    with ProcessPoolExecutor(CORES, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_make, range(CORES), [1] * CORES))
        start = time.perf_counter()
        memory = max(pool.map(_make, range(CORES), [VOLUMES] * CORES))
        rate = CORES * VOLUMES / (time.perf_counter() - start)
    name = "digital patient, MR 18x256x256 with labels, 2 processes"
    print(f"{name:58s} {rate:9.2f} {FLOOR:9.2f} volumes/s {rate / FLOOR:6.1f} x, {memory:.0f} MB at most a process")
    yield Row(name, round(rate, 2), FLOOR, round(rate / FLOOR, 2), "volumes/s", where())


def _make(seed: int, count: int) -> float:
    """Make `count` volumes; gives this process's peak memory in MB."""
    import torch

    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.mr import scan

    torch.set_num_threads(1)
    anatomy = sample_anatomy(count, seed)
    for i in range(count):
        scan(anatomy[i], seed, SIZE, SLICES)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
