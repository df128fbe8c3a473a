"""What one stage of SpineFM is to the training loop: a network, items, a loss and a validation; and its weights."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.core import files
from spinelib.core.errors import BadInput
from spinelib.core.weights import read_weights, save_weights
from spinelib.spinefm.labelled import Labelled
from spinelib.spinefm.recipe import StageRecipe
from spinelib.training.code import meaning
from spinelib.training.identity import check_split

# Modules that only read what was trained.
_ASIDE = (
    "build",
    "evaluate",
    "folder",
    "levels",
    "match",
    "outline",
    "pipeline",
    "read",
    "score",
    "seeds",
    "train",
    "walk",
)


class Stage(ABC):
    """One stage in training: its network, its items and what it minimises.

    films: where it learns from; train, validation: positions in `films`; seed: order, jitter and chance. A subclass
    names itself, sets `items` (and `options`, what else decides its weights) and writes `batch`, `loss` and `measure`.
    Raises BadInput for a split that cannot be used.
    """

    name: str
    items: int
    options: Mapping[str, Any] = {}

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
    def identity(self) -> dict[str, Any]:
        """All that decides the trained weights, as JSON values; large parts as hashes."""
        state = self.model.state_dict()
        tensors = b"".join(value.cpu().contiguous().numpy().tobytes() for value in state.values())
        frozen = [name for name, value in self.model.named_parameters() if not value.requires_grad]
        geometry: Any = getattr(self.model, "geometry", None)
        identity = {
            "stage": self.name,
            "network": getattr(self.model, "built_as", type(self.model).__name__),
            "geometry": asdict(geometry) if geometry else None,
            **{f"recipe.{name}": value for name, value in asdict(self.recipe).items()},
            **{f"option.{name}": value for name, value in self.options.items()},
            "seed": self.seed,
            "data": self.films.digest,
            "training cases": files.digest(self.train.tobytes()),
            "validation cases": files.digest(self.validation.tobytes()),
            "starting weights": files.digest(",".join(state), ",".join(frozen), tensors),
            "code": _code(),
        }
        return json.loads(json.dumps(identity))


def save_stage(model: nn.Module, path: Path | str) -> None:
    """Write what of `model` was trained, buffers included, to a safetensors file."""
    save_weights(trained(model), path)


def load_stage(model: nn.Module, path: Path | str) -> nn.Module:
    """Read what `save_stage` wrote into `model`; BadInput when it is missing, damaged or of another network."""
    state, own = read_weights(path), trained(model)
    wrong = [name for name in {*state, *own} if name not in state or name not in own]
    wrong += [name for name in own if name in state and state[name].shape != own[name].shape]
    if wrong:
        reason = f"holds the weights of another network: {', '.join(sorted(wrong)[:3])}"
        raise BadInput(path, reason, "Build the stage with the size, width and checkpoint it was trained with.")
    model.load_state_dict(state, strict=False)
    return model


def trained(model: nn.Module) -> dict[str, Tensor]:
    """Tensors of `model` by name, without those that come from a checkpoint and stay as they are."""
    frozen = {name for name, value in model.named_parameters() if not value.requires_grad}
    # A network without its base needs all of itself; a frozen base lies in a file of its own.
    frozen = frozen if getattr(model, "verified", "") else set()
    return {name: value for name, value in model.state_dict().items() if name not in frozen}


def _code() -> str:
    """16 hex digits over the meaning of the modules that decide the weights of a stage."""
    modules = sorted(path for path in Path(__file__).parent.glob("*.py") if path.stem not in _ASIDE)
    return files.digest(*(meaning(path.read_text(encoding="utf-8")) for path in modules))
