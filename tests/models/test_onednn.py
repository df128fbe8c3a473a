"""Convolutions laid out once for oneDNN against the convolutions themselves."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models.depthwise import DepthwiseConv, DepthwiseConv3d
from spinelib.models.onednn import PrepackedConv, can_prepack


@pytest.mark.skipif(not can_prepack(nn.Conv2d(1, 1, 1), torch.float32), reason="this PyTorch has no oneDNN")
class TestPacked:
    @pytest.mark.parametrize(
        ("conv", "grid"),
        [
            (nn.Conv2d(3, 5, 3, stride=2, padding=1), (12, 9)),
            (DepthwiseConv(3, 7), (12, 9)),
            (nn.Conv3d(3, 4, (1, 3, 3), padding=(0, 1, 1), bias=False), (3, 8, 9)),
            (nn.ConvTranspose2d(3, 4, 2, stride=2), (5, 6)),
            (nn.ConvTranspose3d(3, 2, 3, (1, 2, 2), 1, (0, 1, 1)), (2, 5, 6)),
        ],
    )
    def test_the_convolution_itself_on_any_size(self, conv, grid):
        assert can_prepack(conv, torch.float32)
        fast = PrepackedConv(conv, torch.float32)
        with torch.inference_mode():
            for batch in (1, 3, 1):
                x = torch.randn(batch, 3, *grid)
                torch.testing.assert_close(fast(x), conv(x), atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(
                PrepackedConv(conv, torch.float32, True)(x), F.relu(conv(x)), atol=1e-5, rtol=1e-5
            )

    @pytest.mark.parametrize("grid", [(16, 8), (5, 30), (3, 2), (40, 40)])
    @pytest.mark.parametrize("dilation", [2, 6, 24])
    @pytest.mark.parametrize("groups", [1, 4])
    def test_a_dilation_beyond_the_image(self, grid, dilation, groups):
        conv = nn.Conv2d(4, 4, 3, padding=dilation, dilation=dilation, groups=groups)
        fast, x = PrepackedConv(conv, torch.float32), torch.randn(2, 4, *grid)
        with torch.inference_mode():
            torch.testing.assert_close(fast(x), conv(x), atol=1e-5, rtol=1e-5)

    def test_a_dilation_beyond_the_slices(self):
        conv = DepthwiseConv3d(4, 3, (1, 2, 2), (1, 6, 6))
        fast = PrepackedConv(conv, torch.float32, True)
        with torch.inference_mode():
            for grid in ((5, 8, 4), (1, 16, 20), (5, 8, 4)):
                x = torch.randn(1, 4, *grid)
                torch.testing.assert_close(fast(x), F.relu(nn.Conv3d.forward(conv, x)), atol=1e-5, rtol=1e-5)

    def test_what_is_more_than_its_weights_is_not_packed(self):
        class Other(nn.Conv2d):
            pass

        assert not can_prepack(Other(1, 1, 1), torch.float32)
        assert not can_prepack(nn.Conv2d(1, 1, 3, padding=1, padding_mode="replicate"), torch.float32)
        assert not can_prepack(nn.Conv2d(1, 1, 3, padding="same"), torch.float32)
        assert not can_prepack(nn.Linear(1, 1), torch.float32)
