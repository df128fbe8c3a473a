"""Group normalisation whose training step is not slow on a CPU.

Wu, He: "Group Normalization", ECCV 2018, arXiv 1803.08494. PyTorch's gradient is slow where channels are last in
memory: copies to and fro cost less. Elsewhere, and without gradients, this is `torch.nn.GroupNorm`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn


class GroupNorm(nn.GroupNorm):
    """Normalise [B,C,H,W] over each image and group of channels, with a scale and a shift per channel."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x; its memory layout is kept."""
        if x.device.type != "cpu" or not torch.is_grad_enabled() or x.is_contiguous():
            return super().forward(x)
        found: Tensor = _GroupNorm.apply(x, self.weight, self.bias, self.num_groups, self.eps)
        return found


class _GroupNorm(torch.autograd.Function):
    """Group normalisation with its gradient taken where channels are first in memory."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        sizes = (*x.shape[:2], x[0, 0].numel(), groups)
        y, mean, scale = torch.ops.aten.native_group_norm(x, weight, bias, *sizes, eps)
        ctx.save_for_backward(x, mean, scale, weight)
        ctx.sizes = sizes
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, mean, scale, weight = ctx.saved_tensors
        plain = grads[0].contiguous(), x.contiguous(), mean, scale, weight
        wanted = list(ctx.needs_input_grad[:3])
        past, *others = torch.ops.aten.native_group_norm_backward(*plain, *ctx.sizes, wanted)
        if past is not None:
            past = past.contiguous(memory_format=torch.channels_last)
        return past, *others, None, None
