"""What torch's compiler and CUDA graphs gain a training step on a graphics card, beside the plain step, in turns.

They say whether the recipe's `compile` pays there. Compiling itself is not in the steps; its seconds stand in the
title's line. A dry run compiles nothing: its rows compare the plain step with itself.
"""

from __future__ import annotations

import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import torch

from benchmarks import loops
from benchmarks.bench_matrix import LOADS, TURNS, Load
from benchmarks.common import DRY, Row, against, device_and_card, kinds, race
from benchmarks.synthetic import cases

# By device: the recipe's words, as `spinelib.training.compiled` knows them.
CHOICES = {"cuda": ("graphs", "default"), DRY: ("",)}


def rows() -> Iterator[Row]:
    """Yield a row per load of a card and choice; none for a processor."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for kind in [kind for kind in kinds() if kind in CHOICES]:
        device, card = device_and_card(kind)
        for load in LOADS[kind]:
            for choice in CHOICES[kind]:
                yield _row(load, choice, device, card)


def _row(load: Load, choice: str, device: torch.device, card: str) -> Row:
    with tempfile.TemporaryDirectory() as plain, tempfile.TemporaryDirectory() as other:
        shared = loops.setting(load.method, cases(load.count, load.grid, "train"), load.batch, device, 0, load.width)
        own = loops.trainer(shared, Path(plain))
        faster = loops.ours(loops.trainer(shared, Path(other), own.running.precision.name, choice))
        begun = time.perf_counter()
        loops.turn(faster, 1, device)()
        title = f"step {load.name}, {device.type}, compile {choice or 'off'} against off"
        print(f"{title}: {time.perf_counter() - begun:.0f} s to its first step", flush=True)
        steps = {"compiled": faster, "plain": loops.ours(own)}
        times = race({name: loops.turn(step, load.steps, device) for name, step in steps.items()}, TURNS, 3)
    return against(title, times, "compiled", "plain", load.steps, card)
