"""TransU-Net: a transformer over the last feature map of a ResNet, and a U-Net decoder on the ResNet's skips.

Chen et al. 2021: "TransUNet: Transformers Make Strong Encoders for Medical Image Segmentation", arXiv 2102.04306.
From the paper: ResNet-50 and ViT-B/16 in a row (12 layers, hidden size 768), patches of one feature pixel at
stride 16, learnt position embedding, cascaded upsampler with skips at strides 8, 4 and 2. From the authors'
released network: the group-normalised ResNet, 12 heads, MLP of four times the hidden size, dropout 0.1, decoder
512 -> 256-128-64-16, 3x3 head. Our choice: no pretrained weights (they exist for one width and natural images
only), any input size (the position embedding is learnt for 16x16 tokens and resized to others) and the weights at
the start.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.models.layer_norm import LayerNorm
from spinelib.models.layers import ConvBNReLU, SegmentationModel, initialise, scaled
from spinelib.models.resnet import group_norm_resnet

_GRID = 16  # tokens a side that the position embedding is learnt for: 256-pixel images


class Transformer(nn.Module):
    """Vision transformer on a feature map, one token per pixel: [B,in,h,w] to [B,hidden,h,w]."""

    def __init__(self, in_channels: int, hidden: int, depth: int, heads: int, dropout: float) -> None:
        super().__init__()
        from timm.models.vision_transformer import Block

        self.embed = nn.Conv2d(in_channels, hidden, 1)
        self.position = nn.Parameter(torch.empty(1, hidden, _GRID, _GRID))
        self.dropout = nn.Dropout(dropout)
        options: dict[str, Any] = {"qkv_bias": True, "proj_drop": dropout, "norm_layer": LayerNorm}
        self.blocks = nn.Sequential(*(Block(hidden, heads, **options) for _ in range(depth)))
        self.norm = LayerNorm(hidden, eps=1e-6)
        block: Any
        for block in self.blocks:
            block.attn.proj_drop.p = 0.0  # the authors' network drops in the MLP only
        nn.init.trunc_normal_(self.position, std=0.02)
        for module in self.blocks.modules():
            if isinstance(module, nn.Linear):
                nn.init.xavier_uniform_(module.weight)
                nn.init.zeros_(module.bias)

    def forward(self, x: Tensor) -> Tensor:
        """Relate every pixel of x to every other."""
        h, w = x.shape[-2:]
        tokens = (self.embed(x) + resized_positions(self.position, h, w)).flatten(2).transpose(1, 2)
        # In bfloat16 on a CPU the fused attention of heads this narrow is three times slower than the plain one.
        fused = not (x.device.type == "cpu" and torch.is_autocast_enabled("cpu"))
        block: Any
        for block in self.blocks:
            block.attn.fused_attn = fused
        tokens = self.norm(self.blocks(self.dropout(tokens)))
        return tokens.transpose(1, 2).unflatten(2, (h, w))


class BilinearUpBlock(nn.Module):
    """One decoder level: bilinear upsampling by 2, the skip (or none) concatenated, two 3x3 convolutions."""

    def __init__(self, in_channels: int, skip_channels: int, out_channels: int) -> None:
        super().__init__()
        self.up = nn.Upsample(scale_factor=2, mode="bilinear", align_corners=True)
        self.conv = nn.Sequential(
            ConvBNReLU(in_channels + skip_channels, out_channels), ConvBNReLU(out_channels, out_channels)
        )

    def forward(self, x: Tensor, skip: Tensor | None) -> Tensor:
        """Join x [B,in,H,W] with skip [B,skip,2H,2W] to [B,out,2H,2W]."""
        x = self.up(x)
        return self.conv(x if skip is None else torch.cat([x, skip], dim=1))


class TransUNet(SegmentationModel):
    """TransU-Net, `depth` transformer layers of `heads` heads: [B,C,H,W] to logits [B,K,H,W].

    Raises BadInput for a depth or a number of heads below 1.
    """

    multiple = 16

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        depth: int = 12,
        heads: int = 12,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        if depth < 1 or heads < 1:
            raise BadInput(f"depth {depth}, heads {heads}", "must be at least 1", "The paper has 12 of both.")
        # timm rounds its channels to multiples of 8.
        stem, *stages = scaled([64, 256, 512, 1024], width, multiple=8)
        decoder = scaled([512, 256, 128, 64, 16], width)
        (hidden,) = scaled([768], width, multiple=heads)
        self.encoder = group_norm_resnet(in_channels, stem, stages)
        self.transformer = Transformer(stages[-1], hidden, depth, heads, dropout)
        self.bridge = ConvBNReLU(hidden, decoder[0])
        self.decoder = nn.ModuleList(
            BilinearUpBlock(a, skip, b)
            for (a, b), skip in zip(pairwise(decoder), [*stages[1::-1], stem, 0], strict=True)
        )
        self.head = nn.Conv2d(decoder[-1], out_channels, 3, padding=1)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        *skips, last = self.encoder.forward_intermediates(x, intermediates_only=True)
        x = self.bridge(self.transformer(last))
        for up, skip in zip(self.decoder, [*reversed(skips), None], strict=True):
            x = up(x, skip)
        return {"logits": self.head(x)}


def resized_positions(position: Tensor, h: int, w: int) -> Tensor:
    """Position embedding [1,C,16,16] stretched to h x w tokens: [1,C,h,w]."""
    return position if position.shape[-2:] == (h, w) else F.interpolate(position, (h, w), mode="bicubic")
