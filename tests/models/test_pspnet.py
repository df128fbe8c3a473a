"""PSPNet against the ready-made network, and what its pools see."""

import pytest
import segmentation_models_pytorch as smp
import torch

from spinelib.models import build_model

from .made import assert_same_logits, small


@pytest.mark.parametrize(
    ("method", "variant", "options"),
    [("pspnet", "small", {}), ("pspnet", "full", {"encoder_depth": 5, "output_stride": 8})],
)
def test_pspnet_at_full_width_is_the_ready_made_one(method, variant, options):
    assert_same_logits(
        build_model(method, variant), smp.PSPNet("resnet50", encoder_weights=None, in_channels=1, **options)
    )


class TestPSPNet:
    def test_the_pools_see_the_whole_image(self):
        """A changed corner reaches the opposite one through the pools, and not without them.

        The full encoder's own field of view is as wide as that image.
        """
        model, x = small("pspnet", "small"), torch.randn(1, 1, 256, 256)
        changed = x.clone()
        changed[..., :32, :32] += 3

        def far():
            with torch.no_grad():
                return (model(changed) - model(x))[..., -32:, -32:].abs().max()

        assert far() > 1e-3
        for block in model.decoder.psp.blocks:
            block.register_forward_hook(lambda *call: torch.zeros_like(call[-1]))
        assert far() == 0

    def test_one_image_is_enough_to_train(self):
        assert torch.isfinite(small("pspnet").train()(torch.randn(1, 1, 32, 32))["logits"]).all()
