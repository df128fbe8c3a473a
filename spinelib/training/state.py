"""The state of a training in progress, from which it goes on as if it had never stopped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from spinelib.core.devices import device_name
from spinelib.core.layout import CHECKPOINT, STATE, WEIGHTS
from spinelib.training.average import Average, copy_into
from spinelib.training.history import History
from spinelib.training.plateau import Plateau
from spinelib.training.task import RunningTask


@dataclass(frozen=True)
class Session:
    """Where a training writes to, what it is, and how long it may take; nothing that changes its numbers."""

    out: Path
    identity: dict[str, Any]
    hours: float
    save_every: float
    progress: bool
    made: Mapping[str, Any] = field(default_factory=dict)

    @property
    def checkpoint(self) -> Path:
        """The file of the checkpoint."""
        return self.out / CHECKPOINT / STATE

    @property
    def kept(self) -> Path:
        """The file of the best weights so far."""
        return self.out / WEIGHTS


@dataclass
class Counters:
    """Counts and sums that change from step to step; the `row_` and `loss_` ones start anew with each row."""

    step: int = 0
    best_epoch: float = -1.0
    best_score: float = float("-inf")
    best_loss: float = float("inf")
    best: dict[str, float] = field(default_factory=dict)
    waiting: int = 0
    loss_sum: float = 0.0
    loss_count: int = 0
    last_loss: float = float("nan")
    row_seconds: float = 0.0
    seconds: float = 0.0
    resumed: int = 0
    mixed_code: bool = False

    def better(self, score: float, loss: float, epoch: float, measures: Mapping[str, float]) -> bool:
        """Whether this validation is the best so far (higher score, on a tie lower loss); counts the others."""
        loss = float("inf") if math.isnan(loss) else loss
        if (score, -loss) <= (self.best_score, -self.best_loss):
            self.waiting += 1
            return False
        self.best_score, self.best_loss, self.best_epoch, self.best = score, loss, epoch, dict(measures)
        self.waiting = 0
        return True

    def row(self, epoch: float, validation: Mapping[str, float], trained: float, size: int) -> dict[str, float]:
        """The history's row that ends here, `trained` seconds of it without validation; starts a new one."""
        self.last_loss = self.loss_sum / self.loss_count
        row = {
            "epoch": epoch,
            "step": self.step,
            "train_loss": self.last_loss,
            **{f"validation_{name}": value for name, value in validation.items()},
            "seconds": self.row_seconds,
            "images_per_second": self.loss_count * size / max(trained, 1e-9),
        }
        self.loss_sum, self.loss_count, self.row_seconds = 0.0, 0, 0.0
        return row


class TrainingState:
    """Everything of a training in progress that decides the steps to come."""

    def __init__(self, running: RunningTask) -> None:
        task, recipe = running.task, running.task.recipe
        self.running, self.task = running, task
        self.optimiser = recipe.make_optimiser(task.model)
        self.average = Average(task.model, recipe.ema)
        self.plateau = Plateau(recipe.decay, recipe.stall)
        self.counters, self.history = Counters(), History()

    @property
    def epoch(self) -> float:
        """Passes over the training cases so far."""
        return round(self.counters.step * self.running.size / self.running.items, 2)

    def contents(self, identity: dict[str, Any]) -> dict[str, Any]:
        """What a checkpoint holds."""
        device = self.running.device
        return {
            "identity": identity,
            # Names as in the first checkpoints, which can be gone on from.
            "standing": asdict(self.counters),
            "rows": self.history.rows,
            "model": self.task.weights(),
            "optimiser": self.optimiser.state_dict(),
            "average": self.average.values,
            "plateau": asdict(self.plateau),
            "random": torch.get_rng_state(),
            "cuda_random": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
            **self.running.state(),
        }

    def restore(self, saved: dict[str, Any]) -> None:
        """Return to the state of the checkpoint; the running task has restored its own part already."""
        self.counters = Counters(**saved["standing"])
        self.history.rows = saved["rows"]
        # A task may keep less than the whole model: the rest is as it was built, which the identity holds to.
        self.task.model.load_state_dict(saved["model"], strict=False)
        self.optimiser.load_state_dict(saved["optimiser"])
        copy_into(self.average.values, saved["average"])
        vars(self.plateau).update(saved["plateau"])
        torch.set_rng_state(saved["random"])
        device = self.running.device
        if saved["cuda_random"] is not None and device.type == "cuda":
            torch.cuda.set_rng_state(saved["cuda_random"], device)

    def facts(self, stopped: str) -> dict[str, Any]:
        """What `History.facts` holds, as JSON values."""
        counters = self.counters
        return {
            "stopped": stopped,
            "steps": counters.step,
            "length": self.task.recipe.length(self.running.items),
            "epochs": self.epoch,
            "best_epoch": counters.best_epoch,
            "best_score": counters.best_score,
            "best_loss": counters.best_loss,
            **{f"best_{name}": value for name, value in counters.best.items()},
            "seconds": counters.seconds,
            "resumed": counters.resumed,
            "mixed_code": counters.mixed_code,
            **self.running.facts(),
            "device": device_name(self.running.device),
            "threads": torch.get_num_threads(),
            "weights": sum(value.numel() for value in self.task.model.parameters() if value.requires_grad),
        }
