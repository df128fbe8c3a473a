"""Layer normalisation whose scale and shift learn in bfloat16 on a CPU, and that is not slow for few channels.

Ba, Kiros, Hinton: "Layer Normalization", arXiv 1607.06450. Given bfloat16, PyTorch adds up the gradients of scale and
shift in bfloat16 on a CPU: of many rows the sum is a third off. Here they are added up in float32. Rows of few channels
are normalised by products with small matrices, since PyTorch takes them one number at a time.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

# Measured: from so many channels on PyTorch's own way is the faster one.
_FEW = 32


class LayerNorm(nn.LayerNorm):
    """Normalise the last axis of [...,C], with a scale and a shift per channel."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x; its number format is kept."""
        if x.device.type != "cpu" or x.dtype != torch.bfloat16:
            return super().forward(x)
        with torch.autocast("cpu", enabled=False):
            plain = x.float()
            if x.shape[-1] >= _FEW:
                return super().forward(plain).to(x.dtype)
            return scaled_rows(plain - plain @ _averages(x.shape[-1]), self.weight, self.bias, self.eps).to(x.dtype)


class ChannelNorm(LayerNorm):
    """Layer normalisation over the channels of each voxel: [B,C,D,H,W] to the same; no batch is too small for it."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the channels of x."""
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)


class CentredNorm(nn.Module):
    """`ChannelNorm` in eval mode for maps [B,C,D,H,W] whose channels already have the mean 0 at every voxel."""

    def __init__(self, norm: ChannelNorm) -> None:
        super().__init__()
        self.eps, self.weight, self.bias = norm.eps, norm.weight.detach(), norm.bias.detach()

    def forward(self, x: Tensor) -> Tensor:
        """Normalise the channels of x."""
        given = x.movedim(1, -1)
        if x.device.type == "cpu" and x.dtype == torch.bfloat16 and x.shape[1] < _FEW:
            with torch.autocast("cpu", enabled=False):
                return scaled_rows(given.float(), self.weight, self.bias, self.eps).to(x.dtype).movedim(-1, 1)
        weight, bias = self.weight.to(x.dtype), self.bias.to(x.dtype)
        return (F.rms_norm(given, weight.shape, weight, self.eps) + bias).movedim(-1, 1)


def scaled_rows(rows: Tensor, weight: Tensor, bias: Tensor, eps: float) -> Tensor:
    """Float32 rows [...,C] of mean 0, each divided by its standard deviation, times `weight` [C] plus `bias` [C]."""
    variance = (rows * rows) @ _averages(rows.shape[-1])
    return torch.addcmul(bias, rows * (variance + eps).rsqrt(), weight)


def _averages(channels: int) -> Tensor:
    """The matrix whose product with a row is the row's mean, in every place."""
    return torch.full((channels, channels), 1 / channels)
