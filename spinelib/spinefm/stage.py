"""One stage of SpineFM as a task of the training loop: a network, items, a loss and a validation; and its weights.

(C, our choice) Validation patients choose the checkpoint in every stage; the published program does so for the end
classifier.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Generator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import read_weights
from spinelib.prediction.precision import Precision, warn_if_imitated
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.recipe import StageRecipe
from spinelib.training.checks import check_split
from spinelib.training.identity import weights_digest
from spinelib.training.task import RunningTask, Task


class Stage(Task):
    """One stage: its network, its items and what it minimises.

    films: where it learns from; train, validation: positions in `films`; seed: order, jitter and chance. A subclass
    names itself, sets `items` (and `options`, what else decides its weights) and writes `batch`, `loss` and `measure`.
    Raises BadInput for a split that cannot be used.
    """

    name: str
    items: int
    options: Mapping[str, Any] = {}
    parts = ()

    def __init__(
        self, model: nn.Module, films: Labelled, train: Any, validation: Any, recipe: StageRecipe, seed: int = 0
    ) -> None:
        self.model, self.films, self.recipe, self.seed = model, films, recipe, seed
        self.train, self.validation = (np.asarray(side, np.int64) for side in (train, validation))
        check_split(self.train, self.validation, len(films))

    @abstractmethod
    def batch(self, chosen: np.ndarray, random: np.random.Generator) -> tuple[Any, ...]:
        """What the loss reads of the items `chosen` [B], on the CPU; `random` belongs to this step alone."""

    @abstractmethod
    def loss(self, *batch: Any) -> Tensor:
        """Loss of a batch on the network's device."""

    @abstractmethod
    def measure(self) -> dict[str, float]:
        """Measures on the validation films, in eval mode; "loss" and "score" (higher is better) among them."""

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return next(self.model.parameters()).device

    @property
    def described(self) -> dict[str, Any]:
        """Name, geometry and options, films and starting weights, as JSON values by name."""
        frozen = [name for name, value in self.model.named_parameters() if not value.requires_grad]
        geometry: Any = getattr(self.model, "geometry", None)
        precision: Precision = getattr(self.model, "precision", Precision())
        return {
            "stage": self.name,
            "geometry": asdict(geometry) if geometry else None,
            **{f"option.{name}": value for name, value in self.options.items()},
            # Stages of earlier versions, all in float32, say nothing of it.
            **({"precision": precision.name} if precision != Precision() else {}),
            "data": self.films.digest,
            "starting weights": weights_digest(self.model, ",".join(frozen)),
        }

    def start(self, device: torch.device, out: Path, memory_mb: float | None, saved: dict[str, Any]) -> RunningStage:
        """The running stage; its films stay where they are, whatever `memory_mb` says."""
        return RunningStage(self, device)

    def weights(self) -> dict[str, Tensor]:
        """What of the network is trained (`trained`)."""
        return trained(self.model)

    def load(self, path: Path) -> None:
        """Read what was trained back into the network (`load_stage`)."""
        load_stage(self.model, path)


class RunningStage(RunningTask):
    """A running stage: each step makes its batch on the CPU, from random numbers of its own."""

    def __init__(self, stage: Stage, device: torch.device) -> None:
        super().__init__(stage, device, np.arange(stage.items), stage.name)
        self.stage = stage
        warn_if_imitated(getattr(stage.model, "precision", Precision()), device)

    def batches(self, steps: range) -> Generator[Any, None, None]:
        """What `Stage.batch` makes of the items of each step, on the device."""
        for step in steps:
            random = np.random.default_rng([self.stage.seed, step])
            batch = self.stage.batch(self.order.batch(step).numpy(), random)
            yield [_to(part, self.device) for part in batch]

    def loss(self, batch: Any, done: float) -> Tensor:
        """The stage's loss of the batch."""
        return self.stage.loss(*batch)

    def validate(self) -> tuple[float, float, dict[str, float]]:
        """Loss, score and other measures of the stage."""
        model = self.stage.model
        model.eval()
        # Not in inference mode: a detector keeps its anchors from one call to the next.
        with torch.no_grad():
            measures = dict(self.stage.measure())
        model.train()
        return measures.pop("loss"), measures.pop("score"), measures


def load_stage(model: nn.Module, path: Path | str) -> nn.Module:
    """Read the weights that training a stage left in `path` into `model`, and return it.

    Raises BadInput when they are missing, damaged or of another network.
    """
    fill(model, read_weights(path), path, "holds the weights of another network")
    return model


def fill(model: nn.Module, state: Mapping[str, Tensor], path: Path | str, reason: str) -> None:
    """Take the tensors `state`, read from `path`, as all that is trained of `model`.

    Raises BadInput with `reason` when they do not fit.
    """
    own = trained(model)
    wrong = sorted(name for name in {*state, *own} if name not in state or name not in own)
    wrong += [name for name in own if name in state and state[name].shape != own[name].shape]
    if wrong:
        remedy = "Build the stages with the size, width and checkpoint they were trained with."
        raise BadInput(path, f"{reason}: {', '.join(wrong[:3])}", remedy)
    model.load_state_dict(dict(state), strict=False)


def trained(model: nn.Module) -> dict[str, Tensor]:
    """Tensors of `model` by name, without those that come from a checkpoint and stay as they are."""
    frozen = {name for name, value in model.named_parameters() if not value.requires_grad}
    # A network without its base needs all of itself; a frozen base lies in a file of its own.
    frozen = frozen if getattr(model, "verified", "") else set()
    return {name: value for name, value in model.state_dict().items() if name not in frozen}


def _to(part: Any, device: torch.device) -> Any:
    if isinstance(part, Tensor):
        return part.to(device)
    if isinstance(part, dict):
        return {name: _to(value, device) for name, value in part.items()}
    return [_to(value, device) for value in part] if isinstance(part, list | tuple) else part
