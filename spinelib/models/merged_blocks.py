"""Forms of blocks for prediction, their successive linear steps multiplied into one convolution.

`spinelib.prediction.fused` puts them in place of the trained blocks; training and files of weights do not use them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.depthwise import DepthwiseConv
from spinelib.models.onednn import ConvAddReLU


class MergedMSCAW(nn.Module):
    """MSCAW of filters [in,1,k,k] and weights [out,in] for each branch, and one bias [out].

    `share` successive filters see the same channel of the input.
    """

    def __init__(self, filters: Sequence[Tensor], across: Sequence[Tensor], bias: Tensor, share: int) -> None:
        super().__init__()
        self.filters = nn.ModuleList()
        if share > 1:
            weight = _whole(filters, across).unflatten(1, (-1, share)).sum(2)
        else:
            # A 1x1 filter is one factor per channel.
            mixed = [a * f.view(-1) if f.shape[-1] == 1 else a for a, f in zip(across, filters, strict=True)]
            weight = torch.cat(mixed, dim=1)[..., None, None]
            self.filters.extend(_depthwise(f) if f.shape[-1] > 1 else nn.Identity() for f in filters)
        self.mix = convolution(weight, bias)
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """Extract features of x [B,C,H,W] at the same size."""
        seen = [own(x) for own in self.filters]
        found: Tensor = self.relu(self.mix(torch.cat(seen, dim=1) if seen else x))
        return found


class MergedR2Jump(nn.Module):
    """R2Jump as 3x3 convolutions of the encoder's features, from weights [C,C,3,3] of its linear steps.

    drive: W W0; first: U W0; recur: U; gain and shift [steps,C]: each step's normalisation as factor and offset.
    """

    def __init__(self, drive: Tensor, first: Tensor, recur: Tensor, gain: Tensor, shift: Tensor) -> None:
        super().__init__()
        gains = list(gain[..., None, None, None])
        self.first = nn.Sequential(convolution(gains[0] * (drive + first), shift[0]), nn.ReLU())
        self.drives = nn.ModuleList(convolution(g * drive, b) for g, b in zip(gains[1:], shift[1:], strict=True))
        self.recur = nn.ModuleList(ConvAddReLU(convolution(g * recur)) for g in gains[1:])

    def forward(self, encoder: Tensor, decoder: Tensor | None = None) -> Tensor:
        """Refine encoder features [B,C,H,W]."""
        state = self.first(encoder)
        for drive, recur in zip(self.drives, self.recur, strict=True):
            state = recur(state, drive(encoder))
        return encoder + state


def convolution(weight: Tensor, bias: Tensor | None = None) -> nn.Conv2d:
    """A convolution with this weight [out,in,k,k], k odd, that keeps the size."""
    out, channels, kernel = weight.shape[:3]
    conv = nn.Conv2d(channels, out, kernel, padding=kernel // 2, bias=False)
    conv.weight = nn.Parameter(weight.detach(), requires_grad=False)
    if bias is not None:
        conv.bias = nn.Parameter(bias.detach(), requires_grad=False)
    return conv


def _depthwise(weight: Tensor) -> DepthwiseConv:
    conv = DepthwiseConv(len(weight), weight.shape[-1])
    conv.weight = nn.Parameter(weight.detach(), requires_grad=False)
    return conv


def _whole(filters: Sequence[Tensor], across: Sequence[Tensor]) -> Tensor:
    """Filters and weights of all branches as one convolution [out,in,k,k] of the largest size."""
    largest = max(f.shape[-1] for f in filters)
    each = [F.pad(f[:, 0], [(largest - f.shape[-1]) // 2] * 4) for f in filters]
    return torch.stack([torch.einsum("oi,ihw->oihw", a, f) for a, f in zip(across, each, strict=True)]).sum(0)
