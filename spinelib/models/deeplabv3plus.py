"""DeepLabV3+: dilated convolutions of several rates on a residual encoder, and a decoder with one skip.

Chen, Zhu, Papandreou, Schroff, Adam: "Encoder-Decoder with Atrous Separable Convolution for Semantic Image
Segmentation", ECCV 2018, arXiv 1802.02611. From the paper: output stride 16, separable convolutions, image
pooling, 256 channels, the skip of stride 4 reduced to 48 channels, bilinear upsampling by 4 twice. From
segmentation-models-pytorch, whose class this equals at width 1: rates 12, 24, 36 (the paper's for stride 8),
dropout 0.5, one separable convolution after the skip. Our choice: ResNet-50, no pretrained weights.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from spinelib.models.layers import SegmentationModel, initialise, scaled
from spinelib.models.resnet import ResNetEncoder


class DeepLabV3Plus(SegmentationModel):
    """Atrous spatial pyramid pooling (ASPP) on a residual encoder: [B,C,H,W] to logits [B,K,H,W]."""

    multiple = 16

    def __init__(self, in_channels: int = 1, out_channels: int = 1, width: float = 1.0) -> None:
        super().__init__()
        from segmentation_models_pytorch.base import SegmentationHead
        from segmentation_models_pytorch.decoders.deeplabv3.decoder import ASPP

        channels, few = scaled([256, 48], width)
        self.encoder = ResNetEncoder(in_channels, width, output_stride=16)
        self.aspp = ASPP(self.encoder.channels[-1], channels, (12, 24, 36), separable=True, dropout=0.5)
        self.refine = separable(channels, channels)
        self.up = nn.Upsample(scale_factor=4, mode="bilinear", align_corners=True)
        self.skip = nn.Sequential(
            nn.Conv2d(self.encoder.channels[1], few, 1, bias=False), nn.BatchNorm2d(few), nn.ReLU(inplace=True)
        )
        self.fuse = separable(few + channels, channels)
        self.head = SegmentationHead(channels, out_channels, kernel_size=1, upsampling=4)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        features = self.encoder(x)
        coarse = self.up(self.refine(self.aspp(features[-1])))
        return {"logits": self.head(self.fuse(torch.cat([coarse, self.skip(features[1])], dim=1)))}


def separable(in_channels: int, out_channels: int) -> nn.Sequential:
    """Depthwise 3x3, then 1x1 convolution, batch normalisation, ReLU: [B,in,H,W] to [B,out,H,W]."""
    return nn.Sequential(
        nn.Conv2d(in_channels, in_channels, 3, padding=1, groups=in_channels, bias=False),
        nn.Conv2d(in_channels, out_channels, 1, bias=False),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )
