"""ResNet-50 encoders of any width, without pretrained weights: those exist for one width and natural images only.

He, Zhang, Ren, Sun: "Deep Residual Learning for Image Recognition", CVPR 2016, arXiv 1512.03385. From the paper:
7x7 stem, 3-4-6-3 bottlenecks, widths. The blocks are torchvision's (stride in the 3x3 convolution), or timm's
group-normalised ones with standardised weights that hybrid vision transformers use (3-4-9 bottlenecks). Our
choice: those start with small residual branches, and have fewer groups in narrower networks.
"""

from __future__ import annotations

from math import gcd, log2
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.models.group_norm import GroupNorm
from spinelib.models.layers import scaled

_STAGES = ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2))  # bottleneck width, blocks, stride
_BRANCH = 0.25  # scale of group-normalised branches at the start: at 1, rounding to bfloat16 grows from block to block


class ResNetEncoder(nn.Module):
    """The first `stages` stages of ResNet-50: [B,C,H,W] to features at strides 2, 4, ..., at most `output_stride`.

    `channels` lists the feature maps' channels. Strides past `output_stride` become dilation, so that the
    field of view stays.
    """

    def __init__(self, in_channels: int, width: float = 1.0, *, stages: int = 4, output_stride: int = 32) -> None:
        super().__init__()
        plan = _STAGES[:stages]
        planes = scaled([size for size, _, _ in plan], width)
        self.channels = [planes[0], *(4 * p for p in planes)]
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, planes[0], 7, stride=2, padding=3, bias=False),
            nn.BatchNorm2d(planes[0]),
            nn.ReLU(inplace=True),
        )
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages = nn.ModuleList()
        reached, dilation = 4, 1
        for channels, size, (_, blocks, stride) in zip(self.channels, planes, plan, strict=False):
            if reached * stride > output_stride:
                stride, dilation = 1, dilation * stride
            reached *= stride
            self.stages.append(stage(channels, size, blocks, stride, dilation))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features [B,channels[i],h,w] of x [B,C,H,W], finest (half the size) first."""
        features = [self.stem(x)]
        x = self.pool(features[0])
        for block in self.stages:
            x = block(x)
            features.append(x)
        return features


def stage(in_channels: int, planes: int, blocks: int, stride: int, dilation: int) -> nn.Sequential:
    """Bottlenecks of `planes` channels in a row: [B,in,h,w] to [B,4*planes,h/stride,w/stride]."""
    from torchvision.models.resnet import Bottleneck

    shortcut = nn.Sequential(
        nn.Conv2d(in_channels, 4 * planes, 1, stride=stride, bias=False), nn.BatchNorm2d(4 * planes)
    )
    first = Bottleneck(in_channels, planes, stride, shortcut, dilation=dilation)
    return nn.Sequential(first, *(Bottleneck(4 * planes, planes, dilation=dilation) for _ in range(blocks - 1)))


class GroupNormReLU(GroupNorm):
    """Group normalisation, then ReLU if asked for: [B,C,H,W] to [B,C,H,W]. The groups are cut to divide C."""

    def __init__(self, groups: int, channels: int, relu: bool) -> None:
        super().__init__(gcd(groups, channels), channels)
        self.relu = relu

    def forward(self, x: Tensor) -> Tensor:
        """Normalise x over each group and image."""
        x = super().forward(x)
        return F.relu(x, inplace=True) if self.relu else x


def group_norm_resnet(in_channels: int, stem: int, stages: list[int]) -> Any:
    """ResNet-50 without its last stage, group-normalised, from timm: features at strides 2, 4, 8 and 16.

    `stem` and `stages` are channel counts, multiples of 8. There are 32 groups at the published width (64 stem
    channels) and fewer in a narrower network, never groups of one channel.
    """
    from timm.models.resnetv2 import ResNetV2

    from spinelib.models.standardised_conv import StandardisedConv

    groups = min(32, 2 ** int(log2(stem / 2)))
    options: dict[str, Any] = {"preact": False, "num_classes": 0, "global_pool": "", "conv_layer": StandardisedConv}

    def norm(channels: int, apply_act: bool = True, **_: Any) -> nn.Module:
        return GroupNormReLU(groups, channels, apply_act)

    net: Any = ResNetV2([3, 4, 9], tuple(stages), in_chans=in_channels, stem_chs=stem, norm_layer=norm, **options)
    for stage in net.stages:
        for block in stage.blocks:
            nn.init.constant_(block.norm3.weight, _BRANCH)
    return net
