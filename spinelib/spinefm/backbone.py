"""ResNet-18 of any width with group normalisation, for stages that see one or two films at a time.

He, Zhang, Ren, Sun, CVPR 2016, arXiv 1512.03385 (the network); Wu, He, ECCV 2018, arXiv 1803.08494 (group
normalisation: independent of the batch). The blocks are torchvision's. (C) Ours: a narrow one in place of the
ResNet-50 of the published program, for training from scratch on one core; 8 groups, fewer in the narrowest.
"""

from __future__ import annotations

from math import gcd

from torch import Tensor, nn

from spinelib.models.group_norm import GroupNorm
from spinelib.models.layers import initialise, scaled

GROUPS = 8


def group_norm(channels: int) -> GroupNorm:
    """Group normalisation of `channels` maps: 8 groups, or as many as divide them."""
    return GroupNorm(gcd(GROUPS, channels), channels)


class GroupResNet(nn.Sequential):
    """ResNet-18 without its head: grey float [B,1,H,W] to [B,channels[3],H/32,W/32].

    Children `layer1` to `layer4` give the features at strides 4, 8, 16 and 32; `channels` lists their widths.
    """

    def __init__(self, width: float = 1.0) -> None:
        super().__init__()
        self.channels = scaled((64, 128, 256, 512), width, GROUPS)
        first = self.channels[0]
        self.add_module("conv1", nn.Conv2d(1, first, 7, stride=2, padding=3, bias=False))
        self.add_module("norm1", group_norm(first))
        self.add_module("relu", nn.ReLU(inplace=True))
        self.add_module("maxpool", nn.MaxPool2d(3, stride=2, padding=1))
        before = first
        for k, channels in enumerate(self.channels, 1):
            self.add_module(f"layer{k}", _stage(before, channels, 1 if k == 1 else 2))
            before = channels
        initialise(self)


def _stage(before: int, channels: int, stride: int) -> nn.Sequential:
    from torchvision.models.resnet import BasicBlock

    shortcut = None
    if stride != 1 or before != channels:
        shortcut = nn.Sequential(nn.Conv2d(before, channels, 1, stride=stride, bias=False), group_norm(channels))
    first = BasicBlock(before, channels, stride, shortcut, norm_layer=group_norm)
    return nn.Sequential(first, BasicBlock(channels, channels, norm_layer=group_norm))


def to_one_channel(films: Tensor) -> Tensor:
    """One channel float32 [N,1,H,W] in 0..1 of films uint8 or float [N,C,H,W]; colours are averaged."""
    values = films.float() / 255 if not films.is_floating_point() else films
    return values if values.shape[1] == 1 else values.mean(1, keepdim=True)
