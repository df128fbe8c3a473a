"""The papers' own recipes. One runs only at its published length; smaller budgets run the common recipe.

A paper's recipe brings its own input size: films are put on that grid, letterboxed, and the predictions are brought
back to the study's grid before they are scored.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

from spinelib.augment import Geometry
from spinelib.losses import cross_entropy_heads
from spinelib.training.recipe import Recipe


@dataclass(frozen=True)
class Published:
    """A paper's recipe, its loss (outputs, target) and its input grid (rows, columns); None: the study's own grid."""

    recipe: Recipe
    loss: Callable[[Tensor | Mapping[str, Tensor], Tensor], Tensor]
    grid: tuple[int, int] | None = None


_FLIP_ONLY = Geometry(rotation=0.0, scale=(1.0, 1.0), shift=0.0, flip=0.5)

# Gu, Wang, Chen 2025, section 3.2.1. Stated: 256 x 256 keeping proportion, batch 8, cross-entropy, random horizontal
# flip, SGD from 1e-3, a tenth of it every 20 epochs, 100 epochs. Our choice: momentum 0.9 and weight decay 1e-4. One
# logit stands for the two of the paper: their difference is the one that counts. The best checkpoint by validation is
# kept, as in every recipe of this study; what the paper kept is not stated.
MDWCNET = Published(
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
)
