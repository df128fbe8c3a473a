"""3-D DeepLabV3: a dilated pyramid on a separable residual encoder, and a decoder with two skips.

Chen, Zhu, Papandreou, Schroff, Adam: "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
Segmentation", ECCV 2018, arXiv 1802.02611, which SAFNet's paper cites. From the paper: aligned Xception (blocks of
three separable convolutions with a strided shortcut, batch normalisation and ReLU after every part), output stride 16,
separable pyramid with image pooling, skip reduced to 48 channels. From the version that SpineParseNet compared with:
strides (1, 2, 2), 16-32-64-128-364 channels down to stride 16, then 512, 768, 768 and 1024, a pyramid of 128 channels
with rates 6, 12 and 18, two skips. Our choice: no middle flow, rates within the slices, the skips at strides 8 and 4
with 24 channels each (half of the paper's, as there are two), and one 3x3x3 convolution after each.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.depthwise import DepthwiseConv3d
from spinelib.models.layers import ConvBNReLU3d, SegmentationModel, Size3d, initialise, resize, scaled

STRIDE = (1, 2, 2)


class SeparableConv3d(nn.Sequential):
    """A 3x3x3 filter per channel, then a 1x1x1 convolution, each with batch normalisation and ReLU."""

    def __init__(self, in_channels: int, out_channels: int, stride: Size3d = 1, dilation: Size3d = 1) -> None:
        super().__init__(
            DepthwiseConv3d(in_channels, 3, stride, dilation),
            nn.BatchNorm3d(in_channels),
            nn.ReLU(inplace=True),
            ConvBNReLU3d(in_channels, out_channels, 1),
        )


class XceptionBlock(nn.Module):
    """Three separable convolutions, the last with the stride, beside a shortcut: [B,in,...] to [B,out,...]."""

    def __init__(self, in_channels: int, out_channels: int, stride: Size3d = STRIDE) -> None:
        super().__init__()
        self.deep = nn.Sequential(
            SeparableConv3d(in_channels, out_channels),
            SeparableConv3d(out_channels, out_channels),
            SeparableConv3d(out_channels, out_channels, stride),
        )
        self.short = nn.Sequential(
            nn.Conv3d(in_channels, out_channels, 1, stride, bias=False), nn.BatchNorm3d(out_channels)
        )

    def forward(self, x: Tensor) -> Tensor:
        """Features of x."""
        return self.deep(x) + self.short(x)


class SeparablePyramid(nn.Module):
    """1x1x1, separable convolutions of several rates and the average, mixed: [B,in,D,H,W] to [B,out,D,H,W]."""

    def __init__(self, in_channels: int, out_channels: int, rates: Sequence[Size3d]) -> None:
        super().__init__()
        holes = [SeparableConv3d(in_channels, out_channels, dilation=r) for r in rates]
        self.branches = nn.ModuleList([ConvBNReLU3d(in_channels, out_channels, 1), *holes])
        # No normalisation: the average is one number per volume and channel.
        self.average = nn.Conv3d(in_channels, out_channels, 1)
        self.mix = ConvBNReLU3d((len(rates) + 2) * out_channels, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Look at x in several fields of view."""
        average = F.relu(self.average(x.mean(dim=(2, 3, 4), keepdim=True))).expand(-1, -1, *x.shape[2:])
        return self.mix(torch.cat([*(branch(x) for branch in self.branches), average], dim=1))


class DeepLabV3for3D(SegmentationModel):
    """3-D DeepLabV3 with two skips: [B,C,D,H,W] to logits [B,K,D,H,W].

    `rates` of the pyramid, within the slices or with `dilate` "volume" in all directions.
    """

    multiple = (1, 16, 16)

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        rates: Sequence[int] = (6, 12, 18),
        dilate: str = "plane",
    ) -> None:
        super().__init__()
        a, b, *down = scaled([16, 32, 64, 128, 364], width)
        late = scaled([512, 768, 768, 1024], width)
        channels, few = scaled([128, 24], width)
        self.stem = nn.Sequential(ConvBNReLU3d(in_channels, a, 3, STRIDE), ConvBNReLU3d(a, b))
        self.entry = nn.ModuleList(XceptionBlock(before, after) for before, after in pairwise([b, *down]))
        self.exit = nn.Sequential(
            XceptionBlock(down[-1], late[0], 1), *(SeparableConv3d(before, after) for before, after in pairwise(late))
        )
        self.aspp = SeparablePyramid(late[-1], channels, [(r if dilate == "volume" else 1, r, r) for r in rates])
        self.skips = nn.ModuleList(ConvBNReLU3d(c, few, 1) for c in down[1::-1])
        self.refine = nn.ModuleList(ConvBNReLU3d(channels + few, channels) for _ in range(2))
        self.head = nn.Conv3d(channels, out_channels, 1)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,D,H,W] of x [B,C,D,H,W]; H and W are multiples of 16."""
        size, features = x.shape, []
        x = self.stem(x)
        for block in self.entry:
            x = block(x)
            features.append(x)
        x = self.aspp(self.exit(x))
        for skip, refine, fine in zip(self.skips, self.refine, features[1::-1], strict=True):
            x = refine(torch.cat([resize(x, fine.shape), skip(fine)], dim=1))
        return {"logits": resize(self.head(x), size)}
