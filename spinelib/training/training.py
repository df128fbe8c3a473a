"""One training as a value: everything that decides its numbers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from spinelib.errors import BadInput
from spinelib.objectives import Objective
from spinelib.targets import targets_of
from spinelib.training.identity import check_split, identify
from spinelib.training.recipe import Recipe

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays


@dataclass
class Training:
    """`model` is to minimise `objective` on the cases `train` of `data`; `validation` tells which weights are best.

    train, validation: positions in `data` [n]. recipe: how. seed: order, augmentation and dropout; the starting
    weights are those of `model`. Raises BadInput for a split that cannot be used and, where the objective reads
    angles, for a side without any and for a recipe that shears the films.
    """

    model: nn.Module
    objective: Objective
    data: CaseArrays
    train: np.ndarray
    validation: np.ndarray
    recipe: Recipe
    seed: int = 0

    def __post_init__(self) -> None:
        self.train, self.validation = (np.asarray(side, dtype=np.int64) for side in (self.train, self.validation))
        check_split(self.train, self.validation, len(self.data.images))
        if "angles" in self.objective.needs:
            self._check_angles()

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        """What the objective reads of all cases, by name [N,...] (`spinelib.targets`)."""
        return targets_of(self.data, self.objective.needs)

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that decides the trained weights, starting weights included, as JSON values."""
        return identify(self.model, self.objective, self.data, self.train, self.validation, self.recipe, self.seed)

    def _check_angles(self) -> None:
        if self.recipe.geometry is not None and self.recipe.geometry.shear:
            raise BadInput("recipe geometry", "shear changes the angles that are learnt", "Set shear to 0.")
        for name, side in (("training", self.train), ("validation", self.validation)):
            if not np.isfinite(self.targets["angles"][side]).any():
                remedy = "Use films with the corners of all vertebrae, or a method that learns from masks alone."
                raise BadInput(f"{name} cases", "have no Cobb angles to learn", remedy)
