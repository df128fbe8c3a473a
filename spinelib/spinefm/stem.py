"""A convolutional stem in place of SAM's one convolution per patch, for encoders that begin from nothing.

Xiao et al., Early Convolutions Help Transformers See Better, NeurIPS 2021, arXiv 2106.14881: a few small convolutions
let a vision transformer learn faster and from less. (C) Ours: residual blocks with group normalisation, one channel
(SAM repeats grey three times), widths doubled wherever the side is halved.
"""

from __future__ import annotations

from math import log2

import torch.nn.functional as F
from torch import Tensor, nn

from spinelib.spinefm.backbone import group_norm


class Stem(nn.Module):
    """Grey patches repeated to [B,3,i,i] to tokens [B,i/stride,i/stride,dim]; `stride` is a power of two from 4 up."""

    def __init__(self, width: int, dim: int, stride: int) -> None:
        super().__init__()
        halvings = round(log2(stride)) - 1
        if halvings < 1 or 2 ** (halvings + 1) != stride:
            raise ValueError(f"stride {stride} is no power of two from 4 up")
        self.first = nn.Conv2d(1, width, 5, stride=2, padding=2, bias=False)
        self.norm = group_norm(width)
        blocks: list[nn.Module] = []
        for k in range(halvings):
            blocks.append(_Block(width * 2**k, width * 2 ** (k + 1), 2))
            if k == 0:
                blocks.append(_Block(2 * width, 2 * width, 1))
        self.blocks = nn.Sequential(*blocks)
        self.last = nn.Conv2d(width * 2**halvings, dim, 1)

    def forward(self, x: Tensor) -> Tensor:
        """[B,3,i,i] to [B,g,g,dim]."""
        y = F.gelu(self.norm(self.first(x[:, :1])))
        return self.last(self.blocks(y)).permute(0, 2, 3, 1)


class _Block(nn.Module):
    """Residual block [B,before,h,w] to [B,after,h/stride,w/stride]; adds nothing to its shortcut at first."""

    def __init__(self, before: int, after: int, stride: int) -> None:
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(before, after, 3, stride, 1, bias=False), group_norm(after)
        self.conv2, self.norm2 = nn.Conv2d(after, after, 3, 1, 1, bias=False), group_norm(after)
        nn.init.zeros_(self.norm2.weight)
        self.shortcut: nn.Module = nn.Identity()
        if before != after or stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(before, after, 1, stride, bias=False), group_norm(after))

    def forward(self, x: Tensor) -> Tensor:
        """Shortcut plus two convolutions."""
        y = F.gelu(self.norm1(self.conv1(x)))
        return F.gelu(self.norm2(self.conv2(y)) + self.shortcut(x))
