"""Attention U-Net: its gates one by one."""

import torch
from torch import nn

from spinelib.models import build_model

from .made import assert_skip_keeps_places, noise


def test_attention_gates_close_and_open():
    model = build_model("attention_unet", width=0.125).eval()
    blocks = [module for name, module in model.named_modules() if name.endswith("attention")]
    assert len(blocks) == 4
    for block in blocks:
        channels = block.W_x[0].in_channels
        coarse, skip = noise(2, channels, 6, 5), noise(2, channels, 6, 5) + 1
        ratio = block(coarse, skip) / skip
        # One factor per place, the same in every channel.
        torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio))
        assert ratio.min() > 0
        assert ratio.max() < 1
        for shift, expected in ((-40.0, 0 * skip), (40.0, skip)):
            nn.init.constant_(block.psi[1].bias, shift)
            torch.testing.assert_close(block(coarse, skip), expected)


def test_the_coarser_level_opens_the_attention_gate():
    block = build_model("attention_unet", width=0.125).eval().net.model[1].attention
    skip, coarse = noise(1, 8, 6, 5), noise(1, 8, 6, 5)
    assert not torch.allclose(block(coarse, skip), block(2 - coarse, skip))


def test_the_skip_alone_still_shows_the_image():
    assert_skip_keeps_places("attention_unet", "net.model.1.upconv")
