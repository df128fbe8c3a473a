"""One training as a value: everything that decides its numbers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.models.objective import Objective
from spinelib.training.identity import check_split, identify
from spinelib.training.recipe import Recipe
from spinelib.training.targets import targets_of

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays


@dataclass
class Training:
    """`model` is to minimise `objective` on the cases `train` of `data`; `validation` tells which weights are best.

    train, validation: positions in `data` [n]. recipe: how. seed: order, augmentation and dropout; the starting
    weights are those of `model`. knows_all: `model` learnt every structure earlier, so that the training cases need not
    label all of them: the marginal loss (`spinelib.training.losses`) teaches nothing about one that no case labels,
    except that it is not where a labelled one is. It decides no number. Raises BadInput for a split that cannot be
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
        check_split(self.train, self.validation, len(self.data.images))
        self._check_known()
        if "angles" in self.objective.needs:
            self._check_angles()

    @cached_property
    def targets(self) -> dict[str, np.ndarray]:
        """What the objective reads of all cases, by name [N,...] (`spinelib.training.targets`).

        "known" is among it only where a case leaves structures out: all others train by the plain criterion.
        """
        partial = () if self.data.known.all() else ("known",)
        return targets_of(self.data, (*self.objective.needs, *partial))

    @cached_property
    def identity(self) -> dict[str, Any]:
        """All that decides the trained weights, starting weights included, as JSON values."""
        return identify(self.model, self.objective, self.data, self.train, self.validation, self.recipe, self.seed)

    def _check_known(self) -> None:
        used = self.data.known[np.concatenate([self.train, self.validation])]
        if not used.any(1).all():
            reason = f"{int((~used.any(1)).sum())} of them label no structure"
            raise BadInput("training and validation cases", reason, "Leave them out, or correct labelled.csv.")
        learnt = self.data.known[self.train].any(0)
        if not (learnt.all() or self.knows_all):
            names = ", ".join(name for name, yes in zip(self.data.classes, learnt, strict=True) if not yes)
            remedy = "Add cases that do, or start from the weights of a network that has learnt it."
            raise BadInput("training cases", f"none labels {names}", remedy)

    def _check_angles(self) -> None:
        if self.recipe.geometry is not None and self.recipe.geometry.shear:
            raise BadInput("recipe geometry", "shear changes the angles that are learnt", "Set shear to 0.")
        for name, side in (("training", self.train), ("validation", self.validation)):
            if not np.isfinite(self.targets["angles"][side]).any():
                remedy = "Use films with the corners of all vertebrae, or a method that learns from masks alone."
                raise BadInput(f"{name} cases", "have no Cobb angles to learn", remedy)
