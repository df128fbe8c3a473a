"""Building blocks of Seg4Reg+: backbones under torchvision's names, a segmentation network with a gate, a regressor.

He, Zhang, Ren, Sun, CVPR 2016, arXiv 1512.03385 (ResNet); Huang, Liu, van der Maaten, Weinberger, CVPR 2017, arXiv
1608.06993 (DenseNet); Zhou, Khosla, Lapedriza, Oliva, Torralba, CVPR 2016, arXiv 1512.04150 (class activation maps).
Blocks, names and sizes at width 1 are torchvision's, so that its ImageNet weights fit; `spinelib.models.resnet` has
other names. The U-Net and PSPNet parts are those of segmentation-models-pytorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import read_weights
from spinelib.models.layers import initialise, resize, scaled

RESNETS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3)}
DENSENETS = {"densenet121": (6, 12, 24, 16), "densenet169": (6, 12, 32, 32)}
# Added to the range that an activation map is divided by: a flat map then stays dark instead of showing rounding.
_CONTRAST = 1e-3
# Log-odds of a quarter of 90 degrees, about the mean of the three angles on films of patients: where learning starts.
_START = -1.1


class Residual(nn.Module):
    """ResNet-18 or 34: [B,C,H,W] to features at strides 2, 4, ... of `channels` channels, finest first.

    `stages` leaves the last of the four stages out; `stride` 16 instead of 32 leaves the last one's stride out.
    """

    def __init__(self, name: str, in_channels: int, width: float, *, stages: int = 4, stride: int = 32) -> None:
        super().__init__()
        planes = scaled((64, 128, 256, 512), width)[:stages]
        self.channels = [planes[0], *planes]
        self.conv1 = nn.Conv2d(in_channels, planes[0], 7, stride=2, padding=3, bias=False)
        self.bn1, self.relu = nn.BatchNorm2d(planes[0]), nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        strides = (1, 2, 2, stride // 16)
        for i, (a, b) in enumerate(pairwise(self.channels)):
            self.add_module(f"layer{i + 1}", _stage(a, b, RESNETS[name][i], strides[i]))
        self.layers = [f"layer{i + 1}" for i in range(stages)]
        self.absent = ("fc.", *(f"layer{i + 1}." for i in range(stages, 4)))
        initialise(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features [B,channels[i],h,w] of x [B,C,H,W]."""
        features = [self.relu(self.bn1(self.conv1(x)))]
        x = self.maxpool(features[0])
        for name in self.layers:
            x = getattr(self, name)(x)
            features.append(x)
        return features


def _stage(in_channels: int, channels: int, blocks: int, stride: int) -> nn.Sequential:
    from torchvision.models.resnet import BasicBlock

    shortcut = None
    if stride != 1 or in_channels != channels:
        conv = nn.Conv2d(in_channels, channels, 1, stride=stride, bias=False)
        shortcut = nn.Sequential(conv, nn.BatchNorm2d(channels))
    first = BasicBlock(in_channels, channels, stride, shortcut)
    return nn.Sequential(first, *(BasicBlock(channels, channels) for _ in range(blocks - 1)))


class Dense(nn.Module):
    """DenseNet-121 or 169 without its classifier: [B,C,H,W] to the list of its last features, at stride 32 or 16."""

    def __init__(self, name: str, in_channels: int, width: float, *, stride: int = 32) -> None:
        super().__init__()
        from torchvision.models import DenseNet

        (growth,), (first,) = scaled([32], width), scaled([64], width)
        net: Any = DenseNet(growth, DENSENETS[name], first)
        self.channels, self.absent = [net.classifier.in_features], ("classifier.",)
        self.features = net.features
        self.features.conv0 = nn.Conv2d(in_channels, first, 7, stride=2, padding=3, bias=False)
        if stride == 16:
            self.features.transition3.pool = nn.Identity()
        initialise(self)

    def forward(self, x: Tensor) -> list[Tensor]:
        """Features [[B,channels[0],h,w]] of x [B,C,H,W]."""
        return [F.relu(self.features(x))]


