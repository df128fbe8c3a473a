"""How large a model is and how much arithmetic one image costs."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from spinelib.core.structures import STRUCTURES
from spinelib.models.registry import build_model


class Complexity(NamedTuple):
    """Size of a model: trainable parameters, and floating-point operations of one forward pass."""

    params: int
    flops: int

    @property
    def gmacs(self) -> float:
        """Multiply-adds in units of 1e9: half the operations, as most papers count them."""
        return self.flops / 2e9


def count_operations(model: nn.Module, shape: Sequence[int]) -> Complexity:
    """Count parameters and operations for one input of `shape` [C,*S] in eval mode, batch 1.

    A multiply-add counts as two operations (`torch.utils.flop_counter`); only convolutions and matrix
    products count. Nothing is computed: a copy of the model on the meta device carries shapes only.
    """
    shapes = copy.deepcopy(model).to("meta").eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        shapes(torch.zeros(1, *shape, device="meta"))
    params = sum(p.numel() for p in model.parameters() if p.requires_grad)
    return Complexity(params, int(counter.get_total_flops()))


def empty_network(
    method: str, variant: str, width: float, shape: tuple[int, ...], options: tuple[tuple[str, Any], ...] = ()
) -> nn.Module:
    """A network without numbers in its weights (on torch's device "meta"), for an input [C,*S].

    Of films it outlines one structure, of volumes those of STRUCTURES. Raises BadInput as `build_model` does.
    """
    classes = 1 if len(shape) == 3 else len(STRUCTURES)
    with torch.device("meta"):
        return build_model(method, variant, shape[0], classes, width, **dict(options))
