"""Convolutions laid out once for oneDNN against the convolutions themselves."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models.depthwise import DepthwiseConv
from spinelib.models.onednn import PrepackedConv, WideDepthwise, can_prepack, prepacked


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
        fast = prepacked(conv, torch.float32)
        assert isinstance(fast, PrepackedConv)
        with torch.inference_mode():
            for batch in (1, 3, 1):
                x = torch.randn(batch, 3, *grid)
                torch.testing.assert_close(fast(x), conv(x), atol=1e-5, rtol=1e-5)
            torch.testing.assert_close(prepacked(conv, torch.float32, True)(x), F.relu(conv(x)), atol=1e-5, rtol=1e-5)

    @pytest.mark.parametrize("grid", [(16, 8), (5, 30), (3, 2), (40, 40)])
    @pytest.mark.parametrize("dilation", [2, 6, 24])
    def test_a_dilation_beyond_the_image(self, grid, dilation):
        conv = nn.Conv2d(4, 4, 3, padding=dilation, dilation=dilation, groups=4)
        fast, x = prepacked(conv, torch.float32), torch.randn(2, 4, *grid)
        assert isinstance(fast, WideDepthwise)
        with torch.inference_mode():
            torch.testing.assert_close(fast(x), conv(x), atol=1e-5, rtol=1e-5)

    def test_a_dilation_beyond_the_slices(self):
        conv = nn.Conv3d(4, 4, 3, padding=(1, 6, 6), dilation=(1, 6, 6), groups=4, bias=False)
        x = torch.randn(1, 4, 5, 8, 4)
        with torch.inference_mode():
            found = prepacked(conv, torch.float32, True)(x)
            torch.testing.assert_close(found, F.relu(conv(x)), atol=1e-5, rtol=1e-5)

    def test_what_is_more_than_its_weights_is_not_packed(self):
        class Other(nn.Conv2d):
            pass

        assert not can_prepack(Other(1, 1, 1), torch.float32)
        assert not can_prepack(nn.Conv2d(1, 1, 3, padding=1, padding_mode="replicate"), torch.float32)
        assert not can_prepack(nn.Conv2d(1, 1, 3, padding="same"), torch.float32)
        assert not can_prepack(nn.Linear(1, 1), torch.float32)
