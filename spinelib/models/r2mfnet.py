"""R2MF-Net: a coarse and a fine encoder-decoder in cascade, joined by MC-Skip.

Li et al. 2025, arXiv 2512.07576. Paper (abstract): coarse and fine network in cascade; Inception-style
extractor in both; R2-Jump in the skip paths; MC-Skip from several decoder levels of the coarse network into
the fine one; SCSE-Lite at the bottleneck. Our choice: five levels, all widths, max-pooling, bilinear
upsampling, R2-Jump and SCSE-Lite in both networks, the coarse network cheaper than the fine one, the fine
input as image plus coarse probability, and the loss (`spinelib.training.losses.weighted_heads`). No number of the
paper's tables can be compared with this reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn

from spinelib.models.layers import SegmentationModel, initialise, probabilities, resize, scaled
from spinelib.models.r2mf_blocks import InceptionBlock, MCSkip, R2Jump, SCSELite


class SkipPath(nn.Module):
    """One skip path: R2-Jump, then MC-Skip; either may be None; without both it is a plain skip."""

    def __init__(self, jump: R2Jump | None, fuse: MCSkip | None, levels: Sequence[int] = ()) -> None:
        super().__init__()
        self.jump, self.fuse, self.levels = jump, fuse, tuple(levels)

    def forward(self, encoder: Tensor, decoder: Tensor, coarse: Sequence[Tensor]) -> Tensor:
        """Refine encoder [B,C,H,W]; decoder [B,C',H,W] is upsampled; coarse holds all coarse levels."""
        x = encoder if self.jump is None else self.jump(encoder, decoder)
        return x if self.fuse is None else self.fuse(x, [coarse[level] for level in self.levels])


class CascadeStage(nn.Module):
    """One encoder-decoder of the cascade, coarse or fine.

    The result of a call is the list of decoder features, finest first; its last entry is the bottleneck.
    """

    def __init__(
        self,
        in_channels: int,
        widths: Sequence[int],
        *,
        coarse_widths: Sequence[int] = (),
        r2jump: bool,
        scse: bool,
        steps: int,
        align: bool,
        reach: int,
    ) -> None:
        super().__init__()
        self.pool = nn.MaxPool2d(2)
        pairs = list(pairwise(widths))
        self.encoder = nn.ModuleList(InceptionBlock(a, b) for a, b in zip([in_channels, *widths], widths, strict=False))
        self.bottleneck = SCSELite(widths[-1]) if scse else nn.Identity()
        self.skips = nn.ModuleList()
        for level, (here, below) in enumerate(pairs):
            jump = R2Jump(here, steps, below if align else 0) if r2jump else None
            near = [i for i in range(len(coarse_widths)) if abs(i - level) <= reach]
            fuse = MCSkip(here, [coarse_widths[i] for i in near]) if near else None
            self.skips.append(SkipPath(jump, fuse, near))
        self.decoder = nn.ModuleList(InceptionBlock(here + below, here) for here, below in pairs)

    def forward(self, x: Tensor, coarse: Sequence[Tensor] = ()) -> list[Tensor]:
        """Decoder features of x [B,C,H,W] at sizes 1, 1/2, 1/4, ...; `coarse` are the coarse stage's."""
        features: list[Tensor] = []
        for i, block in enumerate(self.encoder):
            x = block(self.pool(x) if i else x)
            features.append(x)
        x = features[-1] = self.bottleneck(x)
        for level in reversed(range(len(self.decoder))):
            up = resize(x, features[level].shape)
            skip = self.skips[level](features[level], up, coarse)
            x = features[level] = self.decoder[level](torch.cat([skip, up], dim=1))
        return features


class R2MFNet(SegmentationModel):
    """The whole of R2MF-Net: float [B,C,H,W] of any size to logits [B,K,H,W].

    In train mode the heads are ``logits`` (fine), ``coarse`` and, with deep supervision, ``aux_1`` and
    ``aux_2`` from the fine decoder at 1/2 and 1/4 of the size, all resized to the input.

    Options (all our choice): `r2jump`, `mcskip`, `scse` switch the blocks; `cascade=False` keeps the coarse
    network alone; `steps` is T of R2-Jump (0..3); `align` feeds the decoder into R2-Jump; `reach` is how many
    coarse levels up and down MC-Skip reads; `detach` stops the gradient of the fine network at the coarse
    one.
    """

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        coarse_widths: Sequence[int] = (16, 32, 64, 128, 256),
        fine_widths: Sequence[int] = (32, 64, 128, 256, 512),
        cascade: bool = True,
        r2jump: bool = True,
        mcskip: bool = True,
        scse: bool = True,
        steps: int = 2,
        align: bool = False,
        reach: int = 1,
        detach: bool = False,
        deep_supervision: bool = False,
    ) -> None:
        super().__init__()
        blocks: dict[str, Any] = {
            "r2jump": r2jump,
            "scse": scse,
            "steps": steps,
            "align": align,
            "reach": reach,
        }
        coarse, fine = scaled(coarse_widths, width), scaled(fine_widths, width)
        self.multiple = 2 ** (max(len(coarse), len(fine)) - 1)
        self.detach = detach
        self.coarse = CascadeStage(in_channels, coarse, **blocks)
        self.coarse_head = nn.Conv2d(coarse[0], out_channels, 1)
        self.fine: CascadeStage | None = None
        if cascade:
            shared = coarse if mcskip else ()
            self.fine = CascadeStage(in_channels + out_channels, fine, coarse_widths=shared, **blocks)
            self.fine_head = nn.Conv2d(fine[0], out_channels, 1)
        aux = fine[1:3] if deep_supervision and cascade else []
        self.aux_heads = nn.ModuleList(nn.Conv2d(channels, out_channels, 1) for channels in aux)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits by head for x [B,C,H,W]; H and W are multiples of 16. Auxiliary heads only in train mode."""
        features = self.coarse(x)
        coarse = self.coarse_head(features[0])
        if self.fine is None:
            return {"logits": coarse}
        if self.detach:
            features = [f.detach() for f in features]
        guide = probabilities(coarse.detach() if self.detach else coarse)
        refined = self.fine(torch.cat([x, guide.to(x.dtype)], dim=1), features)
        outputs = {"logits": self.fine_head(refined[0]), "coarse": coarse}
        if self.training:
            for i, head in enumerate(self.aux_heads, start=1):
                outputs[f"aux_{i}"] = resize(head(refined[i]), x.shape)
        return outputs
