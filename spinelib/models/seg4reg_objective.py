"""What Seg4Reg+ minimises: segmentation, regression, attention regularisation and triangle consistency.

Lin, Liu, Ma, Zheng, MICCAI 2021, arXiv 2208.12462 names the terms; their formulas and weights could not be read and
are our choice (C). With x the image, m the reference mask, s = S(x) and a the angles as fractions of 90 degrees:

segmentation: the criterion of every method, cross-entropy plus Dice.
regression: mean over R(x) and R(m) of mean |R - a| + `smape` * sum |R - a| / sum (R + a), the challenge's own error.
attention: mean |CAM(R(x)) - CAM(R(m))|, without gradient into the second: the mask's map teaches the image's.
triangle: mean |R(x) - R(s)| + mean |R(s) - R(m)|, with gradient into both networks, S through s.

Attention and triangle grow linearly from 0 over the first fifth (`warmup`) of the training: an untrained R has nothing
to be consistent with. Films without known angles count in all terms but the regression.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from spinelib.models.objective import FULL_ANGLE, Criterion, Forward, Objective, Targets

# What one degree of mean angle error weighs against Dice when the best checkpoint is chosen.
DEGREE = 0.01


class JointObjective(Objective):
    """The loss of `spinelib.models.seg4reg_plus`, with the weights that the network was built with.

    Validated by Dice and by the mean absolute error of the three angles; the best checkpoint has the highest Dice less
    0.01 per degree. So 5 degrees, about what two readers differ by, weigh as much as 0.05 of Dice.
    """

    needs = ("labels", "angles")

    def __init__(self, criterion: Criterion, network: nn.Module) -> None:
        super().__init__(criterion)
        self.terms: Any = network.terms

    def run(self, forward: Forward, inputs: Tensor, targets: Targets) -> Any:
        """The answers of both networks to inputs [B,C,H,W] and the reference masks (`Seg4RegPlus.joint`)."""
        return forward(inputs, targets["labels"])

    def loss(self, outputs: Mapping[str, Tensor], targets: Targets, done: float) -> Tensor:
        """Weighted sum of all terms; `done` is the fraction of the training so far, for the warm-up."""
        grown = min(1.0, done / self.terms.warmup) if self.terms.warmup else 1.0
        weights = {"regression": self.terms.regression}
        weights |= {name: grown * getattr(self.terms, name) for name in ("attention", "triangle")}
        total = self.criterion(outputs["logits"], targets["labels"])
        for name, value in self.parts(outputs, targets).items():
            total = total + weights[name] * value
        return total

    def parts(self, outputs: Mapping[str, Tensor], targets: Targets) -> dict[str, Tensor]:
        """Each term in force beside the segmentation, unweighted, as a scalar."""
        answers = {
            name: outputs[f"angles_{name}"] for name in ("image", "mask", "guess") if f"angles_{name}" in outputs
        }
        parts = {}
        if self.terms.regression:
            direct = [value for name, value in answers.items() if name != "guess"]
            each = [regression(value, targets["angles"], self.terms.smape) for value in direct]
            parts["regression"] = torch.stack(each).mean()
        if self.terms.attention:
            parts["attention"] = (outputs["cam_image"] - outputs["cam_mask"].detach()).abs().mean()
        if self.terms.triangle:
            edges = [(answers[name] - answers["guess"]).abs().mean() for name in ("image", "mask") if name in answers]
            parts["triangle"] = torch.stack(edges).sum()
        return parts

    def measures(self, outputs: Mapping[str, Tensor], targets: Targets) -> dict[str, Tensor]:
        """Dice [B,K] and the absolute error of each angle [B,3] in degrees, NaN where it is unknown."""
        error = FULL_ANGLE * (outputs["angles"] - targets["angles"]).abs()
        return {**super().measures(outputs, targets), "angle_error": error}

    def score(self, means: Mapping[str, float]) -> float:
        """Dice less 0.01 per degree of mean angle error."""
        return means["dice"] - DEGREE * means["angle_error"]


def regression(answers: Tensor, angles: Tensor, smape: float) -> Tensor:
    """Mean |answer - angle| plus `smape` times the mean over films of their SMAPE (0..1), of [B,3] in 0..1.

    Films with an unknown (NaN) angle do not count; 0 if there is no other.
    """
    known = angles.isfinite().all(1)
    truth = torch.where(known[:, None], angles, answers.detach())
    off = (answers - truth).abs().sum(1)
    share = off / (answers + truth).sum(1).clamp_min(1e-6)
    return (off / answers.shape[1] + smape * share).sum() / known.sum().clamp_min(1)
