"""The loss that a training minimises and the score that chooses its weights: the one place where methods differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn

# forward(inputs, *extra) gives what the network returns, in float32.
Forward = Callable[..., Any]
Targets = Mapping[str, Tensor]
# criterion(outputs, labels), and known=[B,K] where not every case labels every structure.
Criterion = Callable[..., Tensor]
# Angles are learnt as fractions of this many degrees, so that a sigmoid can answer (as the released Seg4Reg does).
FULL_ANGLE = 90.0


class Objective:
    """Outline the spine: a criterion on the network's answer to the image alone, validated by Dice.

    The objective of most methods, and the base of the others. `needs` names the targets it reads
    (`spinelib.training.targets`), always the labels among them. A subclass may look at the `network` it is made for.
    Where cases label only some structures the targets hold "known" too: nothing is learnt or measured of what a case
    leaves out.
    """

    needs: tuple[str, ...] = ("labels",)

    def __init__(self, criterion: Criterion, network: nn.Module | None = None) -> None:
        self.criterion = criterion

    def run(self, forward: Forward, inputs: Tensor, targets: Targets) -> Any:
        """Output of the network for inputs [B,C,*S], in train or eval mode; some networks are given `targets` too."""
        return forward(inputs)

    def loss(self, outputs: Any, targets: Targets, done: float) -> Tensor:
        """Scalar to minimise; `done` (0..1) is the fraction of the training that lies behind, 1 in validation."""
        partial = {"known": targets["known"]} if "known" in targets else {}
        return self.criterion(outputs, targets["labels"], **partial)

    def measures(self, outputs: Any, targets: Targets) -> dict[str, Tensor]:
        """Scores of each case by name, [B,...] each, of the eval-mode outputs; NaN where one does not apply."""
        return {"dice": dice_by_class(main_logits(outputs), targets["labels"], targets.get("known"))}

    def score(self, means: Mapping[str, float]) -> float:
        """The one number, higher is better, by which a checkpoint and a learning rate are chosen."""
        return means["dice"]


def main_logits(outputs: Tensor | Mapping[str, Tensor]) -> Tensor:
    """The logits [B,K,*S] that a prediction is made from, of a network that returns them alone or among others."""
    return outputs if isinstance(outputs, Tensor) else outputs["logits"]


def dice_by_class(logits: Tensor, labels: Tensor, known: Tensor | None = None) -> Tensor:
    """Dice of each case and foreground class [B,K'] from logits [B,K,*S]; NaN where neither side has the class.

    known: bool [B,K'], also NaN where it is False: a structure that a case does not label.
    """
    guess = logits[:, 0] > 0 if logits.shape[1] == 1 else logits.argmax(dim=1)
    columns = []
    for number in range(1, max(2, logits.shape[1])):
        found, truth = (guess == number).flatten(1), (labels == number).flatten(1)
        overlap, total = (found & truth).sum(1), found.sum(1) + truth.sum(1)
        columns.append(2 * overlap / total)
    scores = torch.stack(columns, dim=1)
    return scores if known is None else scores.where(known, torch.nan)
