"""SAFNet: features of three sizes, a dilated pyramid, two attentions, multi-scale fusion and a gated splicing.

Yilizati-Yilihamu, Yang, Yang, Rong, Feng 2023, "A spine segmentation method based on scene aware fusion network".
Paper: what `spinelib.models.safnet_blocks` says of each block, input 1 x 18 x 256 x 128, features 128 x 18 x 64 x 32,
128 x 18 x 32 x 16 and 128 x 18 x 16 x 8. Our choice: a stem of 32 channels, one 1x1x1 convolution to the logits on the
size of the low features and trilinear enlargement to the input, and every option below. The ablation's rows are read as
this network without the parts that they do not name; the splicing stays, as something must put out logits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.models.layers import SegmentationModel, initialise, resize, scaled
from spinelib.models.method import check_choice
from spinelib.models.safnet_blocks import (
    ASPP,
    ChannelAttention,
    FeatureExtraction,
    MultiscaleFusion,
    PositionAttention,
    Splicing,
)
from spinelib.models.trace import trace_modules

Attention = TypeVar("Attention", bound=nn.Module)
_NAMED: Mapping[str, tuple[str, ...]] = {
    "strided": ("first", "second"),
    "gate": ("sigmoid_conv", "conv", "excite", "plain"),
    "pair": ("parallel", "series"),
    "fusion_grid": ("low", "middle"),
    "dilate": ("plane", "volume"),
}


class SAFNet(SegmentationModel):
    """Scene aware fusion network: float [B,C,D,H,W] of any size to logits [B,K,D,H,W].

    Parts that an ablation leaves out: `aspp`, `attention`, `fusion`. Open in the paper: channels of the `stem`; which
    late residual unit is `strided` ("first", "second"); `dilations` of the three late convolutions; `rates` of the
    ASPP; `dilate` within the slices ("plane") or in all directions ("volume"), wherever there is a dilation; `pair` of
    a fusion branch ("parallel", "series"); `gate` ("sigmoid_conv", "conv", "excite", "plain"); `separate_gates`, one
    product with the low and one with the middle features; `fusion_grid` ("low", "middle"); `inject_high`; `start`, the
    first factor of both attentions; `mean_channels`, products of channels as means over the voxels instead of sums.
    See the blocks. Raises BadInput for another value.
    """

    multiple = (1, 16, 16)

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        aspp: bool = True,
        attention: bool = True,
        fusion: bool = True,
        stem: int = 32,
        strided: str = "first",
        dilations: Sequence[int] = (2, 2, 2),
        rates: Sequence[int] = (6, 12, 18),
        fusion_rates: Sequence[int] = (2, 4, 8, 16),
        dilate: str = "plane",
        pair: str = "parallel",
        gate: str = "sigmoid_conv",
        separate_gates: bool = False,
        fusion_grid: str = "low",
        inject_high: bool = False,
        start: float = 0.1,
        mean_channels: bool = False,
    ) -> None:
        super().__init__()
        _check(strided=strided, gate=gate, pair=pair, fusion_grid=fusion_grid, dilate=dilate)
        few, channels = scaled([stem, 128], width)
        if channels % len(fusion_rates):
            raise BadInput("fusion_rates", f"{len(fusion_rates)} do not divide {channels} channels", "Give four.")
        volume = dilate == "volume"
        self.features = FeatureExtraction(in_channels, few, channels, strided, dilations, volume)
        self.aspp = ASPP(channels, channels, rates, volume) if aspp else nn.Identity()
        self.position = PositionAttention(channels, start) if attention else nn.Identity()
        self.channel = ChannelAttention(start, mean_channels) if attention else nn.Identity()
        names = ("low", "middle") if fusion else ()
        self.fusion = nn.ModuleDict({name: MultiscaleFusion(channels, fusion_rates, pair, volume) for name in names})
        self.splicing = Splicing(channels, gate, fusion_grid, inject_high, separate_gates)
        self.head = nn.Conv3d(channels, out_channels, 1)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,D,H,W] of x [B,C,D,H,W]; H and W are multiples of 16."""
        low, middle, high = self.features(x)
        high = self.channel(self.position(self.aspp(high)))
        if len(self.fusion):
            low, middle = self.fusion["low"](low), self.fusion["middle"](middle)
        return {"logits": resize(self.head(self.splicing(low, middle, high)), x.shape)}


@torch.no_grad()
def position_map(model: nn.Module, volumes: Tensor, voxel: Sequence[int]) -> Tensor:
    """What one voxel (d, h, w) of the volumes [B,C,D,H,W] attends to in the position attention: [B,D,H/16,W/16].

    The map sums to 1 over the grid of the high features, on which the voxel is the one that covers it. Raises BadInput
    for a network without position attention.
    """
    attention = _found(getattr(model, "position", None), PositionAttention)
    return attention.looks(_entering(model, volumes, "aspp"), _cell(voxel))


@torch.no_grad()
def channel_map(model: nn.Module, volumes: Tensor) -> Tensor:
    """Share of each channel in each in the channel attention: [B,C,C], rows summing to 1. Raises BadInput without."""
    attention = _found(getattr(model, "channel", None), ChannelAttention)
    return attention.weights(_entering(model, volumes, "position"))


def gate_values(model: nn.Module, volumes: Tensor) -> Tensor:
    """Weight of each channel in the spliced features, 0..1: [B,C]."""
    return trace_modules(model, volumes, ["splicing.gate"])["splicing.gate"].flatten(1)


def _cell(voxel: Sequence[int]) -> tuple[int, int, int]:
    d, h, w = voxel
    return d, h // SAFNet.multiple[1], w // SAFNet.multiple[2]


def _found(part: Any, kind: type[Attention]) -> Attention:
    if isinstance(part, kind):
        return part
    raise BadInput(kind.__name__, "missing from this network", "Use a variant of safnet with attention.")


def _entering(model: nn.Module, volumes: Tensor, before: str) -> Tensor:
    """What the block called `before` hands on, the input of the one that follows it."""
    return trace_modules(model, volumes, [before])[before]


def _check(**options: str) -> None:
    for name, value in options.items():
        check_choice(value, _NAMED[name], f"{name} of SAFNet")
