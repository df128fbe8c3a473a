"""A training step against the loops of our peers and against a frozen batch, 2-D and 3-D, on CPU and GPU.

(C) A step is all of it: reading and augmenting a batch, forward, loss, backward, optimiser. On the CPU the whole race
shares one core, workers included: a study gives every run one core, and what a worker does on a second core is a run
that does not happen there. Two ratios per peer: as it is documented, and in our precision and memory format.
"""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch

from benchmarks import loops, optional
from benchmarks.common import Row, against, device_and_card, kinds, race
from benchmarks.synthetic import FILM, VOLUME, cases

# What is trained: method, grid, batch, cases; and steps in one turn, turns. A quarter of the width, as in `quick`.
TASKS = {
    "2-D": ("unet", FILM, 8, 48, 2, 7),
    "3-D": ("unet3d", VOLUME, 2, 16, 2, 7),
}
WIDTH = 0.25


def rows() -> Iterator[Row]:
    """Yield one row per device, task and peer, two for a peer in two precisions."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for kind in kinds():
        for task in TASKS:
            with _cores(kind):
                yield from _task(task, *device_and_card(kind))


def _task(task: str, device: torch.device, card: str) -> Iterator[Row]:
    method, grid, batch, count, steps, turns = TASKS[task]
    workers = 1 if device.type == "cpu" else min(8, os.cpu_count() or 1)
    with tempfile.TemporaryDirectory() as folder:
        shared = loops.setting(method, cases(count, grid, "train"), batch, device, workers, WIDTH)
        own = loops.trainer(shared, Path(folder))
        found = contenders(shared, own)
        # Three turns before the clock counts: workers start, and queues fill to where they stay.
        times = race({name: loops.turn(step, steps, device) for name, step in found.items()}, turns, 3)
    title = f"training step {task} {method} {list(grid)} x {batch}, {device.type}"
    print(f"{title}, {own.running.precision.name}")
    for name in list(found)[1:]:
        yield against(f"{title}, against {name}", times, "ours", name, steps, card)


def contenders(shared: loops.Setting, own: loops.Trainer) -> dict[str, loops.Step]:
    """A step of each, ours first."""
    same = own.running.precision.name
    found = {
        "ours": loops.ours(own),
        "frozen batch": loops.frozen(own),
        "plain loop": loops.plain(shared),
        "plain loop, our precision": loops.plain(shared, same),
        "MONAI": loops.monai(shared),
        "MONAI, our precision": loops.monai(shared, same),
    }
    return found | optional.contenders(shared, same)


@contextmanager
def _cores(kind: str) -> Iterator[None]:
    """One core for everything inside, workers included, on a CPU; where the system can do that."""
    if kind != "cpu" or not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
