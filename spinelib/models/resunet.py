"""ResU-Net: U-Net with residual units, from MONAI.

Zhang, Liu, Wang 2018, "Road Extraction by Deep Residual U-Net", arXiv 1711.10684; MONAI's class follows Kerfoot et
al. 2019 (doi 10.1007/978-3-030-12029-0_40): strided residual units down, transposed convolutions up. From the first
paper: a first stage at the size of the image, whose skip reaches the last one. Our choice: widths 64..1024 as in the
plain U-Net below that stage, two convolutions per unit, batch normalisation and ReLU where MONAI has instance
normalisation and PReLU by default, and a last stage as wide as the first with a 1x1 head. MONAI's own last stage has
one channel per class: with a single logit everything passes one rectified channel, and on real films that network did
not learn at all (validation Dice 0.18 after 20 epochs at every learning rate).
"""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

from spinelib.models.layers import SegmentationModel, scaled


class ResUNet(SegmentationModel):
    """ResU-Net, a stage at full size and five of 64..1024 channels at strides 2 to 16: [B,C,H,W] to logits [B,K,H,W].

    The deepest stage keeps the size of the one above it, as in MONAI.
    """

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
        first, strides = channels[0], [1] + [2] * (len(channels) - 1)
        stages = [first, *channels]
        self.net = UNet(2, in_channels, first, stages, strides, num_res_units=units, act="relu", norm="batch")
        self.head = nn.Conv2d(first, out_channels, 1)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 16."""
        return {"logits": self.head(self.net(x))}
