"""PLU-Net: U-Net with long-short range blocks and a pyramid at the bottleneck.

Song, Yu, Wu 2024, "PLU-Net: Extraction of multiscale feature fusion", Med. Phys. 51(4):2733-2740, doi
10.1002/mp.16840. Known from the authors' public code (no licence, facts only): parallel 3x3 convolutions with dilation
1 and 3 in every stage, dilations 1, 6, 12 and 18 at the bottom, squeeze-and-excitation after each, widths 64..1024,
nearest up-sampling with a 3x3 convolution. Our choice: batch normalisation and ReLU after each mixing 1x1 and after the
up-sampling convolution, biases in the gates, initial weights. Parameters differ from the known count by 0.05 percent.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from spinelib.models.layers import ConvBNReLU, SegmentationModel, initialise, scaled


class SqueezeExcitation(nn.Module):
    """x times one factor per channel, from its average (Hu et al. 2018, arXiv 1709.01507): [B,C,H,W] to the same."""

    def __init__(self, channels: int, reduction: int = 4) -> None:
        super().__init__()
        inner = max(1, channels // reduction)
        self.gate = nn.Sequential(nn.Conv2d(channels, inner, 1), nn.ReLU(), nn.Conv2d(inner, channels, 1), nn.Sigmoid())

    def forward(self, x: Tensor) -> Tensor:
        """Weigh the channels of x."""
        return x * self.gate(x.mean(dim=(2, 3), keepdim=True))


class Parallel(nn.Module):
    """Convolutions side by side, concatenated, mixed by 1x1, squeezed and excited: [B,in,H,W] to [B,out,H,W]."""

    def __init__(self, branches: Sequence[nn.Module], channels: int, out_channels: int) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)
        self.mix = nn.Sequential(ConvBNReLU(channels, out_channels, 1), SqueezeExcitation(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """Extract features of x at the same size."""
        return self.mix(torch.cat([branch(x) for branch in self.branches], dim=1))


class LSBlock(Parallel):
    """Long-short range block: 3x3 beside 3x3 of dilation 3, half of the channels each."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        half = out_channels // 2
        branches = [ConvBNReLU(in_channels, half, 3, dilation) for dilation in (1, 3)]
        super().__init__(branches, 2 * half, out_channels)


class PSBottom(Parallel):
    """Pyramid at the bottleneck: 1x1 to a quarter of the channels, then 1x1 beside 3x3 of dilation 6, 12 and 18."""

    def __init__(self, channels: int) -> None:
        quarter = channels // 4
        branches = [ConvBNReLU(quarter, quarter, 1)]
        branches += [ConvBNReLU(quarter, quarter, 3, dilation) for dilation in (6, 12, 18)]
        super().__init__(branches, 4 * quarter, channels)
        self.reduce = ConvBNReLU(channels, quarter, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Enhance x at the same size."""
        return super().forward(self.reduce(x))


class PLUNet(SegmentationModel):
    """PLU-Net, five levels of 64..1024 channels (25 M parameters): [B,C,H,W] to logits [B,K,H,W]."""

    multiple = 16

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (64, 128, 256, 512, 1024),
    ) -> None:
        super().__init__()
        channels = scaled(widths, width)
        self.multiple = 2 ** (len(channels) - 1)
        self.encoder = nn.ModuleList(LSBlock(a, b) for a, b in zip([in_channels, *channels], channels, strict=False))
        self.bottom = PSBottom(channels[-1])
        self.ups = nn.ModuleList(
            nn.Sequential(nn.Upsample(scale_factor=2), ConvBNReLU(b, a)) for a, b in pairwise(channels)
        )
        self.decoder = nn.ModuleList(LSBlock(2 * a, a) for a in channels[:-1])
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Conv2d(channels[0], out_channels, 1)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        skips = []
        for i, block in enumerate(self.encoder):
            x = block(self.pool(x) if i else x)
            skips.append(x)
        x = self.bottom(x)
        for level in reversed(range(len(self.decoder))):
            x = self.decoder[level](torch.cat([skips[level], self.ups[level](x)], dim=1))
        return {"logits": self.head(x)}
