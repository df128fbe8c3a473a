"""Cross-entropy plus soft Dice of many classes as one operation with a gradient of its own.

In volumes with twenty classes the loss, not the network, is what a step waits for: every elementary operation reads and
writes all logits, and automatic differentiation does so once more for each. Here the forward pass is one softmax, the
backward pass two sweeps. With p the softmax, t a voxel's class, N voxels, and of class k in one case I the summed p
where it is true, T the summed p and its voxels, s the smoothing and w its weight in the mean of the Dice:

    loss = -mean log p_t + 1 - sum w (2 I + s) / (T + s)
    d loss / d logit_k = p_k (c_k + 1/N - S) + [k = t] (p_t a_t - 1/N)
    a = -2 w / (T + s),  c = w (2 I + s) / (T + s)^2,  S = a_t p_t + sum over k of c_k p_k
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.autograd.function import once_differentiable

# Classes from which on a processor takes the softmax of rows of classes faster than that of planes.
_ROWS = 16


def entropy_dice(logits: Tensor, target: Tensor, weights: Tensor, smooth: float) -> Tensor:
    """Mean cross-entropy per voxel plus one minus the weighted sum of soft Dice coefficients: a float32 scalar.

    logits [B,K,*S], in either memory format, which the gradient then has too; target [B,*S] 0..K-1; weights float32
    [B,K] of the Dice coefficients, 0 for the background; smooth in voxels.
    """
    found: Tensor = _EntropyDice.apply(logits.float(), target, weights, smooth)
    return found


class _EntropyDice(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, logits: Tensor, target: Tensor, weights: Tensor, smooth: float) -> Tensor:
        rows, axis = _rows(logits)
        likelihood = F.log_softmax(rows, axis)
        truth = target.long().flatten(1)
        picked = likelihood.gather(axis, truth.unsqueeze(axis)).squeeze(axis)
        probabilities, hit = likelihood.exp_(), picked.exp()
        none = torch.zeros_like(weights)
        overlap = none.scatter_add(1, truth, hit)
        total = probabilities.sum(3 - axis) + none.scatter_add(1, truth, torch.ones_like(hit))
        dice = (2.0 * overlap + smooth) / (total + smooth)
        inside, everywhere = -2.0 * weights / (total + smooth), weights * dice / (total + smooth)
        ctx.save_for_backward(probabilities, truth, hit, inside, everywhere)
        ctx.shape, ctx.axis = logits.shape, axis
        return 1.0 - picked.mean() - (weights * dice).sum()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, scale: Tensor) -> tuple[Tensor | None, ...]:
        probabilities, truth, hit, inside, everywhere = ctx.saved_tensors
        axis, share = ctx.axis, scale / truth.numel()
        everywhere = everywhere * scale
        gained = hit * (inside * scale).gather(1, truth)
        expected = gained + torch.einsum("bvk,bk->bv" if axis == 2 else "bkv,bk->bv", probabilities, everywhere)
        slope = (everywhere + share).unsqueeze(3 - axis) - expected.unsqueeze(axis)
        slope.mul_(probabilities).scatter_add_(axis, truth.unsqueeze(axis), (gained - share).unsqueeze(axis))
        shape = ctx.shape
        if axis == 2:
            return slope.view(shape[0], *shape[2:], shape[1]).movedim(-1, 1), None, None, None
        return slope.view(shape), None, None, None


def _rows(logits: Tensor) -> tuple[Tensor, int]:
    """Logits as one matrix per case and the axis of its classes: [B,V,K], 2 where they lie so, else [B,K,V], 1."""
    last = logits.movedim(1, -1)
    if last.is_contiguous() and last.shape[-1] >= _ROWS:
        return last.flatten(1, -2), 2
    return logits.flatten(2), 1
