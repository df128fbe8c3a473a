"""DeepLabV3+ against the ready-made network of segmentation-models-pytorch."""

import segmentation_models_pytorch as smp
import torch

from spinelib.models import build_model


def small(method, variant="full", **options):
    return build_model(method, variant, width=0.125, **options).eval()


def _same_logits(model, other):
    """Hand the weights over by their order, which is that of the layers, and compare."""
    unused = ("layer3", "layer4") if len(model.encoder.stages) == 2 else ()
    given = [value for name, value in other.state_dict().items() if not any(part in name for part in unused)]
    model.load_state_dict(dict(zip(model.state_dict(), given, strict=True)))
    x = torch.randn(1, 1, 64, 96)
    with torch.no_grad():
        torch.testing.assert_close(model.eval()(x), other.eval()(x), rtol=1e-4, atol=1e-5)


def test_deeplabv3plus_at_full_width_is_the_ready_made_one():
    _same_logits(build_model("deeplabv3plus"), smp.DeepLabV3Plus("resnet50", encoder_weights=None, in_channels=1))


def test_the_skip_of_deeplabv3plus_matters():
    model, x = small("deeplabv3plus"), torch.randn(1, 1, 64, 64)
    with torch.no_grad():
        before = model(x)
        model.skip.register_forward_hook(lambda *call: torch.zeros_like(call[-1]))
        assert (model(x) - before).abs().mean() > 0.01 * before.std()
