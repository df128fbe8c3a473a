"""FCN-8s: VGG-16 made convolutional, with score maps from three depths.

Long, Shelhamer, Darrell 2015, "Fully Convolutional Networks for Semantic Segmentation", arXiv 1411.4038. Paper: VGG-16
with its dense layers as 7x7 and 1x1 convolutions and dropout; class scores from pool3, pool4 and fc7; two transposed
convolutions by 2 and one by 8, bilinear at first. Our choice: no pre-trained weights, hence batch normalisation (plain
VGG-16 does not train reliably from scratch); zero padding by 3 before fc6 and images padded to a multiple of 32,
instead of padding by 100 and cropping.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.layers import SegmentationModel, initialise, scaled

# Convolutions per stage of VGG-16; each stage ends with a 2x2 max-pool.
DEPTHS = (2, 2, 3, 3, 3)


class BilinearUp(nn.ConvTranspose2d):
    """Transposed convolution that enlarges by `factor`, bilinear at first and learnt from there, per class."""

    def __init__(self, channels: int, factor: int) -> None:
        super().__init__(channels, channels, 2 * factor, stride=factor, padding=factor // 2, bias=False)
        self.factor = factor
        self.fill()

    def fill(self) -> None:
        """Set the weights to bilinear interpolation of each channel alone."""
        tent = 1 - (torch.arange(2 * self.factor) - (self.factor - 0.5)).abs() / self.factor
        with torch.no_grad():
            self.weight.zero_()
            for channel in range(self.in_channels):
                self.weight[channel, channel] = tent[:, None] * tent

    def forward(self, x: Tensor) -> Tensor:  # type: ignore[override]
        """Enlarge x [B,C,H,W]; beyond the border it goes on as at the border."""
        edge = self.factor
        y = super().forward(F.pad(x, (1, 1, 1, 1), mode="replicate"))
        return y[..., edge:-edge, edge:-edge]


class FCN8s(SegmentationModel):
    """FCN-8s on VGG-16 (134 M parameters): [B,C,H,W] to logits [B,K,H,W]."""

    multiple = 32

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (64, 128, 256, 512, 512),
        dense: int = 4096,
        dropout: float = 0.5,
        batch_norm: bool = True,
    ) -> None:
        super().__init__()
        channels, (hidden,) = scaled(widths, width), scaled([dense], width)
        self.stages = nn.ModuleList(
            _stage(a, b, depth, batch_norm)
            for a, b, depth in zip([in_channels, *channels], channels, DEPTHS, strict=False)
        )
        self.fc6 = nn.Sequential(_unit(channels[-1], hidden, 7, batch_norm), nn.Dropout2d(dropout))
        self.fc7 = nn.Sequential(_unit(hidden, hidden, 1, batch_norm), nn.Dropout2d(dropout))
        self.scores = nn.ModuleList(nn.Conv2d(a, out_channels, 1) for a in (channels[2], channels[3], hidden))
        initialise(self)
        self.ups = nn.ModuleList(BilinearUp(out_channels, factor) for factor in (8, 2, 2))

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 32."""
        pools = []
        for stage in self.stages:
            x = stage(x)
            pools.append(x)
        pool3, pool4, fc7 = (
            score(y) for score, y in zip(self.scores, [*pools[2:4], self.fc7(self.fc6(x))], strict=True)
        )
        final, second, first = self.ups
        return {"logits": final(pool3 + second(pool4 + first(fc7)))}


def _unit(in_channels: int, out_channels: int, kernel: int, batch_norm: bool) -> nn.Sequential:
    convolution = nn.Conv2d(in_channels, out_channels, kernel, padding=kernel // 2, bias=not batch_norm)
    norm = [nn.BatchNorm2d(out_channels)] if batch_norm else []
    return nn.Sequential(convolution, *norm, nn.ReLU(inplace=True))


def _stage(in_channels: int, out_channels: int, depth: int, batch_norm: bool) -> nn.Sequential:
    inputs = [in_channels] + [out_channels] * (depth - 1)
    return nn.Sequential(*(_unit(a, out_channels, 3, batch_norm) for a in inputs), nn.MaxPool2d(2))
