"""Number format and memory layout of the networks: float32 or bfloat16, channels last or not.

A fixed choice ("float32", "bfloat16", either with "+channels_last") gives the same bits for the same seed,
machine and thread count, and one that all runs of a study share keeps the format out of their comparison. So
`core.names.USUAL_PRECISION` is every run's, and is kept where the hardware only imitates bfloat16, slowly. A study may
ask for "auto" instead, which times a few training steps of every combination that the hardware computes
natively and keeps the plainest one unless another is clearly faster. Timing can differ from one day to the
next, so the choice is written to the run's record, a resumed run takes it from there, and a study that wants
bit-equal runs gives the recorded choice (or a `cache` file that its runs share).
"""

from __future__ import annotations

import copy
import json
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.names import PRECISIONS
from spinelib.core.seals import read_sealed, sealed
from spinelib.models.objective import Objective, Targets

# A faster combination must win by this factor: below it a busy machine could tip the scale either way.
_CLEARLY_FASTER = 1.05
_TIMED_STEPS = 3
# On a CPU steps take the longer the larger the batch, in every combination alike: two images tell enough.
_CPU_PROBE_IMAGES = 2


@dataclass(frozen=True)
class Precision:
    """One of PRECISIONS, applied to models, inputs and outputs."""

    name: str = "float32"

    def __post_init__(self) -> None:
        if self.name not in PRECISIONS:
            raise BadInput("precision", f"{self.name!r} is not known", f"Use auto or {', '.join(PRECISIONS)}.")

    def arrange(self, target: Any) -> Any:
        """A module or tensor in this memory layout (volumes in the 3-D one)."""
        if not self.name.endswith("channels_last"):
            return target
        if isinstance(target, Tensor):
            return _last(target)
        for parameter in target.parameters():
            if parameter.dim() in (4, 5):
                parameter.data = parameter.data.contiguous(memory_format=_layout(parameter.dim()))
        return target

    def autocast(self, device: torch.device) -> AbstractContextManager[Any]:
        """Context in which products run in bfloat16, where the device knows it; no effect for float32."""
        enabled = self.name.startswith("bfloat16") and knows_bfloat16(device)
        return torch.autocast(device.type, dtype=torch.bfloat16, enabled=enabled)

    def forward(self, model: Callable[..., Any], inputs: Tensor, *others: Tensor) -> Any:
        """What `model` returns (a tensor or a dict of them) in float32, computed in this precision.

        `others` are passed on as they are, after the inputs [B,C,*S].
        """
        with self.autocast(inputs.device):
            outputs = model(self.arrange(inputs), *others)
        if isinstance(outputs, Tensor):
            return outputs.float()
        return {name: value.float() for name, value in outputs.items()}


@cache
def knows_bfloat16(device: torch.device) -> bool:
    """Whether a device takes bfloat16 at all, which older Macs do not; float32 then stands in, with a remark."""
    if device.type != "mps":
        return True
    try:
        torch.ones(1, dtype=torch.bfloat16, device=device)
    except (TypeError, RuntimeError):
        warnings.warn("this GPU has no bfloat16: computed in float32, which rounds less", stacklevel=2)
        return False
    return True


def multiplies_bfloat16(device: torch.device) -> bool:
    """Whether the hardware of a device multiplies bfloat16 natively; elsewhere it is imitated, slowly."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "mps":
        return False
    flags = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, flag, bool)() for flag in flags)


@cache
def warn_if_imitated(precision: Precision, device: torch.device) -> None:
    """Say once that this hardware only imitates the format of `precision`, where it does; it is used all the same."""
    if precision.name.startswith("bfloat16") and knows_bfloat16(device) and not multiplies_bfloat16(device):
        said = "this hardware imitates bfloat16, slowly; it is used all the same, as by every run of the study"
        warnings.warn(f"{said} (precision: float32 in the study's defaults changes it for all)", stacklevel=2)


def candidates(device: torch.device) -> tuple[str, ...]:
    """The combinations worth timing: bfloat16 only where the hardware multiplies it natively."""
    return PRECISIONS if multiplies_bfloat16(device) else PRECISIONS[:2]


def choose(
    model: nn.Module, objective: Objective, inputs: Tensor, targets: Targets, cache: Path | None = None
) -> tuple[Precision, dict[str, float]]:
    """Time each candidate on this batch and return the choice with the milliseconds per step of each.

    inputs float [B,C,*S] normalised, targets [B,...] by name; a step has the objective's loss with all of its terms.
    `model` is not changed. With `cache` (a JSON file) an earlier choice for the same device, network and shape is
    taken again, and a new one added.
    """
    key = _key(model, inputs)
    # What is damaged there is found out anew.
    known = (read_sealed(cache) if cache is not None else None) or {}
    if key not in known:
        times = _probe(model, objective, inputs, targets)
        fast_enough = [name for name, time in times.items() if time <= min(times.values()) * _CLEARLY_FASTER]
        known[key] = {"choice": fast_enough[0], "milliseconds": times}
        if cache is not None:
            files.write_text(cache, json.dumps(sealed(known), indent=1, sort_keys=True))
    return Precision(known[key]["choice"]), known[key]["milliseconds"]


def _probe(model: nn.Module, objective: Objective, inputs: Tensor, targets: Targets) -> dict[str, float]:
    if inputs.device.type == "cpu":
        inputs = inputs[:_CPU_PROBE_IMAGES]
        targets = {name: value[:_CPU_PROBE_IMAGES] for name, value in targets.items()}
    with torch.random.fork_rng(devices=[inputs.device] if inputs.is_cuda else []):
        trials = {
            name: _trial(Precision(name), copy.deepcopy(model).train(), objective, inputs, targets)
            for name in candidates(inputs.device)
        }
        for trial in trials.values():
            trial()
        # In turns, and the fastest of each: a busy moment then hits every combination alike.
        rounds = [{name: trial() for name, trial in trials.items()} for _ in range(_TIMED_STEPS)]
    return {name: round(1000 * min(times[name] for times in rounds), 3) for name in trials}


def _trial(
    precision: Precision, model: nn.Module, objective: Objective, inputs: Tensor, targets: Targets
) -> Callable[[], float]:
    forward = partial(precision.forward, precision.arrange(model))

    # On a CPU the process's own time: what else runs there must not choose.
    clock = time.perf_counter if inputs.is_cuda else time.process_time

    def step() -> float:
        begin = clock()
        objective.loss(objective.run(forward, inputs, targets), targets, 1.0).backward()
        if inputs.is_cuda:
            torch.cuda.synchronize(inputs.device)
        return clock() - begin

    return step


def _last(x: Tensor) -> Tensor:
    """X [B,C,*S], its channels last in memory, and strides that say so.

    One channel is last and first at once. By strides that say first the first convolution of a network would answer in
    that layout, and those after it with it, many of them several times slower.
    """
    x = x.contiguous(memory_format=_layout(x.dim()))
    return x.as_strided(x.shape, (x.stride(0), 1, *x.stride()[2:])) if x.shape[1] == 1 else x


def _layout(dims: int) -> torch.memory_format:
    return torch.channels_last if dims == 4 else torch.channels_last_3d


def _key(model: nn.Module, inputs: Tensor) -> str:
    from spinelib.core.devices import device_name

    size = sum(parameter.numel() for parameter in model.parameters())
    shape = "x".join(map(str, inputs.shape))
    return f"{device_name(inputs.device)}, torch {torch.__version__}, {type(model).__name__} {size}, {shape}"
