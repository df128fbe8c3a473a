"""`torch.compile` of the network that trains, as a choice of the recipe.

`python -m benchmarks matrix` measures what it gains on a graphics card. It pays in long trainings alone: compiling
takes as long as many steps. (C, our choice) The network alone, not its loss or the optimiser: both are a few fused
operations already, and a learning rate that is a Python number then compiles nothing anew. Validation runs the plain
network: the one that is saved and predicts.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from spinelib.core.errors import BadInput

# The recipe's word for each, and what torch calls it. Graphs: the card replays a step's kernels without being asked
# for each, which pays where they are so small that asking takes longer than doing.
MODES = {"default": "default", "graphs": "reduce-overhead"}
CHOICES = ("", *MODES)


def compiled(model: nn.Module, choice: str, device: torch.device) -> Callable[..., Any]:
    """`model` as it is for the choice "", else compiled for batches of one size; its weights stay those of `model`.

    Raises BadInput for graphs without a graphics card and for a processor without a C++ compiler.
    """
    check_compiled(choice, device)
    if not choice:
        return model
    network: Callable[..., Any] = torch.compile(model, mode=MODES[choice], dynamic=False)
    if choice != "graphs":
        return network

    def step(*inputs: Any) -> Any:
        # What the last step returned may be overwritten: its loss is noted, its gradient taken.
        torch.compiler.cudagraph_mark_step_begin()
        return network(*inputs)

    return step


def check_compiled(choice: str, device: torch.device) -> None:
    """Raise BadInput for a choice that this machine cannot do."""
    if choice == "graphs" and device.type != "cuda":
        raise BadInput("recipe compile", "graphs needs a graphics card", "Use default, or leave compile out.")
    if choice and device.type == "cpu" and not has_compiler():
        reason = "needs a C++ compiler, and there is none on this machine"
        raise BadInput("recipe compile", reason, "Install g++ or clang, or leave compile out.")


def has_compiler() -> bool:
    """Whether torch finds a C++ compiler, which it needs to compile for a processor."""
    from torch._inductor import config

    named = config.cpp.cxx
    names = named if isinstance(named, list | tuple) else (named,)
    return any(shutil.which(name) for name in (*names, "g++") if name)
