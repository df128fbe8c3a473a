"""3-D U-Net: its size against that of its paper."""

import torch

from spinelib.models.unet3d import UNet3D, UpBlock3d

from .made import noise


def test_the_3d_unet_is_that_of_its_paper():
    with torch.device("meta"):
        model = UNet3D(3, 3, widths=(64, 128, 256, 512), stride=(2, 2, 2))
    kernels = sum(p.numel() for p in model.parameters() if p.dim() > 1)
    biases = sum(m.num_features for m in model.modules() if isinstance(m, torch.nn.BatchNorm3d)) + 3
    # The paper's own figure counts kernels and the biases of convolutions, not the normalisation.
    assert kernels + biases == 19_069_955


def test_slices_are_neither_pooled_nor_enlarged():
    model, seen = UNet3D(width=0.25).eval(), []
    for block in model.encoder:
        block.register_forward_hook(lambda module, given, out: seen.append(tuple(out.shape[1:])))
    with torch.no_grad():
        model(noise(1, 1, 3, 32, 16))
    assert seen == [(4, 3, 32, 16), (8, 3, 16, 8), (16, 3, 8, 4), (32, 3, 4, 2)]


def test_an_up_block_joins_what_comes_from_below_with_the_finer_skip():
    block, x, skip = UpBlock3d(6, 4, (1, 2, 2)).eval(), noise(1, 6, 3, 5, 4), noise(1, 4, 3, 10, 8)
    assert block.up(x).shape == (1, 6, 3, 10, 8)
    torch.testing.assert_close(block(x, skip), block.conv(torch.cat([skip, block.up(x)], dim=1)))
