"""Training losses on logits; the target is the class map, the result a float32 scalar."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

HEAD_WEIGHTS: Mapping[str, float] = {"logits": 1.0, "coarse": 0.5, "aux": 0.25}


def cross_entropy(logits: Tensor, target: Tensor) -> Tensor:
    """Mean cross-entropy per pixel: binary for one logit channel, categorical for more.

    logits [B,K,H,W]; target [B,H,W], 0/1 for K = 1 and 0..K-1 otherwise.
    """
    if logits.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(logits[:, 0].float(), target.float())
    return F.cross_entropy(logits.float(), target.long())


def soft_dice(logits: Tensor, target: Tensor, smooth: float = 1.0) -> Tensor:
    """One minus the soft Dice coefficient, mean over images and foreground classes.

    Milletari et al. 2016, arXiv 1606.04797. logits [B,K,H,W]; target [B,H,W]. `smooth` (pixels) keeps the
    loss defined for images without the class.
    """
    if logits.shape[1] == 1:
        probability, truth = torch.sigmoid(logits.float()), target.float().unsqueeze(1)
    else:
        probability = torch.softmax(logits.float(), dim=1)[:, 1:]
        truth = F.one_hot(target.long(), logits.shape[1]).movedim(-1, 1)[:, 1:].float()
    axes = tuple(range(2, logits.dim()))
    overlap = (probability * truth).sum(axes)
    total = probability.sum(axes) + truth.sum(axes)
    return 1.0 - ((2.0 * overlap + smooth) / (total + smooth)).mean()


def cross_entropy_dice(logits: Tensor, target: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice, equally weighted: logits [B,K,H,W], target [B,H,W]."""
    return cross_entropy(logits, target) + soft_dice(logits, target)


def weighted_heads(
    outputs: Tensor | Mapping[str, Tensor],
    target: Tensor,
    weights: Mapping[str, float] = HEAD_WEIGHTS,
    term: Callable[[Tensor, Tensor], Tensor] = cross_entropy_dice,
) -> Tensor:
    """`term` (cross-entropy plus soft Dice) of every head, weighted: fine + 0.5 coarse + 0.25 each auxiliary.

    `outputs` is what a model returns in train mode: logits, or a dict of logits at the target's size. Heads
    named ``aux_1``, ``aux_2``, ... take the weight ``aux``. Raises KeyError for a head without a weight.
    """
    if isinstance(outputs, Tensor):
        outputs = {"logits": outputs}
    terms = [weights[name.partition("_")[0]] * term(y, target) for name, y in outputs.items()]
    return torch.stack(terms).sum()


def cross_entropy_heads(outputs: Tensor | Mapping[str, Tensor], target: Tensor) -> Tensor:
    """Cross-entropy alone, of every head, weighted as in `weighted_heads`."""
    return weighted_heads(outputs, target, term=cross_entropy)
