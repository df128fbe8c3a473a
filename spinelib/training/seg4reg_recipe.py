"""The published recipe of Seg4Reg, and of Seg4Reg+ as far as anything is known of it.

(B) The released code of Seg4Reg (its regression half): films of 512 rows on 512 x 256, SGD from 1e-2 with momentum 0.9
and weight decay 1e-4, batch 32, 90 epochs, a tenth of the rate every 30; no augmentation is known. CLAHE, three
channels, the cut of wide films, DenseNet-169 and L1 alone belong to the variants `seg4reg_released` and
`densenet169_released`. (C) Ours: the body of the paper on Seg4Reg+ could not be read, so that it takes over its
predecessor's optimiser; the segmentation half was not released, so that its loss is that of every method; the best
checkpoint by validation is kept. Left out: the domain adaptation to the challenge's test films, and
ImageNet weights, from which the released code begins (`regressor_weights` names a file of them).

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from spinelib.training.base_recipe import BaseRecipe
from spinelib.training.losses import weighted_heads
from spinelib.training.paper_recipes import PaperRecipe
from spinelib.training.recipe import Recipe


@dataclass(frozen=True)
class EvenDecayRecipe(Recipe):
    """A recipe whose weight decay spares nothing, as torch's optimisers have it."""

    def groups(self, learning: Sequence[nn.Parameter]) -> list[dict[str, Any]]:
        """All parameters in one group."""
        return BaseRecipe.groups(self, learning)


SEG4REG = PaperRecipe(
    recipe=EvenDecayRecipe(
        name="published",
        optimiser="sgd",
        learning_rate=1e-2,
        momentum=0.9,
        weight_decay=1e-4,
        schedule="step",
        milestones=(1 / 3, 2 / 3),
        decay=0.1,
        warmup=0.0,
        floor=0.0,
        batch=32,
        epochs=90.0,
        clip=0.0,
        geometry=None,
        intensity=None,
    ),
    loss=weighted_heads,
    grid=(512, 256),
)
