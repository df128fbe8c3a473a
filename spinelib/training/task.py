"""The interface of the training loop to what it trains: a task as a value, and the task running on its device."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.core.files import digest
from spinelib.core.weights import load_weights
from spinelib.training.base_recipe import BaseRecipe
from spinelib.training.identity import identify
from spinelib.training.order import Order


class Task(ABC):
    """A model, data to learn from and a recipe: everything that decides the trained weights, and nothing else.

    train, validation: positions in the data [n]; seed: order, augmentation and dropout. `Training` is the task of
    networks that outline; the stages of SpineFM are tasks as well.
    """

    model: nn.Module
    recipe: BaseRecipe
    train: np.ndarray
    validation: np.ndarray
    seed: int

    @property
    @abstractmethod
    def described(self) -> dict[str, Any]:
        """Values that decide the weights beside recipe, seed, split and code, as JSON values by name."""

    @property
    @abstractmethod
    def parts(self) -> tuple[Any, ...]:
        """Objects beside the model and the task itself whose code decides the weights."""

    @abstractmethod
    def start(self, device: torch.device, out: Path, memory_mb: float | None, saved: dict[str, Any]) -> RunningTask:
        """The running task, its model on `device` already; `saved` is the checkpoint that it goes on from, or empty.

        memory_mb: see `spinelib.core.devices.Store`. out: the training's folder, for what is worth keeping there.
        """

    def weights(self) -> dict[str, Tensor]:
        """The tensors of the model that are kept, by name."""
        return self.model.state_dict()

    def load(self, path: Path) -> None:
        """Read the kept tensors back into the model. Raises BadInput for those of another one."""
        load_weights(self.model, path)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that decides the trained weights, starting weights included, as JSON values; large parts as hashes."""
        cases = {"training cases": digest(self.train.tobytes()), "validation cases": digest(self.validation.tobytes())}
        return identify(self.model, self.recipe, self.seed, {**cases, **self.described}, (self, *self.parts))


class RunningTask(ABC):
    """A task on its device: gives the batch and the loss of each step, and validates.

    index: what a step's batch is drawn from, [items]; name: what learns, where a run trains more than one thing.
    """

    def __init__(self, task: Task, device: torch.device, index: np.ndarray, name: str = "") -> None:
        self.task, self.device, self.name = task, device, name
        self.items, self.size = len(index), task.recipe.size(len(index))
        self.order = Order(index, self.size, task.seed)

    @abstractmethod
    def batches(self, steps: range) -> Generator[Any, None, None]:
        """The batch of each of these steps in turn, on the device."""

    @abstractmethod
    def loss(self, batch: Any, done: float) -> Tensor:
        """Scalar to minimise; `done` (0..1) is the fraction of the training that lies behind."""

    @abstractmethod
    def validate(self) -> tuple[float, float, dict[str, float]]:
        """Loss, score (higher is better) and measures by name on the validation cases; train mode stays."""

    def state(self) -> dict[str, Any]:
        """What of the task changes from step to step, for a checkpoint; `start` is given it as part of `saved`."""
        return {}

    def facts(self) -> dict[str, Any]:
        """Facts of this task for the record, beside those of every task (`spinelib.training.history`)."""
        return {}
