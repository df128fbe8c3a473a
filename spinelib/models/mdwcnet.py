"""MDWC-Net: an encoder-decoder of multi-scale blocks with weighted branches, fused skips and an enhanced bottleneck.

Gu, Wang, Chen 2025, Front. Physiol. 16:1651296. Paper: MSCAW in the encoder and in the decoder, DFCB on the skips in
place of plain concatenation, BIEB at the bottleneck, fewer parameters than all eight rivals. Our choice: five levels
and their widths, two MSCAW per stage, max-pooling, bilinear upsampling, and the inside of the blocks
(`spinelib.models.mdwc_blocks`), as the paper's formulas could not be read. The paper's tables are therefore no
reference for this network.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import pandas as pd
import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.models.layers import ConvBNReLU, SegmentationModel, resize, scaled
from spinelib.models.mdwc_blocks import (
    BIEB,
    CBAM,
    DFCB,
    KERNELS,
    MSCAW,
    ASPPBlock,
    ChannelGate,
    ResidualPair,
    initialise_mdwc,
)
from spinelib.models.method import check_choice
from spinelib.models.trace import trace_modules

BOTTLENECKS: dict[str, Callable[[int], nn.Module]] = {
    "bieb": BIEB,
    "upper": ChannelGate,
    "lower": ResidualPair,
    "cbam": CBAM,
    "none": lambda channels: nn.Identity(),
}


class PlainSkip(nn.Module):
    """Encoder and upsampled decoder features put side by side, as in U-Net."""

    def forward(self, encoder: Tensor, decoder: Tensor) -> Tensor:
        """Join [B,C,H,W] and [B,C',h,w] to [B,C+C',H,W]."""
        return torch.cat([encoder, resize(decoder, encoder.shape)], dim=1)


class MDWCNet(SegmentationModel):
    """The whole of MDWC-Net: float [B,C,H,W] of any size to logits [B,K,H,W].

    Options: `block` is "mscaw", "fixed" (MSCAW with equal weights that do not learn), "plain" (3x3
    convolution) or "aspp"; `skip` "dfcb" or "plain"; `bottleneck` "bieb", its "upper" or "lower" branch alone,
    "cbam" or "none". Of MSCAW: `kernels` (odd), `dynamic` (weights from the input) and `merge` ("sum" or
    "concat"); of DFCB: `gate` ("sigmoid" or "exp"). Raises BadInput for another value.
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (32, 64, 128, 256, 512),
        block: str = "mscaw",
        skip: str = "dfcb",
        bottleneck: str = "bieb",
        kernels: Sequence[int] = KERNELS,
        dynamic: bool = False,
        merge: str = "sum",
        gate: str = "sigmoid",
    ) -> None:
        super().__init__()
        check_choice(skip, ("dfcb", "plain"), "skip of MDWC-Net")
        check_choice(bottleneck, BOTTLENECKS, "bottleneck of MDWC-Net")
        check_choice(gate, ("sigmoid", "exp"), "gate of DFCB")
        make = _block(block, kernels, dynamic, merge)
        channels = scaled(widths, width)
        self.multiple = 2 ** (len(channels) - 1)
        # Filters per channel need channels: the first block sees an image of few through several filters each.
        filters = max(1, channels[0] // in_channels)
        self.pool = nn.MaxPool2d(2)
        self.encoder = nn.ModuleList(
            nn.Sequential(make(a, b, 1 if i else filters), make(b, b, 1))
            for i, (a, b) in enumerate(zip([in_channels, *channels], channels, strict=False))
        )
        self.bottleneck = BOTTLENECKS[bottleneck](channels[-1])
        pairs = list(pairwise(channels))
        self.skips = nn.ModuleList(DFCB(a, b, a, gate) if skip == "dfcb" else PlainSkip() for a, b in pairs)
        self.decoder = nn.ModuleList(
            nn.Sequential(make(a if skip == "dfcb" else a + b, a, 1), make(a, a, 1)) for a, b in pairs
        )
        self.head = nn.Conv2d(channels[0], out_channels, 1)
        initialise_mdwc(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        features: list[Tensor] = []
        for i, stage in enumerate(self.encoder):
            x = stage(self.pool(x) if i else x)
            features.append(x)
        x = self.bottleneck(x)
        for level in reversed(range(len(self.decoder))):
            x = self.decoder[level](self.skips[level](features[level], x))
        return {"logits": self.head(x)}


def _block(name: str, kernels: Sequence[int], dynamic: bool, merge: str) -> Callable[[int, int, int], nn.Module]:
    """Constructor (in, out, filters per channel) of the block called `name`. Raises BadInput for other names."""
    check_choice(name, ("mscaw", "fixed", "plain", "aspp"), "block of MDWC-Net")
    check_choice(merge, ("sum", "concat"), "merge of MSCAW")
    if not kernels or any(k < 1 or k % 2 == 0 for k in kernels):
        raise BadInput("kernels", f"{tuple(kernels)} is not a list of odd sizes", "Use for example 1, 3, 5, 7.")
    if name == "plain":
        return lambda a, b, filters: ConvBNReLU(a, b)
    if name == "aspp":
        return lambda a, b, filters: ASPPBlock(a, b)
    return lambda a, b, filters: MSCAW(
        a, b, kernels, learned=name == "mscaw", dynamic=dynamic, merge=merge, filters=filters
    )


def branch_weights(model: nn.Module, images: Tensor | None = None) -> pd.DataFrame:
    """Learned weights of every MSCAW: stage, block, kernel, mean, low, high (5th and 95th percentile over channels).

    `stage` is encoder.0 (finest) to encoder.4 and decoder.0 (finest) to decoder.3, `kernel` in pixels; the
    weights of one block and channel sum to 1 over the kernels. Weights that depend on the input are those of
    `images` [B,C,H,W], percentiles then over images too. Empty for a network without learned weights. Raises
    BadInput without images where they are needed.
    """
    blocks = {name: m for name, m in model.named_modules() if isinstance(m, MSCAW)}
    dynamic = [f"{name}.select" for name, block in blocks.items() if block.select is not None]
    if dynamic and images is None:
        raise BadInput("images", "missing for a network whose weights depend on the input", "Pass some images.")
    seen = trace_modules(model, images, dynamic) if images is not None and dynamic else {}
    rows = []
    for name, block in blocks.items():
        stage, _, index = name.rpartition(".")
        if f"{name}.select" in seen:
            weights = seen[f"{name}.select"].transpose(0, 1).flatten(1)
        elif len(block.vectors):
            weights = block.weights().detach()
        else:
            continue
        for kernel, values in zip(block.kernels, weights.cpu(), strict=True):
            low, high = torch.quantile(values, torch.tensor([0.05, 0.95])).tolist()
            rows.append((stage, int(index), kernel, float(values.mean()), low, high))
    return pd.DataFrame(rows, columns=["stage", "block", "kernel", "mean", "low", "high"])
