"""Where a training stands, and the checkpoint that lets it go on as if it had never stopped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from spinelib.core.devices import device_name
from spinelib.core.weights import load_state, save_state
from spinelib.training.average import copy_into
from spinelib.training.identity import check_same

if TYPE_CHECKING:
    from spinelib.training.loop import Trainer


@dataclass(frozen=True)
class Task:
    """Where a training writes to, what it is, and how long it may take; nothing that changes its numbers."""

    out: Path
    identity: dict[str, Any]
    hours: float
    save_every: float
    progress: bool

    @property
    def checkpoint(self) -> Path:
        """The file of the checkpoint."""
        return self.out / "checkpoint" / "state.pt"


@dataclass
class Standing:
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

    def row(self, epoch: float, validation: Mapping[str, float], trained: float, batch: int) -> dict[str, float]:
        """The history's row that ends here, `trained` seconds of it without validation; starts a new one."""
        self.last_loss = self.loss_sum / self.loss_count
        row = {
            "epoch": epoch,
            "step": self.step,
            "train_loss": self.last_loss,
            **{f"validation_{name}": value for name, value in validation.items()},
            "seconds": self.row_seconds,
            "images_per_second": self.loss_count * batch / trained,
        }
        self.loss_sum, self.loss_count, self.row_seconds = 0.0, 0, 0.0
        return row


def saved_state(task: Task) -> dict[str, Any] | None:
    """The checkpoint of this training, if there is one. Raises BadInput for one of another training."""
    if not task.checkpoint.exists():
        return None
    saved = load_state(task.checkpoint)
    same = check_same(task.checkpoint, saved["identity"], task.identity)
    saved["standing"]["mixed_code"] |= not same
    saved["standing"]["resumed"] += 1
    return saved


def save(trainer: Trainer) -> None:
    """Write the checkpoint: everything that decides the steps to come."""
    trainer.read_losses()
    trainer.lap()
    device = next(trainer.model.parameters()).device
    state = {
        "identity": trainer.task.identity,
        "precision": trainer.precision.name,
        "milliseconds": trainer.milliseconds,
        "standing": asdict(trainer.standing),
        "rows": trainer.history.rows,
        "model": trainer.model.state_dict(),
        "optimiser": trainer.optimiser.state_dict(),
        "average": trainer.average.values,
        "augment": trainer.augment.state,
        "plateau": asdict(trainer.plateau),
        "random": torch.get_rng_state(),
        "cuda_random": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
    }
    save_state(state, trainer.task.checkpoint)


def restore(trainer: Trainer, saved: dict[str, Any]) -> None:
    """Bring a new trainer to where the checkpoint was written."""
    trainer.standing = Standing(**saved["standing"])
    trainer.history.rows = saved["rows"]
    trainer.milliseconds = saved["milliseconds"]
    trainer.model.load_state_dict(saved["model"])
    trainer.optimiser.load_state_dict(saved["optimiser"])
    copy_into(trainer.average.values, saved["average"])
    trainer.augment.state = saved["augment"]
    vars(trainer.plateau).update(saved.get("plateau", {}))
    torch.set_rng_state(saved["random"])
    device = next(trainer.model.parameters()).device
    if saved["cuda_random"] is not None and device.type == "cuda":
        torch.cuda.set_rng_state(saved["cuda_random"], device)


def facts(trainer: Trainer, stopped: str) -> dict[str, Any]:
    """What `History.facts` holds, as JSON values."""
    standing, device = trainer.standing, next(trainer.model.parameters()).device
    return {
        "stopped": stopped,
        "steps": standing.step,
        "length": trainer.total,
        "epochs": trainer.epoch,
        "best_epoch": standing.best_epoch,
        "best_score": standing.best_score,
        "best_loss": standing.best_loss,
        **{f"best_{name}": value for name, value in standing.best.items()},
        "seconds": standing.seconds,
        "resumed": standing.resumed,
        "mixed_code": standing.mixed_code,
        "precision": trainer.precision.name,
        "milliseconds": trainer.milliseconds,
        "resident": trainer.store.resident,
        "device": device_name(device),
        "threads": torch.get_num_threads(),
        "weights": sum(parameter.numel() for parameter in trainer.model.parameters()),
    }
