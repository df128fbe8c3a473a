"""What share of a device's matrix rate a training step achieves, and on a card images per second and peak memory.

The rate is not a data sheet's: in turns with the step, the same run multiplies two large square matrices in the format
of the network. The step is all of it, augmentation and optimiser included, but only forward and backward count as work:
two operations per multiply-add, as `torch.utils.flop_counter` counts convolutions and products (in float32 on a card
products are TF32, as in training). On a CPU both run on one core and its own time counts, which other programs hardly
disturb. On a card the step also runs compiled and as CUDA graphs: those rows say whether the recipe's `compile` pays.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import loops
from benchmarks.common import Row, Times, against, race, told, where
from benchmarks.synthetic import FILM, VOLUME, cases
from spinelib.core.devices import device_name, tune
from spinelib.prediction.precision import Precision

TURNS = 7
COMPILED = ("default", "graphs")


@dataclass(frozen=True)
class Load:
    """What is trained: method, grid, cases, width, images per step, and steps in one turn. side: of the matrices."""

    method: str
    grid: tuple[int, ...]
    count: int
    width: float
    batch: int
    steps: int
    side: int

    @property
    def name(self) -> str:
        """Title of the rows."""
        return f"{len(self.grid)}-D {self.method} {list(self.grid)} x {self.batch}, width {self.width:g}"


# A core gets the networks of `quick`, a card those of a study at full width and as many images as keep it busy.
LOADS = {
    "cpu": (Load("unet", FILM, 16, 0.25, 8, 1, 1024), Load("unet3d", VOLUME, 8, 0.25, 2, 2, 1024)),
    "cuda": (
        Load("unet", FILM, 256, 1.0, 64, 20, 8192),
        Load("unet3d", (18, 256, 128), 32, 1.0, 8, 20, 8192),
    ),
}


def rows() -> Iterator[Row]:
    """Yield the rows of every device and load."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for kind, loads in LOADS.items():
        if kind == "cuda" and not torch.cuda.is_available():
            print("matrix rate of a graphics card: none on this machine", flush=True)
            continue
        for load in loads:
            yield from of(load, torch.device(kind))


def of(load: Load, device: torch.device) -> Iterator[Row]:
    """The rows of one load."""
    tune(device)
    card = device_name(device) if device.type == "cuda" else ""
    with ExitStack() as stack:
        folders = iter(lambda: Path(stack.enter_context(tempfile.TemporaryDirectory())), None)
        shared = loops.setting(load.method, cases(load.count, load.grid, "train"), load.batch, device, 0, load.width)
        own = loops.trainer(shared, next(folders))
        name, work = f"{load.name}, {device.type}", flops(loops.frozen(own))
        precision = own.running.precision
        print(f"{name}, {precision.name}")
        steps = {"step": loops.ours(own), "frozen batch": loops.frozen(own)}
        if card:
            more = {choice: loops.trainer(shared, next(folders), precision.name, choice) for choice in COMPILED}
            steps |= {choice: loops.ours(trainer) for choice, trainer in more.items()}
        product, size = multiply(load.side, precision, device)
        calls = {name: loops.turn(step, load.steps, device) for name, step in steps.items()}
        times = race(calls | {"product": loops.turn(product, load.steps, device)}, TURNS, 3 if card else 1)
        for step in steps:
            title = f"matrix rate {name}, {step} against product of {load.side}"
            yield share(title, times, step, work / size, load.steps * work, card)
        if card:
            yield from on_a_card(name, load, times, card)
            yield memory(name, shared, loops.ours(own), precision.name, card)


def flops(step: Callable[[], None]) -> int:
    """Operations of one training step, forward and backward, two for a multiply-add."""
    with FlopCounterMode(display=False) as counter:
        step()
    return counter.get_total_flops()


def multiply(side: int, precision: Precision, device: torch.device) -> tuple[Callable[[], None], int]:
    """A product of two matrices in the format of the network, and its operations."""
    kind = torch.bfloat16 if precision.name.startswith("bfloat16") else torch.float32
    one, other = (torch.randn(side, side, device=device).to(kind) for _ in range(2))
    out = torch.empty_like(one)

    def call() -> None:
        torch.mm(one, other, out=out)

    return call, 2 * side**3


def share(title: str, times: dict[str, Times], step: str, more: float, work: float, card: str) -> Row:
    """Achieved operations per second of `step` against those of the product, in GFLOP/s.

    more: operations of one step over those of one product; work: operations of a turn of `step`.
    """
    clock = 0 if card else 1
    mine, product = times[step][:, clock], times["product"][:, clock]
    ratio = float(np.median(more * product / mine))
    rate = work / float(np.median(mine)) / 1e9
    return replace(told(title, rate, rate / ratio, ratio, "GFLOP/s"), where=where(card))


def on_a_card(name: str, load: Load, times: dict[str, Times], card: str) -> Iterator[Row]:
    """Images per second against a frozen batch, and the plain step against the compiled ones."""
    pace = {step: load.steps * load.batch / float(np.median(found[:, 0])) for step, found in times.items()}
    ratio = pace["step"] / pace["frozen batch"]
    found = told(f"images per second {name}, against a frozen batch", pace["step"], pace["frozen batch"], ratio, "/s")
    yield replace(found, where=where(card))
    for choice in COMPILED:
        yield against(f"step {name}, compile {choice} against off", times, choice, "step", load.steps, card)


def memory(name: str, shared: loops.Setting, ours: loops.Step, precision: str, card: str) -> Row:
    """Peak memory of a step on the card against the plain loop's, in our precision, without cases and weights."""
    mine, other = (peak(step, shared.device) for step in (ours, loops.plain(shared, precision)))
    return replace(told(f"peak memory {name}, against plain loop", mine, other, other / mine, "MB"), where=where(card))


def peak(step: Callable[[], None], device: torch.device) -> float:
    """MB that a step takes on the card at its peak, beyond what lay there before."""
    step()
    torch.cuda.synchronize(device)
    torch.cuda.reset_peak_memory_stats(device)
    before = torch.cuda.memory_allocated(device)
    step()
    torch.cuda.synchronize(device)
    return (torch.cuda.max_memory_allocated(device) - before) / 1e6
