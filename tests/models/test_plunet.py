"""PLU-Net: how far its blocks see, and what the excitation does."""

import torch
from torch import nn

from spinelib.models.plunet import LSBlock, PSBottom, SqueezeExcitation

from .made import assert_skip_keeps_places, noise


def test_ls_block_sees_three_pixels_far_and_no_further():
    block = LSBlock(1, 8)
    block.mix = nn.Identity()  # the excitation sees the whole image
    x = noise(1, 1, 15, 15).requires_grad_()
    block(x.detach())  # batch statistics reach everywhere; frozen ones do not
    block.eval()
    block(x)[0, :, 7, 7].sum().backward()
    reach = x.grad[0, 0].nonzero()
    assert reach.min() == 4
    assert reach.max() == 10
    assert len(reach) == 9 + 8


def test_ps_bottom_reaches_eighteen_pixels():
    bottom = PSBottom(16).eval()
    bottom.mix = nn.Identity()
    for branch in (bottom.reduce, *bottom.branches):
        branch[2] = nn.Identity()  # a pixel that ReLU cuts off passes nothing back
    x = noise(1, 16, 41, 41).requires_grad_()
    bottom(x)[0, :, 20, 20].sum().backward()
    reach = x.grad[0].abs().sum(0).nonzero()
    assert reach.min() == 2
    assert reach.max() == 38
    assert len(reach) == 1 + 3 * 8


def test_excitation_only_ever_damps():
    x = noise(2, 8, 5, 5)
    gate = SqueezeExcitation(8)(x) / x
    assert gate.min() >= 0
    assert gate.max() <= 1
    torch.testing.assert_close(gate.amax((2, 3)), gate.amin((2, 3)))


def test_the_skip_alone_still_shows_the_image():
    assert_skip_keeps_places("plunet", "ups.0")
