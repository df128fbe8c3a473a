"""PSPNet: average pools of four grid sizes show every pixel the whole image.

Zhao, Shi, Qi, Wang, Jia: "Pyramid Scene Parsing Network", CVPR 2017, arXiv 1612.01105. From the paper: dilated ResNet,
feature map at an eighth of the image, pools of 1, 2, 3 and 6 cells, each reduced to a quarter of the channels.
From segmentation-models-pytorch, the class at hand: a 1x1 convolution to 512 channels after the pools, dropout 0.2, no
normalisation after the pool of one cell; and, with `dilated=False`, its default encoder, the first two stages of
ResNet-50 only, which have that stride undilated. Our choice: ResNet-50, no pretrained weights and no auxiliary loss.
"""

from __future__ import annotations

from torch import Tensor

from spinelib.models.layers import SegmentationModel, initialise, scaled
from spinelib.models.resnet import ResNetEncoder


class PSPNet(SegmentationModel):
    """Pyramid pooling on a residual encoder: [B,C,H,W] to logits [B,K,H,W]."""

    multiple = 8

    def __init__(
        self, in_channels: int = 1, out_channels: int = 1, width: float = 1.0, *, dilated: bool = True
    ) -> None:
        super().__init__()
        from segmentation_models_pytorch.base import SegmentationHead
        from segmentation_models_pytorch.decoders.pspnet.decoder import PSPDecoder

        self.encoder = ResNetEncoder(in_channels, width, stages=4 if dilated else 2, output_stride=8)
        (channels,) = scaled([512], width)
        self.decoder = PSPDecoder(self.encoder.channels, out_channels=channels)
        self.head = SegmentationHead(channels, out_channels, kernel_size=3, upsampling=8)
        initialise(self)

    def heads(self, x: Tensor) -> dict[str, Tensor]:
        """Logits [B,K,H,W] of x [B,C,H,W]; H and W are multiples of 8."""
        return {"logits": self.head(self.decoder(self.encoder(x)))}
