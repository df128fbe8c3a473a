"""How the stages of SpineFM are trained.

(B) Recipes of the published program: `PUBLISHED`, for networks that begin from COCO, SAM or ImageNet weights. (C) Ours:
`SCRATCH`, for the small networks that begin from nothing.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import cos, pi

from spinelib.core.errors import BadInput
from spinelib.training.base_recipe import BaseRecipe


@dataclass(frozen=True)
class StageRecipe(BaseRecipe):
    """How a stage is trained: optimiser "adam" or "sgd", rate, items per step (0: all), passes over the items.

    The rate is multiplied by `decay` every `every` epochs (0: never), after rising over the first `warmup` steps;
    gradients are cut to norm `clip` (0: not). `checks` validations are spread over the training. cosine: the rate also
    falls to zero along half a wave over the whole training.
    """

    optimiser: str
    rate: float
    batch: int
    epochs: float
    every: float = 0.0
    decay: float = 1.0
    momentum: float = 0.9
    weight_decay: float = 0.0
    clip: float = 0.0
    warmup: int = 0
    checks: int = 10
    cosine: bool = False

    def __post_init__(self) -> None:
        if self.optimiser not in ("adam", "sgd"):
            raise BadInput("optimiser", f"{self.optimiser!r} is not known", "Use adam or sgd.")
        if self.rate <= 0 or self.epochs <= 0 or self.batch < 0 or self.checks < 1:
            reason = "rate and epochs must be above 0, batch at least 0 and checks at least 1"
            raise BadInput("recipe", reason, "Correct the recipe of this stage.")

    @property
    def learning_rate(self) -> float:
        """The rate before decay and warm-up."""
        return self.rate

    def size(self, items: int) -> int:
        """Items per step of a training on so many items."""
        return self.batch or items

    def length(self, items: int) -> int:
        """Steps of the whole training on so many items."""
        return max(1, round(self.epochs * items / self.size(items)))

    def interval(self, items: int) -> int:
        """Steps between two validations."""
        return -(-self.length(items) // self.checks)

    def rate_at(self, step: int, items: int) -> float:
        """Learning rate of a step (from 0)."""
        epoch = step * self.size(items) / items
        factor = self.decay ** int(epoch / self.every) if self.every else 1.0
        if self.cosine:
            factor *= 0.5 * (1 + cos(pi * step / self.length(items)))
        return self.rate * factor * min(1.0, (step + 1) / (self.warmup + 1))


PUBLISHED: Mapping[str, StageRecipe] = {
    "detector": StageRecipe("sgd", 0.005, 4, 10, every=3, decay=0.1, weight_decay=5e-4),
    "segmenter": StageRecipe("adam", 1e-4, 4, 100, every=10, decay=0.5),
    "predictor": StageRecipe("adam", 1e-3, 0, 10_000),
    # The weights of its best epoch are kept.
    "ends": StageRecipe("adam", 1e-3, 32, 15, checks=15),
}
SCRATCH: Mapping[str, StageRecipe] = {
    "detector": StageRecipe("adam", 1e-3, 4, 20, clip=5.0, warmup=50, cosine=True),
    "segmenter": StageRecipe("adam", 2e-3, 32, 40, clip=1.0, warmup=50, cosine=True),
    "predictor": StageRecipe("adam", 3e-3, 1024, 400, cosine=True),
    "ends": StageRecipe("adam", 1e-3, 32, 10, clip=1.0, warmup=50, cosine=True),
}
