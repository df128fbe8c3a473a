"""Training losses on logits; the target is the class map, the result a float32 scalar.

Partial labels: where a case labels only some structures, a voxel of class 0 may show any of the others. Its background
probability is therefore the sum of theirs and its own (marginal loss: Fidon et al. 2021, arXiv 2107.03846; Shi et al.
2021, arXiv 2007.03868). `known` says which foreground classes a case labels; None, and all True, are the plain losses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor

from spinelib.training.entropy_dice import entropy_dice

HEAD_WEIGHTS: Mapping[str, float] = {"logits": 1.0, "coarse": 0.5, "aux": 0.25}

SMOOTH = 1.0  # pixels


def cross_entropy(logits: Tensor, target: Tensor, known: Tensor | None = None) -> Tensor:
    """Mean cross-entropy per pixel: binary for one logit channel, categorical for more.

    logits [B,K,*S]; target [B,*S], 0/1 for K = 1 and 0..K-1 otherwise; known as in `marginal`.
    """
    if known is not None:
        logits, target = marginal(logits, target, known)
    if logits.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(logits[:, 0].float(), target.float())
    return F.cross_entropy(logits.float(), target.long())


def soft_dice(logits: Tensor, target: Tensor, known: Tensor | None = None, smooth: float = SMOOTH) -> Tensor:
    """One minus the soft Dice coefficient, mean over images and foreground classes, the known ones of each image.

    Milletari et al. 2016, arXiv 1606.04797. logits [B,K,*S]; target [B,*S]; known as in `marginal`. `smooth` (pixels)
    keeps the loss defined for images without the class.
    """
    if known is not None:
        logits, target = marginal(logits, target, known)
    if logits.shape[1] == 1:
        probability, truth = torch.sigmoid(logits.float()), target.float().unsqueeze(1)
    else:
        probability = torch.softmax(logits.float(), dim=1)[:, 1:]
        truth = torch.zeros_like(logits, dtype=torch.float32).scatter_(1, target.long().unsqueeze(1), 1.0)[:, 1:]
    axes = tuple(range(2, logits.dim()))
    overlap = (probability * truth).sum(axes)
    total = probability.sum(axes) + truth.sum(axes)
    share = (2.0 * overlap + smooth) / (total + smooth)
    return 1.0 - (share.mean() if known is None else (share * known).sum() / known.sum())


def cross_entropy_dice(logits: Tensor, target: Tensor, known: Tensor | None = None) -> Tensor:
    """Cross-entropy plus soft Dice, equally weighted: logits [B,K,*S], target [B,*S], known as in `marginal`."""
    if logits.shape[1] == 1:
        return cross_entropy(logits, target, known) + soft_dice(logits, target, known)
    if known is not None:
        logits, target = marginal(logits, target, known)
    counted = torch.ones(len(logits), logits.shape[1] - 1, device=logits.device) if known is None else known.float()
    return entropy_dice(logits, target, F.pad(counted / counted.sum(), (1, 0)), SMOOTH)


def one_hot_entropy(logits: Tensor, target: Tensor, known: Tensor | None = None) -> Tensor:
    """Binary cross-entropy of each softmax probability against its one-hot channel, mean over channels and voxels.

    logits [B,K,*S], target [B,*S], known as in `marginal`; unknown channels do not count. Stays exact and with
    gradient where a probability rounds to 1.
    """
    if logits.shape[1] == 1:
        return cross_entropy(logits, target, known)
    counted = logits.new_full((len(logits),), logits.shape[1], dtype=torch.float32)
    if known is not None:
        logits, target = marginal(logits, target, known)
        counted = 1.0 + known.sum(1)
    logits, truth = logits.float(), target.long().unsqueeze(1)
    likelihood = F.log_softmax(logits, dim=1)
    # log(1 - p): of the likeliest class from the sum of the others, where 1 - p would round to 0.
    first = logits.detach().argmax(dim=1, keepdim=True)
    others = torch.logsumexp(logits.scatter(1, first, -torch.inf), 1, True) - torch.logsumexp(logits, 1, True)
    smaller = torch.log1p(-likelihood.exp().scatter(1, first, 0.0))
    against = smaller.scatter(1, first, others).scatter(1, truth, 0.0).sum(1)
    each = -(likelihood.gather(1, truth)[:, 0] + against)
    return (each.flatten(1).mean(1) / counted).mean()


def marginal(logits: Tensor, target: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
    """Logits [B,K,*S] and target [B,*S] as if the classes that a case does not label were background.

    known: bool [B,K-1], whether case b labels class k + 1, at least one of them. The logit of class 0 becomes that of
    the sum of the background's and the unknown classes' probabilities, theirs become minus infinity; a voxel drawn as
    an unknown class becomes 0. With all known both come back with the same values. Raises ValueError for one logit,
    which leaves nothing to learn from a case without it.
    """
    if logits.shape[1] < 2 or known.shape != (len(logits), logits.shape[1] - 1):
        raise ValueError(f"known {tuple(known.shape)} does not fit logits {tuple(logits.shape)}")
    ours = F.pad(known.bool(), (1, 0), value=True)
    unknown = (~ours).view(*ours.shape, *[1] * (logits.dim() - 2))
    theirs = unknown.clone()
    theirs[:, 0] = True
    logits = logits.float()
    background = torch.logsumexp(logits.masked_fill(~theirs, -torch.inf), dim=1, keepdim=True)
    merged = torch.cat([background, logits[:, 1:].masked_fill(unknown[:, 1:], -torch.inf)], dim=1)
    labelled = ours.gather(1, target.long().flatten(1)).view(target.shape)
    return merged, target * labelled


def weighted_heads(
    outputs: Tensor | Mapping[str, Tensor],
    target: Tensor,
    weights: Mapping[str, float] = HEAD_WEIGHTS,
    term: Callable[..., Tensor] = cross_entropy_dice,
    known: Tensor | None = None,
) -> Tensor:
    """`term` (cross-entropy plus soft Dice) of every head, weighted: fine + 0.5 coarse + 0.25 each auxiliary.

    `outputs` is what a model returns in train mode: logits, or a dict of logits at the target's size. Heads
    named ``aux_1``, ``aux_2``, ... take the weight ``aux``. known [B,K-1]: see `marginal`. Raises KeyError for a head
    without a weight.
    """
    if isinstance(outputs, Tensor):
        outputs = {"logits": outputs}
    partial = () if known is None else (known,)
    terms = [weights[name.partition("_")[0]] * term(y, target, *partial) for name, y in outputs.items()]
    return torch.stack(terms).sum()


def cross_entropy_heads(outputs: Tensor | Mapping[str, Tensor], target: Tensor, known: Tensor | None = None) -> Tensor:
    """Cross-entropy alone, of every head, weighted as in `weighted_heads`."""
    return weighted_heads(outputs, target, term=cross_entropy, known=known)


def one_hot_bce(outputs: Tensor | Mapping[str, Tensor], target: Tensor, known: Tensor | None = None) -> Tensor:
    """SAFNet's loss, eq. 9 of its paper (A): `one_hot_entropy`, of every head, weighted as in `weighted_heads`."""
    return weighted_heads(outputs, target, term=one_hot_entropy, known=known)
