"""The registry: names, variants, options, and what it says when one is wrong."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.models import build_model


@pytest.mark.parametrize(
    ("arguments", "options", "named"),
    [
        (("r2mfnett",), {}, "r2mfnet"),
        (("r2mfnet", "no_r2_jump"), {}, "no_r2jump"),
        (("r2mfnet",), {"step": 3}, "steps"),
        (("unet",), {"encoders": "resnet18"}, "encoder"),
        (("zzz",), {}, "unet"),
    ],
)
def test_a_wrong_name_is_answered_with_the_closest(arguments, options, named):
    with pytest.raises(BadInput, match=rf"\b{named}\b"):
        build_model(*arguments, **options)


def test_one_class_may_have_a_channel_for_the_background_while_it_is_trained():
    x = torch.zeros(1, 1, 32, 32)
    for classes, two_channels, trained, answered in ((1, False, 1, 1), (1, True, 2, 1), (2, True, 3, 3)):
        model = build_model("unet", width=0.0625, classes=classes, two_channels=two_channels)
        assert model.built_as["out_channels"] == trained
        assert (model.train()(x)["logits"].shape[1], model.eval()(x).shape[1]) == (trained, answered)


def test_a_named_encoder_has_one_width():
    with pytest.raises(BadInput, match=r"one size. Set width to 1\.0"):
        build_model("unet", "resnet18", width=0.5)


def test_options_override_the_variant():
    model = build_model("r2mfnet", "t3", width=0.125, steps=1)
    assert model.coarse.skips[0].jump.steps == 1
