"""Attention U-Net: skip connections weighted by a gate computed from the coarser level, from MONAI.

Oktay et al. 2018, "Attention U-Net: Learning Where to Look for the Pancreas", arXiv 1804.03999. Our choice: widths
64..1024 as in the plain U-Net, two dimensions instead of the paper's three. Kept from MONAI: batch normalisation
and ReLU everywhere but in the one convolution that merges a skip, which has instance normalisation and PReLU; a single
output per network, without the paper's deep supervision.
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor

from spinelib.models.layers import SegmentationModel, scaled


class AttentionUNet(SegmentationModel):
    """Attention U-Net, five levels of 64..1024 channels (32 M parameters): [B,C,H,W] to logits [B,K,H,W]."""

    multiple = 16

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (64, 128, 256, 512, 1024),
    ) -> None:
        super().__init__()
        from monai.networks.nets.attentionunet import AttentionUnet

        channels = scaled(widths, width)
        self.multiple = 2 ** (len(channels) - 1)
        self.net = AttentionUnet(2, in_channels, out_channels, channels, [2] * (len(channels) - 1))

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        return {"logits": self.net(x)}
