"""Exponential moving average of a model's weights."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn


class Average:
    """Moving average of all floating parameters that learn and of buffers; with decay 0 the weights themselves.

    The decay grows from 2/11 at the first step to `decay`, so that the starting weights are soon forgotten.
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.decay = decay
        self._live = floating(model)
        self.values = [value.clone() for value in self._live] if decay else []

    def update(self, step: int) -> None:
        """Include the weights after step `step` (from 0) in the average."""
        if self.decay:
            decay = min(self.decay, (2 + step) / (11 + step))
            torch._foreach_lerp_(self.values, self._live, 1 - decay)

    @contextmanager
    def applied(self) -> Iterator[None]:
        """Context in which the model has the averaged weights; its own are restored afterwards."""
        own = [value.clone() for value in self._live] if self.decay else []
        copy_into(self._live, self.values)
        try:
            yield
        finally:
            copy_into(self._live, own)


def floating(model: nn.Module) -> list[Tensor]:
    """Parameters that learn and buffers, of floating type, sharing memory with the model."""
    frozen = {name for name, value in model.named_parameters() if not value.requires_grad}
    state = model.state_dict().items()
    return [value for name, value in state if name not in frozen and value.is_floating_point()]


def copy_into(targets: list[Tensor], sources: list[Tensor]) -> None:
    """Copy each source into its target; nothing for an empty list of sources."""
    if sources:
        torch._foreach_copy_(targets, sources)
