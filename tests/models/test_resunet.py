"""ResU-Net: its skips, the first stage at full size, and the last stage that is as wide as the first."""

import torch
from torch import nn

from spinelib.models.resunet import ResUNet

from .made import assert_skip_keeps_places, noise


def test_the_skip_alone_still_shows_the_image():
    assert_skip_keeps_places("resunet", "net.model.1.submodule")


def test_a_single_logit_does_not_pass_through_a_single_channel():
    model = ResUNet(width=0.125)
    assert (model.head.in_channels, model.head.out_channels) == (8, 1)
    seen = []
    model.head.register_forward_pre_hook(lambda module, given: seen.append(given[0]))
    with torch.no_grad():
        model.eval()(noise(1, 1, 32, 48))
    assert seen[0].shape == (1, 8, 32, 48)


def test_the_first_stage_keeps_the_size_of_the_image():
    model, sizes = ResUNet(width=0.125), []
    first, *_ = model.net.model
    first.register_forward_hook(lambda module, given, out: sizes.append(tuple(out.shape)))
    with torch.no_grad():
        model.eval()(noise(1, 1, 32, 48))
    assert sizes == [(1, 8, 32, 48)]


def test_normalisation_is_batch_normalisation_and_rectifiers_are_plain():
    kinds = {type(module) for module in ResUNet(width=0.125).net.modules()}
    assert {nn.BatchNorm2d, nn.ReLU} <= kinds
    assert not {nn.InstanceNorm2d, nn.PReLU} & kinds


def test_as_many_halvings_as_levels_less_one():
    model = ResUNet(widths=(8, 16, 24), units=1)
    assert model.multiple == 4
    assert sum(module.stride == (2, 2) for module in model.net.modules() if isinstance(module, nn.Conv2d)) >= 2
    with torch.no_grad():
        assert model.eval()(noise(1, 1, 30, 21)).shape == (1, 1, 30, 21)
