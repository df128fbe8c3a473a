"""3-D U-Net: its size against that of its paper."""

import torch

from spinelib.models.unet3d import UNet3D


def test_the_3d_unet_is_that_of_its_paper():
    with torch.device("meta"):
        model = UNet3D(3, 3, widths=(64, 128, 256, 512), stride=(2, 2, 2))
    kernels = sum(p.numel() for p in model.parameters() if p.dim() > 1)
    biases = sum(m.num_features for m in model.modules() if isinstance(m, torch.nn.BatchNorm3d)) + 3
    # The paper's own figure counts kernels and the biases of convolutions, not the normalisation.
    assert kernels + biases == 19_069_955
