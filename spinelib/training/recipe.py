"""What a training does, apart from the network and its loss: optimiser, schedule, length, augmentation.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from torch import nn

from spinelib.core.errors import BadInput
from spinelib.core.names import SHORTENED, USUAL_PRECISION
from spinelib.prediction.precision import Precision
from spinelib.training.augmentation.elastic import Elastic
from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.augmentation.intensity import Intensity
from spinelib.training.base_recipe import OPTIMISERS, BaseRecipe
from spinelib.training.compiled import CHOICES


@dataclass(frozen=True)
class Recipe(BaseRecipe):
    """How to train. The defaults are the common recipe, the same for every method.

    name: common, published for a paper's own recipe (which runs only at its full length, budget 1), or shortened for
    what is left of one.
    optimiser: adamw, adam or sgd (`momentum`). Weight decay spares biases and normalisation.
    schedule: cosine, linear, poly (power 0.9), step (`decay` at the `milestones`, fractions of the length) or
    constant, after a linear warm-up over the fraction `warmup` of the length, down to the fraction `floor` of
    the learning rate. Every schedule spans the whole length. stall: the learning rate falls by `decay` after more
    than so many validations in a row without a better score, whatever the schedule (None: never).
    batch: images per step, the same at every step; epochs: passes over the training cases, unless `steps` is
    given; either is multiplied by `budget`.
    clip: largest norm of the gradient (0: no limit). ema: decay of the moving average of the weights that is
    validated and kept (0: off).
    validations: how many evenly spaced times the validation cases are scored (never more than once an epoch);
    patience: stop after so many of them without a better Dice (0: never; a schedule cut short is not annealed).
    geometry, intensity, elastic: augmentation (None: off). local: second input channel with local contrast.
    precision: auto or one of `spinelib.core.names.PRECISIONS`. compile: "" off, default for `torch.compile`,
    graphs for CUDA graphs besides, on a graphics card alone (`spinelib.training.compiled`); True and False stand for
    default and off.
    Raises BadInput for a value that cannot be used.
    """

    fused: ClassVar[bool | None] = True
    name: str = "common"
    optimiser: str = "adamw"
    learning_rate: float = 1e-3
    weight_decay: float = 1e-2
    momentum: float = 0.9
    schedule: str = "cosine"
    warmup: float = 0.05
    floor: float = 0.01
    milestones: tuple[float, ...] = (0.5, 0.75)
    decay: float = 0.1
    batch: int = 8
    epochs: float = 100.0
    steps: int = 0
    budget: float = 1.0
    clip: float = 1.0
    ema: float = 0.0
    validations: int = 20
    patience: int = 0
    geometry: Geometry | None = field(default_factory=Geometry)
    intensity: Intensity | None = field(default_factory=Intensity)
    local: bool = False
    precision: str = USUAL_PRECISION
    compile: str = ""
    # Added later: None leaves the identity of an earlier training as it was.
    stall: int | None = None
    elastic: Elastic | None = None

    def __post_init__(self) -> None:
        if isinstance(self.compile, bool):
            object.__setattr__(self, "compile", "default" if self.compile else "")
        _among("compile", self.compile, CHOICES)
        _among("name", self.name, ("common", "published", SHORTENED))
        _among("optimiser", self.optimiser, tuple(OPTIMISERS))
        _among("schedule", self.schedule, tuple(_SCHEDULES))
        for name in ("learning_rate", "batch", "budget", "validations", "epochs"):
            _check(name, getattr(self, name) > 0, "must be above 0")
        for name in ("weight_decay", "steps", "clip", "patience"):
            _check(name, getattr(self, name) >= 0, "must not be negative")
        _check("stall", self.stall is None or self.stall >= 0, "must not be negative")
        for name in ("warmup", "ema"):
            _check(name, 0 <= getattr(self, name) < 1, "must be at least 0 and below 1")
        _check("budget", self.name == "common" or self.budget == 1, "must be 1 for a published recipe")
        if self.precision != "auto":
            Precision(self.precision)

    def size(self, items: int) -> int:
        """Cases per step, whatever their number."""
        return self.batch

    def epoch_steps(self, cases: int) -> int:
        """Steps that pass over `cases` training cases once."""
        return math.ceil(cases / self.batch)

    def length(self, items: int) -> int:
        """Steps of the whole training on `items` training cases."""
        return max(1, round(self.budget * (self.steps or self.epochs * self.epoch_steps(items))))

    def interval(self, items: int) -> int:
        """Steps between two validations: a whole number of epochs."""
        epoch = self.epoch_steps(items)
        return epoch * max(1, round(self.length(items) / epoch / self.validations))

    def rate_at(self, step: int, items: int) -> float:
        """Learning rate of step `step` (from 0) of a training on `items` cases."""
        return self.learning_rate_at(step, self.length(items))

    def learning_rate_at(self, step: int, length: int) -> float:
        """Learning rate of step `step` (from 0) of `length`."""
        warm = round(self.warmup * length)
        if step < warm:
            return self.learning_rate * (step + 1) / (warm + 1)
        done = (step - warm) / max(1, length - warm)
        return self.learning_rate * max(_SCHEDULES[self.schedule](self, done), self.floor)

    @property
    def described(self) -> dict[str, Any]:
        """Every field by name, as the identity of a training holds it."""
        # As it was written when it could only be on or off, so that those trainings stay themselves.
        return {**super().described, "compile": {"": False, "default": True}.get(self.compile, self.compile)}

    def groups(self, learning: Sequence[nn.Parameter]) -> list[dict[str, Any]]:
        """Weights, which decay, and biases with normalisation, which do not."""
        return [
            {"params": [value for value in learning if value.dim() > 1], "weight_decay": self.weight_decay},
            {"params": [value for value in learning if value.dim() <= 1], "weight_decay": 0.0},
        ]


def for_volumes(recipe: Recipe) -> Recipe:
    """`recipe` with augmentation for sagittal MR volumes, whose grey levels are never a negative.

    Rotation within 15 degrees as in SpineParseNet (B); the other ranges are those of films (C).
    """
    silent = Intensity(invert=(0.0, 1.0, 1.0))
    return replace(recipe, geometry=Geometry(rotation=15.0), intensity=silent, elastic=Elastic())


# Factor of the learning rate after the fraction `done` of the length that follows the warm-up.
_SCHEDULES: dict[str, Callable[[Recipe, float], float]] = {
    "cosine": lambda recipe, done: (1 + math.cos(math.pi * done)) / 2,
    "linear": lambda recipe, done: 1 - done,
    "poly": lambda recipe, done: (1 - done) ** 0.9,
    "step": lambda recipe, done: recipe.decay ** sum(done >= mark for mark in recipe.milestones),
    "constant": lambda recipe, done: 1.0,
}


def _among(name: str, value: str, known: tuple[str, ...]) -> None:
    _check(name, value in known, f"{value!r} is not known", f"Use {', '.join(known)}.")


def _check(name: str, good: bool, reason: str, remedy: str = "Change it in the recipe.") -> None:
    if not good:
        raise BadInput(f"recipe {name}", reason, remedy)
