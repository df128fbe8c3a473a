"""What share of a device's matrix rate a training step achieves, and on a card images per second and peak memory.

The rate is not a data sheet's: in turns with the step, the same run multiplies two large square matrices in the format
of the network. The step is all of it, augmentation and optimiser included, but only forward and backward count as work:
two operations per multiply-add, as `torch.utils.flop_counter` counts convolutions and products (in float32 on a card
products are TF32, as in training). On a CPU both run on one core and its own time counts, which other programs hardly
disturb.

The card's loads have the sizes that NVIDIA's DeepLearningExamples publish of nnU-Net on one A100 of 80 GB (README of
its PyTorch nnU-Net, 22.11, mixed precision): 1,345 images a second of 192 x 160 in batches of 128, and 30.0 patches of
128^3 in batches of 4, of which 68 to 76 are predicted in a second. The networks are ours, with channels from 32 to 512
and from 32 to 256; so images per second compare two whole programs, not two ways of computing one network.
"""

from __future__ import annotations

import tempfile
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import loops
from benchmarks.bench_inference import predicting
from benchmarks.common import DRY, Row, Times, device_and_card, kinds, race, told, where
from benchmarks.synthetic import FILM, VOLUME, cases
from spinelib.prediction.precision import Precision

TURNS = 7
PUBLISHED = "nnU-Net's published on an A100"


@dataclass(frozen=True)
class Load:
    """What is trained: method, grid, cases, width, images per step, and steps in one turn. side: of the matrices.

    published: images per second that nnU-Net has on an A100 for this size in training and in prediction, 0 where none
    is known.
    """

    method: str
    grid: tuple[int, ...]
    count: int
    width: float
    batch: int
    steps: int
    side: int
    published: tuple[float, float] = (0.0, 0.0)

    @property
    def name(self) -> str:
        """Title of the rows."""
        return f"{len(self.grid)}-D {self.method} {list(self.grid)} x {self.batch}, width {self.width:g}"


# A core gets the networks of `quick`, a card sizes that others have published.
LOADS = {
    "cpu": (Load("unet", FILM, 16, 0.25, 8, 1, 1024), Load("unet3d", VOLUME, 8, 0.25, 2, 2, 1024)),
    "cuda": (
        Load("unet", (192, 160), 256, 0.5, 128, 20, 8192, (1345.0, 0.0)),
        Load("unet3d", (128, 128, 128), 16, 2.0, 4, 5, 8192, (30.0, 76.0)),
    ),
    DRY: (
        Load("unet", (32, 16), 4, 0.125, 2, 1, 64, (1345.0, 0.0)),
        Load("unet3d", (4, 16, 16), 4, 0.125, 2, 1, 64, (30.0, 76.0)),
    ),
}


def rows() -> Iterator[Row]:
    """Yield the rows of every device and load."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for kind in kinds():
        device, card = device_and_card(kind)
        for load in LOADS[kind]:
            yield from of(load, device, card)


def of(load: Load, device: torch.device, card: str = "") -> Iterator[Row]:
    """The rows of one load; those of a card where `card` names one."""
    with tempfile.TemporaryDirectory() as folder:
        shared = loops.setting(load.method, cases(load.count, load.grid, "train"), load.batch, device, 0, load.width)
        own = loops.trainer(shared, Path(folder))
        name, work = f"{load.name}, {device.type}", flops(loops.frozen(own))
        precision = own.running.precision
        print(f"{name}, {precision.name}")
        steps = {"step": loops.ours(own), "frozen batch": loops.frozen(own)}
        product, size = multiply(load.side, precision, device)
        if card:
            own_cases = shared.data.subset(np.arange(load.batch))
            steps["prediction"] = predicting(shared.model().eval(), own_cases, precision.name)
        calls = {name: loops.turn(step, load.steps, device) for name, step in steps.items()}
        times = race(calls | {"product": loops.turn(product, load.steps, device)}, TURNS, 3 if card else 1)
        for step in [name for name in steps if name != "prediction"]:
            title = f"matrix rate {name}, {step} against product of {load.side}"
            yield share(title, times, step, work / size, load.steps * work, card)
        if card:
            yield from on_a_card(name, load, times, card)
        if device.type == "cuda":
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
    ratio = more * product / mine
    rate = work / float(np.median(mine)) / 1e9
    return replace(told(title, rate, rate / float(np.median(ratio)), ratio, "GFLOP/s"), where=where(card))


def on_a_card(name: str, load: Load, times: dict[str, Times], card: str) -> Iterator[Row]:
    """Images per second against a frozen batch and what nnU-Net publishes."""
    pace = {step: load.steps * load.batch / found[:, 0] for step, found in times.items()}
    trained, predicted = (np.array(number) for number in load.published)
    for what, peer, title in (
        ("step", pace["frozen batch"], "a frozen batch"),
        ("step", trained, PUBLISHED),
        ("prediction", pace["step"], "a training step"),
        ("prediction", predicted, PUBLISHED),
    ):
        if np.median(peer):
            found = float(np.median(pace[what])), float(np.median(peer))
            row = told(f"images per second {name}, {what} against {title}", *found, pace[what] / peer, "/s")
            yield replace(row, where=where(card))


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
