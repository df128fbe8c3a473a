"""Group normalisation that is not slow on a CPU where channels are last in memory.

Wu, He: "Group Normalization", ECCV 2018, arXiv 1803.08494. PyTorch takes bfloat16 maps of few channels one number at a
time there, in its gradient most of all. Such maps are normalised here by rows: sums over an image by channel, then one
factor and one offset for each. Everything else is `torch.nn.GroupNorm`.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

# Measured: from these sizes on PyTorch's own way is the faster one. Its pass forward is slow only where a row of
# channels does not fill whole blocks.
_CHANNELS, _NUMBERS, _BLOCK = 128, 2**15, 16


class GroupNorm(nn.GroupNorm):
    """Normalise [B,C,*S] over each image and group of channels, with a scale and a shift per channel."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x; its memory layout is kept."""
        if not self._by_rows(x):
            return super().forward(x)
        found: Tensor = _ByRows.apply(x, self.weight, self.bias, self.num_groups, self.eps)
        return found

    def _by_rows(self, x: Tensor) -> bool:
        if x.device.type != "cpu" or x.dtype != torch.bfloat16 or x.is_contiguous() or not rows(x).is_contiguous():
            return False
        few = x.shape[1] < _CHANNELS if torch.is_grad_enabled() else x.shape[1] % _BLOCK != 0
        return few and x[0].numel() >= _NUMBERS


def rows(x: Tensor) -> Tensor:
    """[B,C,*S] as [B,P,C], a row of channels for each of the P places; a view where channels are last in memory."""
    return x.flatten(2).transpose(1, 2)


class _ByRows(torch.autograd.Function):
    """Group normalisation of maps [B,C,*S] with channels last in memory; sums in float32, image by image."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor, groups: int, eps: float) -> Tensor:
        # Not a view of it, which ReLU could not change in place.
        y = torch.empty_like(x)
        means, factors = [], []
        plain, product = _room(rows(x))
        for image, made in zip(rows(x), rows(y), strict=True):
            plain.copy_(image)
            mean = _by_group(plain.sum(0), groups, len(plain))
            square = _by_group(torch.mul(plain, plain, out=product).sum(0), groups, len(plain))
            factor = (square - mean * mean).clamp_(min=0).add_(eps).rsqrt_()
            scale = factor * weight
            made.copy_(torch.addcmul(bias - mean * scale, plain, scale, out=product))
            means.append(mean)
            factors.append(factor)
        ctx.save_for_backward(x, torch.stack(means), torch.stack(factors), weight)
        ctx.groups = groups
        return y

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, means, factors, weight = ctx.saved_tensors
        past = torch.empty_like(x)
        plain, product = _room(rows(x))
        into = torch.empty_like(plain)
        to_scale, to_shift = torch.zeros_like(weight), torch.zeros_like(weight)
        for image, sent, back, mean, factor in zip(rows(x), rows(grads[0]), rows(past), means, factors, strict=True):
            plain.copy_(image)
            into.copy_(sent)
            total = into.sum(0)
            along = (torch.mul(into, plain, out=product).sum(0) - mean * total) * factor
            level = _by_group(weight * total, ctx.groups, len(plain))
            slope = _by_group(weight * along, ctx.groups, len(plain)) * factor
            torch.addcmul(factor * (slope * mean - level), into, factor * weight, out=product)
            back.copy_(product.addcmul_(plain, -factor * slope))
            to_scale += along
            to_shift += total
        return past, to_scale, to_shift, None, None


def _room(given: Tensor) -> tuple[Tensor, Tensor]:
    """Two float32 arrays [P,C] for one image after the other."""
    return torch.empty(given.shape[1:]), torch.empty(given.shape[1:])


def _by_group(sums: Tensor, groups: int, places: int) -> Tensor:
    """Sums [C] over places as the mean of each channel's group, [C]."""
    each = len(sums) // groups
    return (sums.view(groups, each).sum(1) / (each * places)).repeat_interleave(each)
