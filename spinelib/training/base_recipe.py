"""What every recipe tells the loop: items per step, length, validations, learning rate, optimiser."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any, ClassVar

import torch
from torch import nn


class BaseRecipe(ABC):
    """The base of `Recipe`, for networks that outline, and of the recipes of other tasks; each a frozen dataclass.

    optimiser: a name of OPTIMISERS; clip: largest norm of the gradient (0: no limit). A recipe that says nothing of
    them has no moving average (`ema`), no early stop (`patience`) and no learning rate that falls with the score
    (`stall`, `decay`). fused: one operation per step for all weights (None: as torch chooses).
    """

    fused: ClassVar[bool | None] = None
    ema: float = 0.0
    patience: int = 0
    stall: int | None = None
    decay: float = 1.0
    optimiser: str
    momentum: float
    weight_decay: float
    clip: float

    @property
    @abstractmethod
    def learning_rate(self) -> float:
        """The highest learning rate of the training."""

    @abstractmethod
    def size(self, items: int) -> int:
        """Items per step of a training on so many items."""

    @abstractmethod
    def length(self, items: int) -> int:
        """Steps of the whole training on so many items."""

    @abstractmethod
    def interval(self, items: int) -> int:
        """Steps between two validations."""

    @abstractmethod
    def rate_at(self, step: int, items: int) -> float:
        """Learning rate of step `step` (from 0) of a training on so many items."""

    @property
    def described(self) -> dict[str, Any]:
        """Every field by name, as the identity of a training holds it."""
        recipe: Any = self
        return asdict(recipe)

    def groups(self, learning: Sequence[nn.Parameter]) -> list[dict[str, Any]]:
        """The parameters in groups of one weight decay each."""
        return [{"params": list(learning), "weight_decay": self.weight_decay}]

    def make_optimiser(self, model: nn.Module) -> torch.optim.Optimizer:
        """The optimiser of those parameters of `model` that learn."""
        groups = self.groups([value for value in model.parameters() if value.requires_grad])
        return OPTIMISERS[self.optimiser]([group for group in groups if group["params"]], self)


OPTIMISERS: dict[str, Callable[[list[dict[str, Any]], BaseRecipe], torch.optim.Optimizer]] = {
    "adamw": lambda groups, recipe: torch.optim.AdamW(groups, lr=recipe.learning_rate, fused=recipe.fused),
    "adam": lambda groups, recipe: torch.optim.Adam(groups, lr=recipe.learning_rate, fused=recipe.fused),
    "sgd": lambda groups, recipe: torch.optim.SGD(
        groups, lr=recipe.learning_rate, momentum=recipe.momentum, fused=recipe.fused
    ),
}
