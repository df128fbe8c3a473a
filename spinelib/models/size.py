"""How large a model is and how much arithmetic one image costs."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


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
