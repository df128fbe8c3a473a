"""Where the time of one training step goes, by kind of operator, and the matrix rate that its convolutions alone reach.

The profiler knows the clock alone, and other programs on the machine lengthen whatever runs when they get their turn.
So of every operator of the step the shortest of several steps counts, and their sum is scaled to the processor's own
time of a step. Phases come before operators: all that the augmentation, the loss (backward as well) and the optimiser
do is theirs. What the profiler itself takes lies in all small operators, so the rest, Python between them included, is
told a little too large. Rates count work as `benchmarks.bench_matrix` does; that of the convolutions is the most that a
step could reach if everything else cost nothing.
"""

from __future__ import annotations

import re
import tempfile
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.autograd.profiler import record_function
from torch.profiler import ProfilerActivity, profile
from torch.utils.flop_counter import FlopCounterMode

from benchmarks import loops
from benchmarks.bench_matrix import Load, multiply, share
from benchmarks.common import Row, race, told
from benchmarks.synthetic import FILM, cases

TURNS = 5
LUMBAR = (18, 128, 64)
# The widths of study lumbar, whose volumes and batches the last three have.
LOADS = (
    *(Load(name, FILM, 16, 0.25, 8, 1, 1024) for name in ("unet", "mdwcnet", "r2mfnet", "plunet", "transunet")),
    *(Load(name, LUMBAR, 6, 0.25, 2, 1, 1024) for name in ("unet3d", "resunet3d", "safnet")),
)
MARK = "phase: "
CONVOLUTION, REST = "convolution", "rest"
PHASES = ("augmentation", "loss", "optimiser")
# Of an operator and those it was called by the innermost that fits gives the kind.
KINDS = {
    "normalisation": r"(batch|group|layer|instance)_?norm",
    "activation": r"relu|threshold|clamp_min|sigmoid|gelu|silu",
    "pooling": r"pool",
    "resampling": r"upsample|grid_sampler",
    "copies": r"copy|contiguous|clone|::cat$|::stack$",
    CONVOLUTION: r"conv|depthwise",
    "matrix products": r"::(b|add|badd)?mm$|scaled_dot",
}


def rows() -> Iterator[Row]:
    """Yield a row for every kind of operator, and two rates, of every network, on one core."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    for load in LOADS:
        yield from of(load)


def of(load: Load) -> Iterator[Row]:
    """The rows of one network: milliseconds of each kind beside those of the step, and the rates."""
    with tempfile.TemporaryDirectory() as folder:
        device = torch.device("cpu")
        shared = loops.setting(load.method, cases(load.count, load.grid, "train"), load.batch, device, 0, load.width)
        own = loops.trainer(shared, Path(folder))
        running: Any = own.running
        work, of_convolutions = operations(loops.frozen(own))
        product, size = multiply(load.side, running.precision, device)
        _mark(running)
        step = loops.ours(own)
        times = race({"step": step, "product": product}, TURNS)
        parts = shares([_events(step) for _ in range(TURNS)])
    name = f"{load.name}, cpu"
    print(f"{name}, {running.precision.name}")
    whole = 1000 * float(np.median(times["step"][:, 1]))
    for kind in (CONVOLUTION, *(other for other in (*KINDS, *PHASES) if other != CONVOLUTION), REST):
        yield told(f"time of a step {name}: {kind}", parts[kind] * whole, whole, parts[kind], "ms")
    yield share(f"matrix rate {name}, step against product of {load.side}", times, "step", work / size, work, "")
    times["convolutions"] = times["step"] * parts[CONVOLUTION]
    title = f"matrix rate {name}, convolutions alone against product of {load.side}"
    yield share(title, times, "convolutions", of_convolutions / size, of_convolutions, "")


def operations(step: Callable[[], None]) -> tuple[int, int]:
    """Operations of a training step, two for a multiply-add: all of them, and those of convolutions."""
    with FlopCounterMode(display=False) as counter:
        step()
    counts = counter.get_flop_counts()["Global"]
    return sum(counts.values()), sum(number for operator, number in counts.items() if "conv" in str(operator))


def _mark(running: Any) -> None:
    """Let the profiler see which operators are the augmentation's and the loss's."""
    running.augment.__class__ = _marked(type(running.augment), "__call__", "augmentation")
    running.objective.__class__ = _marked(type(running.objective), "loss", "loss")


def _marked(kind: type, method: str, phase: str) -> type:
    def call(self: Any, *inputs: Any, **options: Any) -> Any:
        with record_function(MARK + phase):
            return getattr(kind, method)(self, *inputs, **options)

    return type(kind.__name__, (kind,), {method: call, "__slots__": ()})


def _events(step: Callable[[], None]) -> list[Any]:
    """The profiler's events of one step; what is between operators is in that of the step itself."""
    with profile(activities=[ProfilerActivity.CPU]) as seen, record_function("step"):
        step()
    return list(seen.events() or [])


def shares(steps: list[list[Any]]) -> dict[str, float]:
    """Share of every kind in the time of a step, of the profiler's events of several steps; they add up to 1."""
    shortest: dict[tuple[str, str, int], list[float]] = defaultdict(list)
    for events in steps:
        number: Counter[tuple[str, str]] = Counter()
        in_loss = {event.sequence_nr for event in events if event.sequence_nr >= 0 and _phase(event) == "loss"}
        for event in events:
            key = _kind(event, in_loss), event.name
            for piece in _pieces(event):
                shortest[*key, number[key]].append(piece)
                number[key] += 1
    sums = dict.fromkeys((*KINDS, *PHASES, REST), 0.0)
    for (kind, _, _), found in shortest.items():
        # What only some steps have, such as a corruption by chance, counts as often as it came.
        sums[kind] += min(found) * len(found) / len(steps)
    whole = sum(sums.values())
    return {kind: part / whole for kind, part in sums.items()}


def _pieces(event: Any) -> list[float]:
    """Microseconds of an event without those it called; of the step, each stretch of Python between two of these.

    Together they are so long that in every step another program would have its turn among them.
    """
    if event.cpu_parent is not None or not event.cpu_children:
        return [event.self_cpu_time_total]
    inner = sorted((child.time_range.start, child.time_range.end) for child in event.cpu_children)
    starts, ends = [start for start, _ in inner], [end for _, end in inner]
    return [later - earlier for earlier, later in zip(ends[:-1], starts[1:], strict=True)]


def _kind(event: Any, in_loss: set[int]) -> str:
    phase = _phase(event)
    if phase:
        return phase
    line = list(_line(event))
    if any("evaluate_function" in above.name and above.sequence_nr in in_loss for above in line):
        return "loss"
    for above in line:
        for kind, pattern in KINDS.items():
            if re.search(pattern, above.name.removeprefix("autograd::engine::evaluate_function: "), re.IGNORECASE):
                return kind
    return REST


def _phase(event: Any) -> str:
    for above in _line(event):
        if above.name.startswith(MARK):
            return above.name.removeprefix(MARK)
        if above.name.startswith("Optimizer.") or above.name == "aten::linalg_vector_norm":
            return "optimiser"
    return ""


def _line(event: Any) -> Iterator[Any]:
    """The event, the one that called it, and so on."""
    while event is not None:
        yield event
        event = event.cpu_parent
