"""DeepLabV3+ against the ready-made network of segmentation-models-pytorch."""

import segmentation_models_pytorch as smp
import torch

from spinelib.models import build_model

from .made import assert_same_logits, small


def test_deeplabv3plus_at_full_width_is_the_ready_made_one():
    assert_same_logits(build_model("deeplabv3plus"), smp.DeepLabV3Plus("resnet50", encoder_weights=None, in_channels=1))


def test_the_skip_of_deeplabv3plus_matters():
    model, x = small("deeplabv3plus"), torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        before = model(x)
        model.skip.register_forward_hook(lambda *call: torch.zeros_like(call[-1]))
        assert (model(x) - before).abs().mean() > 0.01 * before.std()
