"""The papers' own recipes. One runs only at its published length; what runs shorter is called shortened.

A paper's recipe brings its own input size: films are put on that grid, letterboxed, and the predictions are brought
back to the study's grid before they are scored.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

from torch import Tensor

from spinelib.core.names import SHORTENED
from spinelib.training.augmentation.elastic import Elastic
from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.augmentation.intensity import Intensity
from spinelib.training.losses import cross_entropy_heads, one_hot_bce
from spinelib.training.recipe import Recipe

# What of a recipe says how its steps move the weights.
OPTIMISING = (
    "optimiser",
    "learning_rate",
    "weight_decay",
    "momentum",
    "schedule",
    "warmup",
    "floor",
    "milestones",
    "decay",
    "clip",
    "stall",
)


@dataclass(frozen=True)
class PaperRecipe:
    """A paper's recipe, its loss (outputs, target, known) and its input grid, None: the study's own.

    two_channels: the network outlines one structure by a channel for it and one for the background.
    """

    recipe: Recipe
    loss: Callable[..., Tensor]
    grid: tuple[int, ...] | None = None
    two_channels: bool = False

    def shortened(self, epochs: float, batch: int, learning_rate: float) -> PaperRecipe:
        """What is left of the recipe on the study's own grid, of another length, batch and rate: shortened.

        (C, our choice) Loss, channels and augmentation stay; optimiser, schedule, weight decay and, where
        `learning_rate` is 0, the rate are those of the common recipe: a few hundred steps of a paper's optimiser leave
        most networks where they began. Epochs and batch of 0: as published.
        """
        usual = {name: getattr(Recipe(), name) for name in OPTIMISING}
        given = {"epochs": epochs, "batch": batch, "learning_rate": learning_rate}
        changed: dict[str, Any] = usual | {name: value for name, value in given.items() if value}
        return replace(self, recipe=replace(self.recipe, name=SHORTENED, **changed), grid=None)


_FLIP_ONLY = Geometry(rotation=0.0, scale=(1.0, 1.0), shift=0.0, flip=0.5)

# Gu, Wang, Chen 2025, section 3.2.1. Stated: 256 x 256 keeping proportion, batch 8, cross-entropy, random horizontal
# flip, SGD from 1e-3, a tenth of it every 20 epochs, 100 epochs. Our choice: momentum 0.9 and weight decay 1e-4. Two
# output channels, as the metrics over m classes and plain cross-entropy suggest: under SGD the difference of their
# logits goes twice as far in a step as one logit would. The best checkpoint by validation is kept, as in every recipe
# of this study; what the paper kept is not stated.
MDWCNET = PaperRecipe(
    recipe=Recipe(
        name="published",
        optimiser="sgd",
        learning_rate=1e-3,
        momentum=0.9,
        weight_decay=1e-4,
        schedule="step",
        milestones=(0.2, 0.4, 0.6, 0.8),
        decay=0.1,
        warmup=0.0,
        floor=0.0,
        batch=8,
        epochs=100.0,
        clip=0.0,
        geometry=_FLIP_ONLY,
        intensity=None,
    ),
    loss=cross_entropy_heads,
    grid=(256, 256),
    two_channels=True,
)

_SILENT = Intensity(*[(0.0, 1.0, 1.0)] * len(fields(Intensity)))

# Yilizati-Yilihamu et al. 2023. Stated: 18 x 256 x 128, batch 8, eq. 9, Adam from 1e-3 with weight decay 1e-4, 50
# epochs, ReduceLROnPlateau (max, factor 0.5, patience 10), random rotation, contrast and elastic deformation, best
# checkpoint by validation. From SpineParseNet, whose scheme it follows: rotation within 15 degrees in plane, elastic
# alpha 15 and sigma 3 with probability 0.3, contrast with probability 0.1. Our choice: contrast factors 0.5 to 1.5, no
# mirror because none is named, weight decay spares biases and normalisation as in every recipe here, one validation an
# epoch, and Dice for the "accuracy" that the schedule and the best checkpoint go by.
SAFNET = PaperRecipe(
    recipe=Recipe(
        name="published",
        optimiser="adam",
        learning_rate=1e-3,
        weight_decay=1e-4,
        schedule="constant",
        decay=0.5,
        stall=10,
        warmup=0.0,
        floor=0.0,
        batch=8,
        epochs=50.0,
        clip=0.0,
        validations=50,
        geometry=Geometry(rotation=15.0, scale=(1.0, 1.0), shift=0.0, flip=0.0),
        intensity=replace(_SILENT, contrast=(0.1, 0.5, 1.5)),
        elastic=Elastic(probability=0.3, alpha=15.0, sigma=3.0),
    ),
    loss=one_hot_bce,
    grid=(18, 256, 128),
)

# (A) The rivals of its paper: Adam from 1e-3 and cross-entropy; the rest is taken to be as for SAFNet (C).
SAFNET_RIVALS = replace(SAFNET, loss=cross_entropy_heads)
