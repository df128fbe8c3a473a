"""3-D ResU-Net: U-Net with residual units in three dimensions, from MONAI.

Xiao et al. 2018, "Weighted Res-UNet for High-Quality Retina Vessel Segmentation", which SAFNet's paper cites, gives the
idea in two dimensions and no more; MONAI's class follows Kerfoot et al. 2019 (doi 10.1007/978-3-030-12029-0_40). Our
choice: strides (1, 2, 2) because slices are thick, four levels of 32..256 channels, two convolutions per unit, group
normalisation and PReLU, which do not depend on the batch, and as in `spinelib.models.resunet` a last stage as wide as
the first with a 1x1x1 head.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from spinelib.models.layers import SegmentationModel, scaled


class ResUNet3D(SegmentationModel):
    """3-D ResU-Net, levels of `widths` channels: [B,C,D,H,W] to logits [B,K,D,H,W]."""

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (32, 64, 128, 256),
        units: int = 2,
        groups: int = 4,
    ) -> None:
        super().__init__()
        from monai.networks.nets.unet import UNet

        channels = scaled(widths, width, groups)
        steps = len(channels) - 1
        self.multiple = (1, 2**steps, 2**steps)
        norm = ("group", {"num_groups": groups})
        strides: list[Any] = [(1, 2, 2)] * steps
        self.net = UNet(3, in_channels, channels[0], channels, strides, num_res_units=units, norm=norm)
        self.head = nn.Conv3d(channels[0], out_channels, 1)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,D,H,W] of x [B,C,D,H,W]; H and W are multiples of 8."""
        return {"logits": self.head(self.net(x))}
