"""The task of networks that outline films and volumes: as a value, and running on its device."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.core.devices import Batch, Store
from spinelib.core.layout import PRECISION
from spinelib.models.objective import Objective
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision, choose, warn_if_imitated
from spinelib.training.augmentation.augment import Augment
from spinelib.training.checks import check_angles, check_known, check_split
from spinelib.training.compiled import check_compiled, compiled
from spinelib.training.identity import weights_digest
from spinelib.training.recipe import Recipe
from spinelib.training.targets import targets_of
from spinelib.training.task import RunningTask, Task
from spinelib.training.validation import validate

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays

# Shorter trainings end before a probe of the precisions has paid for itself.
_PROBED_STEPS = 50


@dataclass
class Training(Task):
    """`model` is to minimise `objective` on the cases `train` of `data`; `validation` tells which weights are best.

    train, validation: positions in `data` [n]. recipe: how. seed: order, augmentation and dropout; the starting
    weights are those of `model`. knows_all: `model` learnt every structure earlier, so that the training cases need not
    label all of them: the marginal loss (`spinelib.training.losses`) teaches nothing about one that no case labels,
    except that it is not where a labelled one is. It changes no number. Raises BadInput for a split that cannot be
    used, for a structure that no training case labels (without `knows_all`) and, where the objective reads angles, for
    a side without any and for a recipe that shears the films.
    """

    model: nn.Module
    objective: Objective
    data: CaseArrays
    train: np.ndarray
    validation: np.ndarray
    recipe: Recipe
    seed: int = 0
    knows_all: bool = False

    def __post_init__(self) -> None:
        self.train, self.validation = (np.asarray(side, dtype=np.int64) for side in (self.train, self.validation))
        sides, data = (self.train, self.validation), self.data
        check_split(*sides, len(data.images))
        check_known(data.known, *sides, data.classes, self.knows_all)
        if "angles" in self.objective.needs:
            geometry = self.recipe.geometry
            check_angles(self.targets["angles"], *sides, geometry.shear if geometry else 0.0)

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        """What the objective reads of all cases, by name [N,...] (`spinelib.training.targets`).

        "known" is among it only where a case leaves structures out: all others train by the plain criterion.
        """
        partial = () if self.data.known.all() else ("known",)
        return targets_of(self.data, (*self.objective.needs, *partial))

    @property
    def described(self) -> dict[str, Any]:
        """Data, starting weights, objective and criterion, as JSON values by name."""
        names = {"objective": _name(self.objective), "criterion": _name(getattr(self.objective, "criterion", None))}
        return {"data": self.data.digest, "starting weights": weights_digest(self.model), **names}

    @property
    def parts(self) -> tuple[Any, ...]:
        """The objective and its criterion."""
        return self.objective, getattr(self.objective, "criterion", None)

    def start(self, device: torch.device, out: Path, memory_mb: float | None, saved: dict[str, Any]) -> RunningTraining:
        """The running training on `device`; a probe of the precisions is kept in out/precision.json."""
        store = Store(self.data.images, self.targets, device, memory_mb)
        return RunningTraining(self, store, out, saved)


class RunningTraining(RunningTask):
    """A running training: cases in memory, augmented as a batch where the network is."""

    def __init__(self, training: Training, store: Store, out: Path, saved: dict[str, Any]) -> None:
        super().__init__(training, store.device, training.train)
        recipe, self.store = training.recipe, store
        check_compiled(recipe.compile, store.device)
        self.model, self.objective, self.recipe = training.model, training.objective, recipe
        self.checks = torch.from_numpy(training.validation).split(recipe.batch)
        self.augment = Augment(recipe.geometry, recipe.intensity, training.seed, recipe.elastic)
        self.precision, self.milliseconds = self._pick_precision(saved.get("precision"), out / PRECISION)
        warn_if_imitated(self.precision, store.device)
        self.precision.arrange(self.model)
        self.network = compiled(self.model, recipe.compile, store.device)
        if saved:
            self.milliseconds, self.augment.state = saved["milliseconds"], saved["augment"]

    def batches(self, steps: range) -> Generator[Batch, None, None]:
        """Images [B,C,*S] and targets [B,...] by name, as they are stored."""
        return self.store.stream(self.order.batch(step) for step in steps)

    def loss(self, batch: Batch, done: float) -> Tensor:
        """The objective's loss of the batch, augmented."""
        images, targets = batch
        moved = self.augment(images, targets["labels"])
        # Angles stay: turning, mirroring, shifting and scaling both axes alike keep the tilt of every two vertebrae
        # against each other. (Where on the film an S-shaped spine lies decides one branch of the AASCE rule; what is
        # learnt is the film as it was taken.)
        targets = {**targets, "labels": moved.labels}
        inputs = normalise(moved.images, self.recipe.local, moved.area)
        outputs = self.objective.run(partial(self.precision.forward, self.network), inputs, targets)
        return self.objective.loss(outputs, targets, done)

    def validate(self) -> tuple[float, float, dict[str, float]]:
        """Loss, score and measures of the objective on the validation cases, not augmented."""
        how = (self.store, self.checks, self.precision, self.recipe.local)
        loss, measures = validate(self.model, self.objective, *how)
        return loss, self.objective.score(measures), measures

    def state(self) -> dict[str, Any]:
        """Precision, what its probe measured, and the random numbers of the augmentation."""
        return {"precision": self.precision.name, "milliseconds": self.milliseconds, "augment": self.augment.state}

    def facts(self) -> dict[str, Any]:
        """Precision, milliseconds per step of each that was timed, and whether the cases lay on the device."""
        found = {"precision": self.precision.name, "milliseconds": self.milliseconds}
        return {**found, "resident": self.store.resident}

    def _pick_precision(self, saved: str | None, cache: Path) -> tuple[Precision, dict[str, float]]:
        wanted = saved or self.recipe.precision
        if wanted != "auto":
            return Precision(wanted), {}
        if self.recipe.length(self.items) < _PROBED_STEPS:
            return Precision(), {}
        images, targets = self.store.take(self.order.batch(0))
        return choose(self.model, self.objective, normalise(images, self.recipe.local), targets, cache)


def _name(thing: Any) -> str:
    """Name of a function, or of the class of an object; where it is written says its code."""
    return str(getattr(thing, "__qualname__", type(thing).__qualname__))
