"""3-D CFNet: cascaded stages that each see several scales and hand on their finest map.

Zhang, Li, Li, Hu: "CFNet: Cascade Fusion Network for Dense Prediction", arXiv 2302.06052. From its abstract and notes
on it: a stem of two strided convolutions with layer normalisation and GELU, some blocks at that size, then stages of
blocks with a focal block (a wide field of view) and a light transition that fuses the scales; only the finest map goes
from stage to stage, the last stage puts out three scales. SAFNet's paper does not say how it made the network 3-D. Our
choice: everything below, that is strides (1, 2, 2), scales 1/4, 1/8 and 1/16 in plane, residual blocks of one 3x3x3
convolution, widths, three stages, and as a head the three scales side by side, mixed by 1x1x1.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from spinelib.models.layer_norm import CentredNorm, ChannelNorm
from spinelib.models.layers import SegmentationModel, Size3d, initialise, resize, same, scaled
from spinelib.models.method import check_choice

STRIDE = (1, 2, 2)


class ConvLNGELU(nn.Sequential):
    """Convolution, layer normalisation, GELU; the size is kept for stride 1."""

    def __init__(
        self, in_channels: int, out_channels: int, kernel: int = 3, stride: Size3d = 1, dilation: int = 1
    ) -> None:
        holes = (1, dilation, dilation)
        super().__init__(
            nn.Conv3d(in_channels, out_channels, kernel, stride, same(kernel, holes), holes, bias=False),
            ChannelNorm(out_channels),
            nn.GELU(),
        )

    def simplified(self) -> nn.Module:
        """The unit in eval mode: its convolution subtracts the mean of the channels, the normalisation need not."""
        conv, norm, gelu = copy.deepcopy(self[0]), self[1], self[2]
        assert isinstance(conv, nn.Conv3d)
        assert isinstance(norm, ChannelNorm)
        conv.weight.data = conv.weight.detach() - conv.weight.detach().mean(0, keepdim=True)
        return nn.Sequential(conv, CentredNorm(norm), gelu)


class ResidualBlock(nn.Module):
    """A 3x3x3 and a 1x1x1 convolution, added to the input: [B,C,D,H,W] to the same."""

    def __init__(self, channels: int, dilation: int = 1) -> None:
        super().__init__()
        self.conv = ConvLNGELU(channels, channels, dilation=dilation)
        self.mix = nn.Conv3d(channels, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Features of x."""
        return x + self.mix(self.conv(x))


class FocalBlock(nn.Module):
    """A plain and a dilated convolution in sequence, the input added to both: [B,C,D,H,W] to the same."""

    def __init__(self, channels: int, dilation: int = 3) -> None:
        super().__init__()
        self.near, self.far = ResidualBlock(channels), ResidualBlock(channels, dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Features of x with a wide field of view."""
        return x + self.far(self.near(x))


class Transition(nn.Module):
    """Coarser maps brought to the finest: three [B,C_i,...] to [B,C_0,D,H,W], by addition or by concatenation."""

    def __init__(self, channels: Sequence[int], merge: str = "add") -> None:
        super().__init__()
        self.sides = nn.ModuleList(nn.Conv3d(c, channels[0], 1) for c in channels[1:])
        self.mix = ConvLNGELU(len(channels) * channels[0], channels[0], 1) if merge == "concat" else None

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """Fuse `maps`, the finest first."""
        finest = maps[0]
        parts = [finest, *(resize(s(x), finest.shape) for s, x in zip(self.sides, maps[1:], strict=True))]
        return torch.stack(parts).sum(0) if self.mix is None else self.mix(torch.cat(parts, dim=1))


class PyramidStage(nn.Module):
    """A small pyramid of its own: the finest map [B,C_0,D,H,W] to one map per scale, finest first."""

    def __init__(self, channels: Sequence[int]) -> None:
        super().__init__()
        self.downs = nn.ModuleList(nn.Conv3d(a, b, STRIDE, STRIDE) for a, b in pairwise(channels))
        self.blocks = nn.ModuleList([*(ResidualBlock(c) for c in channels[:-1]), FocalBlock(channels[-1])])

    def forward(self, x: Tensor) -> list[Tensor]:
        """Maps of x at every scale."""
        maps = [self.blocks[0](x)]
        for down, block in zip(self.downs, list(self.blocks)[1:], strict=True):
            maps.append(block(down(maps[-1])))
        return maps


class CFNet3D(SegmentationModel):
    """3-D CFNet: [B,C,D,H,W] to logits [B,K,D,H,W].

    `widths` of the three scales, `first` blocks before the `stages`; `merge` of a transition: "add" or "concat".
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (48, 96, 192),
        first: int = 2,
        stages: int = 3,
        merge: str = "add",
    ) -> None:
        super().__init__()
        check_choice(merge, ("add", "concat"), "merge of CFNet")
        channels = scaled(widths, width)
        finest, steps = channels[0], 2 ** (len(channels) + 1)
        self.multiple = (1, steps, steps)
        self.stem = nn.Sequential(
            ConvLNGELU(in_channels, finest // 2, 3, STRIDE),
            ConvLNGELU(finest // 2, finest, 3, STRIDE),
            *(ResidualBlock(finest) for _ in range(first)),
        )
        self.stages = nn.ModuleList(PyramidStage(channels) for _ in range(stages))
        self.transitions = nn.ModuleList(Transition(channels, merge) for _ in range(stages - 1))
        self.mix = ConvLNGELU(sum(channels), finest, 1)
        self.head = nn.Conv3d(finest, out_channels, 1)
        initialise_cfnet(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,D,H,W] of x [B,C,D,H,W]; H and W are multiples of 16."""
        size, x = x.shape, self.stem(x)
        for stage, transition in zip(self.stages, self.transitions, strict=False):
            x = transition(stage(x))
        maps = self.stages[-1](x)
        joined = torch.cat([resize(m, maps[0].shape) for m in maps], dim=1)
        return {"logits": resize(self.head(self.mix(joined)), size)}


def initialise_cfnet(model: nn.Module) -> None:
    """Starting weights, in place: He's, but every residual branch begins small, as no normalisation follows the sum."""
    initialise(model)
    for module in model.modules():
        if isinstance(module, ResidualBlock):
            nn.init.normal_(module.mix.weight, std=0.02)
