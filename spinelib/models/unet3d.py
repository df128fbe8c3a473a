"""3-D U-Net: the U-Net in three dimensions, with less downsampling for thick slices.

Çiçek, Abdulkadir, Lienkamp, Brox, Ronneberger: "3D U-Net: Learning Dense Volumetric Segmentation from Sparse
Annotation", MICCAI 2016, arXiv 1606.06650. From the paper: four levels, two 3x3x3 convolutions in each, the first of
them with half of the level's channels on the way down, batch normalisation before each ReLU, max-pooling, transposed
convolutions that keep the channels, skips by concatenation. Our choice: padded convolutions, pooling and enlargement by
(1, 2, 2), as 18 thick slices leave nothing to pool; widths 16..128, a quarter of the paper's 64..512 (option `widths`),
which is the 3-D U-Net that SpineParseNet compared with on this data and takes about SAFNet's arithmetic; variant `mid`,
32..256, is nearer to SAFNet's size, and `wide` has the paper's channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from spinelib.models.layers import ConvBNReLU3d, SegmentationModel, Size3d, initialise, per_axis, scaled


class UpBlock3d(nn.Module):
    """One decoder level: a transposed convolution, the skip concatenated, two convolutions."""

    def __init__(self, in_channels: int, skip_channels: int, stride: Size3d) -> None:
        super().__init__()
        self.up = nn.ConvTranspose3d(in_channels, in_channels, stride, stride)
        self.conv = nn.Sequential(
            ConvBNReLU3d(in_channels + skip_channels, skip_channels), ConvBNReLU3d(skip_channels, skip_channels)
        )

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Join x [B,in,...] with the finer skip [B,skip,D,H,W] to [B,skip,D,H,W]."""
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class UNet3D(SegmentationModel):
    """3-D U-Net, levels of `widths` channels, `stride` between them: [B,C,D,H,W] to logits [B,K,D,H,W]."""

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (16, 32, 64, 128),
        stride: Size3d = (1, 2, 2),
    ) -> None:
        super().__init__()
        channels = scaled(widths, width)
        a, b, c = (step ** (len(channels) - 1) for step in per_axis(stride))
        self.multiple = (a, b, c)
        self.encoder = nn.ModuleList(
            nn.Sequential(ConvBNReLU3d(before, max(before, after // 2)), ConvBNReLU3d(max(before, after // 2), after))
            for before, after in zip([in_channels, *channels], channels, strict=False)
        )
        self.decoder = nn.ModuleList(UpBlock3d(after, before, stride) for before, after in pairwise(channels))
        self.pool = nn.MaxPool3d(stride)
        self.head = nn.Conv3d(channels[0], out_channels, 1)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,D,H,W] of x [B,C,D,H,W]; D, H and W are multiples of the strides' product."""
        skips: list[Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(self.pool(x) if level else x)
            skips.append(x)
        for up, skip in zip(reversed(self.decoder), reversed(skips[:-1]), strict=True):
            x = up(x, skip)
        return {"logits": self.head(x)}
