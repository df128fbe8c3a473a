"""ResU-Net: U-Net with residual units, from MONAI.

Zhang, Liu, Wang 2018, "Road Extraction by Deep Residual U-Net", arXiv 1711.10684; MONAI's class follows Kerfoot et
al. 2019 (doi 10.1007/978-3-030-12029-0_40): strided residual units down, transposed convolutions up. Our choice:
widths 64..1024 as in the plain U-Net, two convolutions per unit, batch normalisation and ReLU where MONAI has instance
normalisation and PReLU by default, and a last stage as wide as the first with a 1x1 head. MONAI's own last stage has
one channel per class: with a single logit everything passes one rectified channel, and on real films that network did
not learn at all (validation Dice 0.18 after 20 epochs at every learning rate).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from spinelib.models.layers import SegmentationModel, scaled


class ResUNet(SegmentationModel):
    """ResU-Net, five levels of 64..1024 channels (26 M parameters): [B,C,H,W] to logits [B,K,H,W]."""

    multiple = 16

    def __init__(
        self,
        in_channels: int = 1,
        out_channels: int = 1,
        width: float = 1.0,
        *,
        widths: Sequence[int] = (64, 128, 256, 512, 1024),
        units: int = 2,
    ) -> None:
        super().__init__()
        from monai.networks.nets.unet import UNet

        channels = scaled(widths, width)
        self.multiple = 2 ** (len(channels) - 1)
        strides = [2] * (len(channels) - 1)
        self.net = UNet(2, in_channels, channels[0], channels, strides, num_res_units=units, act="relu", norm="batch")
        self.head = nn.Conv2d(channels[0], out_channels, 1)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        return {"logits": self.head(self.net(x))}
