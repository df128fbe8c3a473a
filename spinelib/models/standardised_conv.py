"""Convolutions whose filters are standardised, from timm, for group-normalised networks.

Qiao, Wang, Liu, Shen, Yuille 2019, "Micro-Batch Training with Batch-Channel Normalization and Weight Standardization",
arXiv 1903.10520.
"""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F
from timm.layers import StdConv2d
from torch import nn


class StandardisedConv(StdConv2d):
    """timm's convolution, whose filters have mean 0 and variance 1 whenever it is called."""

    def simplified(self) -> nn.Module:
        """A convolution with these filters, standardised once and for all."""
        flat = self.weight.reshape(1, self.out_channels, -1)
        weight = F.batch_norm(flat, None, None, training=True, momentum=0.0, eps=self.eps).reshape_as(self.weight)
        conv: Any = nn.Conv2d(self.in_channels, self.out_channels, 1, bias=False)
        for name in ("kernel_size", "stride", "padding", "dilation", "groups"):
            setattr(conv, name, getattr(self, name))
        conv.weight = nn.Parameter(weight.detach(), requires_grad=False)
        if self.bias is not None:
            conv.bias = nn.Parameter(self.bias.detach(), requires_grad=False)
        found: nn.Module = conv
        return found
