"""U-Net: its levels, its skips, and the same idea on a named encoder."""

import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.models.unet import DoubleConv, EncoderUNet, UNet, UpBlock, build_unet

from .made import noise


def test_levels_halve_the_size_and_double_the_channels():
    model, seen = UNet(width=0.125).eval(), []
    for block in model.encoder:
        block.register_forward_hook(lambda module, given, out: seen.append(tuple(out.shape[1:])))
    with torch.no_grad():
        model(noise(1, 1, 64, 48))
    assert seen == [(8, 64, 48), (16, 32, 24), (32, 16, 12), (64, 8, 6), (128, 4, 3)]


def test_a_double_convolution_sees_two_pixels_far():
    x = noise(1, 2, 11, 11).requires_grad_()
    DoubleConv(2, 32).eval()(x)[0, :, 5, 5].sum().backward()
    assert (x.grad.abs().sum((0, 1)).nonzero() - 5).abs().max() == 2


def test_an_up_block_puts_the_skip_before_what_comes_from_below():
    block, x, skip = UpBlock(6, 4).eval(), noise(1, 6, 5, 4), noise(1, 4, 10, 8)
    torch.testing.assert_close(block(x, skip), block.conv(torch.cat([skip, block.up(x)], dim=1)))
    nn.init.zeros_(block.up.weight)
    nn.init.zeros_(block.up.bias)
    torch.testing.assert_close(block(x, skip), block(2 - x, skip))


@pytest.mark.parametrize("level", range(4))
def test_every_skip_matters(level):
    model, x = UNet(width=0.125).eval(), noise(1, 1, 32, 32)
    with torch.no_grad():
        before = model(x)
        up = model.decoder[level]
        up.register_forward_pre_hook(lambda module, given: (given[0], torch.zeros_like(given[1])))
        assert not torch.allclose(model(x), before, atol=1e-4)


def test_a_named_encoder_comes_in_one_size():
    assert isinstance(build_unet(width=0.125), UNet)
    named = build_unet(encoder="resnet18")
    assert isinstance(named, EncoderUNet)
    assert named.multiple == 32
    with pytest.raises(BadInput, match=r"resnet18 comes in one size. Set width to 1\.0"):
        build_unet(width=0.5, encoder="resnet18")
