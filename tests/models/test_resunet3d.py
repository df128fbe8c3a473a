"""3-D ResU-Net: it does not depend on its batch."""

import torch

from spinelib.models.resunet3d import ResUNet3D


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_the_residual_unet_does_not_depend_on_its_batch_in_training():
    model, x = ResUNet3D(width=0.125).train(), noise(3, 1, 2, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(model(x)["logits"][:1], model(x[:1])["logits"], rtol=1e-4, atol=1e-5)
