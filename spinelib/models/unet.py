"""U-Net: the plain double-convolution network, and the same idea on a residual encoder.

Ronneberger, Fischer, Brox: "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI 2015,
arXiv 1505.04597. Two departures that later practice made standard: padded convolutions (the output has the
input's size) and batch normalisation after each convolution.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.models.layers import ConvBNReLU, SegmentationModel, initialise, scaled


class DoubleConv(nn.Sequential):
    """Two 3x3 convolutions, each with batch normalisation and ReLU: [B,in,H,W] to [B,out,H,W]."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__(ConvBNReLU(in_channels, out_channels), ConvBNReLU(out_channels, out_channels))


class UpBlock(nn.Module):
    """One decoder level: a 2x2 up-convolution, the skip concatenated, then a DoubleConv."""

    def __init__(self, in_channels: int, skip_channels: int) -> None:
        super().__init__()
        self.up = nn.ConvTranspose2d(in_channels, skip_channels, 2, stride=2)
        self.conv = DoubleConv(2 * skip_channels, skip_channels)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        """Join x [B,in,H,W] with skip [B,skip,2H,2W] to [B,skip,2H,2W]."""
        return self.conv(torch.cat([skip, self.up(x)], dim=1))


class UNet(SegmentationModel):
    """U-Net, five levels of 64..1024 channels (31 M parameters): [B,C,H,W] to logits [B,K,H,W]."""

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
        self.encoder = nn.ModuleList(DoubleConv(a, b) for a, b in zip([in_channels, *channels], channels, strict=False))
        self.decoder = nn.ModuleList(UpBlock(b, a) for a, b in pairwise(channels))
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Conv2d(channels[0], out_channels, 1)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        skips = []
        for i, block in enumerate(self.encoder):
            x = block(self.pool(x) if i else x)
            skips.append(x)
        for up, skip in zip(reversed(self.decoder), reversed(skips[:-1]), strict=True):
            x = up(x, skip)
        return {"logits": self.head(x)}


class EncoderUNet(SegmentationModel):
    """U-Net on a residual encoder, from segmentation-models-pytorch with untrained weights; one size only."""

    multiple = 32

    def __init__(self, in_channels: int, out_channels: int, *, encoder: str) -> None:
        super().__init__()
        import segmentation_models_pytorch as smp

        self.net = smp.Unet(encoder, encoder_weights=None, in_channels=in_channels, classes=out_channels)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 32."""
        return {"logits": self.net(x)}


def build_unet(in_channels: int = 1, out_channels: int = 1, width: float = 1.0, *, encoder: str = "") -> nn.Module:
    """Build UNet, or EncoderUNet when `encoder` names one. Raises BadInput for a scaled named encoder."""
    if not encoder:
        return UNet(in_channels, out_channels, width)
    if width != 1.0:
        raise BadInput(f"width {width}", f"{encoder} comes in one size", "Set width to 1.0 for this variant.")
    return EncoderUNet(in_channels, out_channels, encoder=encoder)
