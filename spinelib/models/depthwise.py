"""Depthwise convolutions of images and volumes whose training step is not slow on a CPU.

On CPUs the gradient of depthwise filters larger than 3x3 costs PyTorch more than ten times that of 3x3 ones.
Here it is put together from 3x3 gradients, each over a shifted input: the same sums in another order. Those of volumes
are slow in bfloat16 and wherever holes reach beyond the volume: the first are taken in float32, the second left out.
On other devices this is `torch.nn.Conv2d` and `torch.nn.Conv3d`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Images are taken together while they fit a core's share of the cache; twice that was three times slower.
_CACHED_BYTES = 4 << 20


class DepthwiseConv(nn.Conv2d):
    """One k x k filter per channel (k odd), no bias; the size is kept: [B,C,H,W] to [B,C,H,W]."""

    def __init__(self, channels: int, kernel: int) -> None:
        super().__init__(channels, channels, kernel, padding=kernel // 2, groups=channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Filter every channel of x."""
        weight = self.weight
        if x.device.type != "cpu" or self.kernel_size[0] <= 3 or not torch.is_grad_enabled():
            return super().forward(x)
        if torch.is_autocast_enabled("cpu"):
            dtype = torch.get_autocast_dtype("cpu")
            x, weight = x.to(dtype), weight.to(dtype)
        return _Depthwise.apply(x, weight)


class _Depthwise(torch.autograd.Function):
    """Depthwise convolution with `filter_gradient` in its backward pass."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor) -> Tensor:
        ctx.save_for_backward(x, weight)
        return F.conv2d(x, weight, padding=weight.shape[-1] // 2, groups=len(weight))

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, Tensor]:
        x, weight = ctx.saved_tensors
        (grad,), kernel = grads, weight.shape[-1]
        past = None
        if ctx.needs_input_grad[0]:
            # Transposing a convolution of stride 1 turns its filter round.
            past = F.conv2d(grad, weight.flip(-1, -2), padding=kernel // 2, groups=len(weight))
        together = max(1, _CACHED_BYTES // (x[0].numel() * x.element_size()))
        parts = zip(x.split(together), grad.split(together), strict=True)
        total = torch.stack([filter_gradient(*part, kernel) for part in parts]).sum(dim=0)
        return past, total.to(weight.dtype)


def filter_gradient(x: Tensor, grad: Tensor, kernel: int) -> Tensor:
    """Gradient [C,1,k,k] in float32 of the filters, from input x and gradient of the output, both [B,C,H,W].

    In channels-last memory with `kernel // 2` zeros after each row and each image, a shifted x is the same
    memory from another start: no copies. What a shift moves out of the image meets those zeros.
    """
    (B, C, H, W), reach, tiles = x.shape, kernel // 2, -(-kernel // 3)
    rows, columns = H + reach, W + reach
    step = (columns + 1) * C  # elements from a pixel to the one below and to the right
    memory = x.new_zeros(B * rows * columns * C + (reach + 3 * tiles) * step)
    shape, strides = (B, C, rows, columns), (rows * columns * C, 1, columns * C, C)
    memory.as_strided(shape, strides, reach * step)[..., :H, :W] = x
    grad = F.pad(grad, (0, reach - 2, 0, reach - 2)).contiguous(memory_format=torch.channels_last)
    whole = x.new_empty(C, 1, 3 * tiles, 3 * tiles, dtype=torch.float32)
    tile = x.new_empty(C, 1, 3, 3)
    for down in range(0, kernel, 3):
        for right in range(0, kernel, 3):
            shifted = memory.as_strided(shape, strides, (down * columns + right) * C)
            whole[..., down : down + 3, right : right + 3] = torch.ops.aten.convolution_backward(
                grad, shifted, tile, None, [1, 1], [0, 0], [1, 1], False, [0, 0], C, [False, True, False]
            )[1]
    return whole[..., :kernel, :kernel]


class DepthwiseConv3d(nn.Conv3d):
    """One k x k x k filter per channel (k odd), no bias: [B,C,D,H,W], the size divided by `stride`."""

    def __init__(self, channels: int, kernel: int, stride: Any = 1, dilation: Any = 1) -> None:
        padding: Any = tuple(kernel // 2 * d for d in ((dilation,) * 3 if isinstance(dilation, int) else dilation))
        super().__init__(channels, channels, kernel, stride, padding, dilation, groups=channels, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Filter every channel of x."""
        if x.device.type != "cpu":
            return super().forward(x)
        weight, padding, dilation = within_reach(self.weight, x.shape[2:], self.dilation)
        if torch.is_autocast_enabled("cpu"):
            dtype = torch.get_autocast_dtype("cpu")
            x, weight = x.to(dtype), weight.to(dtype)
        found: Tensor = _Depthwise3d.apply(x, weight, list(self.stride), padding, dilation)
        # Only of a copy for prediction, whose normalisation has become part of it.
        return found if self.bias is None else found + self.bias.view(-1, 1, 1, 1)


class _Depthwise3d(torch.autograd.Function):
    """Depthwise convolution of volumes with its gradients in float32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, *places: Any) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.places = places
        return _filtered(x, weight, *places)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        (x, weight), places = ctx.saved_tensors, ctx.places
        exact = [part.float().contiguous(memory_format=torch.channels_last_3d) for part in (grads[0], x, weight)]
        # Transposing a convolution of stride 1 turns its filter round, and forward convolutions are the fast ones.
        turned = set(places[0]) == {1}
        wanted = [ctx.needs_input_grad[0] and not turned, True, False]
        options: list[Any] = [None, *places, False, [0, 0, 0], len(weight), wanted]
        past, total, _ = torch.ops.aten.convolution_backward(*exact, *options)
        if ctx.needs_input_grad[0] and turned:
            past = _filtered(exact[0], exact[2].flip(2, 3, 4), *places)
        return None if past is None else past.to(x.dtype), total.to(weight.dtype), None, None, None


def _filtered(x: Tensor, weight: Tensor, stride: list[int], padding: list[int], dilation: list[int]) -> Tensor:
    return F.conv3d(x, weight, None, stride, padding, dilation, len(weight))


def within_reach(weight: Tensor, size: Sequence[int], dilation: Sequence[int]) -> tuple[Tensor, list[int], list[int]]:
    """What of filters [C,I,*K] (sides odd) reaches pixels of an input of `size`: weight, padding and dilation.

    Elsewhere holes are so wide that a filter's outer values only ever meet the zeros around the input.
    """
    reach = [min(k // 2, (n - 1) // d) for k, n, d in zip(weight.shape[2:], size, dilation, strict=True)]
    kept: Any = (..., *(slice(k // 2 - r, k // 2 + r + 1) for k, r in zip(weight.shape[2:], reach, strict=True)))
    padding = [r * d for r, d in zip(reach, dilation, strict=True)]
    return weight[kept], padding, [d if r else 1 for r, d in zip(reach, dilation, strict=True)]