class SegmentationNetwork(nn.Module):
    """S, the segmentation network: [B,C,H,W], H and W multiples of 32, to logits [B,K,H,W].

    `kind` is "unet" (smp.Unet at width 1) or "pspnet" (smp.PSPNet: the first two stages of the encoder). A gate
    [B,1,h,w] multiplies the decoder's features by one plus itself: those of every level of the U-Net, the joined
    pyramid of PSPNet.
    """

    def __init__(self, kind: str, encoder: str, in_channels: int, out_channels: int, width: float) -> None:
        super().__init__()
        from segmentation_models_pytorch.base import SegmentationHead
        from segmentation_models_pytorch.decoders.pspnet.decoder import PSPDecoder
        from segmentation_models_pytorch.decoders.unet.decoder import UnetDecoderBlock

        self.kind = kind
        self.encoder = Residual(encoder, in_channels, width, stages=4 if kind == "unet" else 2)
        if kind == "unet":
            outs = scaled((256, 128, 64, 32, 16), width)
            ins, skips = [self.encoder.channels[-1], *outs], [*self.encoder.channels[-2::-1], 0]
            blocks = (UnetDecoderBlock(a, s, b) for a, s, b in zip(ins, skips, outs, strict=False))
            self.blocks = nn.ModuleList(blocks)
            self.head = SegmentationHead(outs[-1], out_channels, kernel_size=3)
        else:
            (channels,) = scaled([512], width)
            self.pyramid = PSPDecoder(self.encoder.channels, out_channels=channels)
            self.head = SegmentationHead(channels, out_channels, kernel_size=3, upsampling=8)
        initialise(self)

    def forward(self, x: Tensor, gate: Tensor | None = None) -> Tensor:
        """Logits of x, with the decoder's features raised where the gate is bright."""
        features = self.encoder(x)
        if self.kind == "pspnet":
            return self.head(enhanced(self.pyramid(features), gate))
        y, skips = features[-1], [*features[-2::-1], None]
        for block, skip in zip(self.blocks, skips, strict=True):
            y = enhanced(block(y, 2 * y.shape[-2], 2 * y.shape[-1], skip_connection=skip), gate)
        return self.head(y)


def enhanced(features: Tensor, gate: Tensor | None) -> Tensor:
    """Features [B,C,H,W] times one plus the gate [B,1,h,w], resized; unchanged without a gate."""
    return features if gate is None else features * (1 + resize(gate, features.shape)).to(features.dtype)


class Regressor(nn.Module):
    """R, the regression network: [B,C,H,W] to three angles (fractions of 90 degrees) and an activation map.

    Backbone, global average pool, linear, sigmoid. What an angle's map shows is the sum of the last features weighted
    as that angle weights them; the map is the mean of the three, each without its negative part and stretched to
    0..1 within the image. A flat one is 0. start: log-odds of the angles that learning starts with.
    """

    def __init__(
        self, backbone: str, in_channels: int, width: float, stride: int = 32, *, start: float = _START
    ) -> None:
        super().__init__()
        make = Residual if backbone in RESNETS else Dense
        self.backbone = make(backbone, in_channels, width, stride=stride)
        self.linear = nn.Linear(self.backbone.channels[-1], 3)
        nn.init.constant_(self.linear.bias, start)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Angles float32 [B,3] in 0..1 and the map float32 [B,1,h,w] in 0..1 of x."""
        features = self.backbone(x)[-1]
        # Sigmoids in bfloat16 come in steps of up to a third of a degree.
        with _exact(x.device):
            evidence = F.conv2d(features.float(), self.linear.weight[:, :, None, None])
            angles = torch.sigmoid(evidence.mean((2, 3)) + self.linear.bias)
            return angles, attention(evidence)


def attention(evidence: Tensor) -> Tensor:
    """Activation maps [B,3,h,w] to their mean [B,1,h,w], each cut at 0 and stretched to 0..1 beforehand."""
    bright = F.relu(evidence)
    low, high = bright.amin((2, 3), keepdim=True), bright.amax((2, 3), keepdim=True)
    return ((bright - low) / (high - low + _CONTRAST)).mean(1, keepdim=True)


def _exact(device: torch.device) -> AbstractContextManager[Any]:
    known = torch.amp.is_autocast_available(device.type)
    return torch.autocast(device.type, enabled=False) if known else nullcontext()


def load_backbone(backbone: Residual | Dense, path: Path | str) -> None:
    """Fill a backbone of width 1 with the safetensors file of a torchvision classifier (ResNet, DenseNet).

    The file's classifier and stages that the backbone leaves out are passed over; everything else must fit. Weights
    of the first convolution are summed over the colours, as if the grey film were shown in all of them, and shared by
    the input's channels. Raises BadInput for a missing or damaged file and for the weights of another network.
    """
    state, own = read_weights(path), backbone.state_dict()
    first = next(name for name, value in own.items() if value.dim() == 4)
    if first in state and state[first].shape[1] != own[first].shape[1]:
        count = own[first].shape[1]
        state[first] = state[first].sum(1, keepdim=True).expand(-1, count, -1, -1) / count
    # Counters that older files lack; nothing is computed from them.
    state = {name: value for name, value in own.items() if name.endswith("num_batches_tracked")} | state
    spare = [name for name in state if name not in own and not name.startswith(backbone.absent)]
    wrong = [name for name, value in own.items() if name not in state or state[name].shape != value.shape]
    if spare or wrong:
        reason = f"does not fit this backbone: {_first([*wrong, *spare])}"
        raise BadInput(path, reason, "Give torchvision's weights of this very network, and width 1.")
    backbone.load_state_dict({name: state[name] for name in own})


def _first(names: Sequence[str], count: int = 3) -> str:
    return ", ".join(names[:count]) + (f" and {len(names) - count} more" if len(names) > count else "")
