"""Convolutions of images with holes whose filters learn from the right gradient in bfloat16 on a CPU.

oneDNN 3.13 (torch 2.15), given bfloat16 maps with channels last, reads beside the map for the gradient of filters with
holes: numbers out of the blue, no numbers, or the end of the process, by the channels and the width of the map. With
channels first it is right, so that this one gradient is taken from copies that lie so. Everything else is as
`torch.nn.Conv2d` has it, which was compared with float64 for output and for the gradient of the input.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class DilatedConv(nn.Conv2d):
    """`nn.Conv2d` with a dilation above 1: [B,C,H,W] to [B,K,H',W']."""

    def forward(self, x: Tensor) -> Tensor:
        """Convolve x."""
        if x.device.type != "cpu" or not torch.is_grad_enabled() or self.padding_mode != "zeros":
            return super().forward(x)
        weight, bias = self.weight, self.bias
        if torch.is_autocast_enabled("cpu"):
            kind = torch.get_autocast_dtype("cpu")
            x, weight, bias = x.to(kind), weight.to(kind), None if bias is None else bias.to(kind)
        if x.dtype != torch.bfloat16 or isinstance(self.padding, str):
            return super().forward(x)
        found: Tensor = _Dilated.apply(x, weight, bias, self.stride, self.padding, self.dilation, self.groups)
        return found


class _Dilated(torch.autograd.Function):
    """A convolution whose gradient by its filters is taken with channels first in memory."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, *places: Any) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.places = places
        return F.conv2d(x, weight, bias, *places)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        stride, padding, dilation, groups = ctx.places
        wanted = ctx.needs_input_grad[:3]

        def gradients(grad: Tensor, x: Tensor, weight: Tensor, mask: list[bool]) -> Any:
            sizes = [weight.shape[0]], stride, padding, dilation, False, [0, 0], groups
            return torch.ops.aten.convolution_backward(grad, x, weight, *sizes, mask)

        past = gradients(grads[0], x, weight, [True, False, False])[0] if wanted[0] else None
        # A filter of one channel lies both ways at once: only a copy is told from one with channels last.
        grad, x, weight = (one.clone(memory_format=torch.contiguous_format) for one in (grads[0], x, weight))
        _, of_weight, of_bias = gradients(grad, x, weight, [False, wanted[1], wanted[2]])
        return past, of_weight, of_bias, None, None, None, None
