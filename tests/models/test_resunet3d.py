"""3-D ResU-Net: it does not depend on its batch."""

import torch
from torch import nn

from spinelib.models.resunet3d import ResUNet3D

from .made import noise


def test_the_residual_unet_does_not_depend_on_its_batch_in_training():
    model, x = ResUNet3D(width=0.125).train(), noise(3, 1, 2, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(model(x)["logits"][:1], model(x[:1])["logits"], rtol=1e-4, atol=1e-5)


def test_slices_are_never_halved_and_each_level_halves_rows_and_columns():
    model = ResUNet3D(width=0.125)
    assert model.multiple == (1, 8, 8)
    strides = {tuple(m.stride) for m in model.modules() if isinstance(m, (nn.Conv3d, nn.ConvTranspose3d))}
    assert strides == {(1, 1, 1), (1, 2, 2)}


def test_channels_are_multiples_of_the_groups():
    norms = [m for m in ResUNet3D(width=0.1).modules() if isinstance(m, nn.GroupNorm)]
    assert norms
    assert all(norm.num_groups == 4 and norm.num_channels % 4 == 0 for norm in norms)
