"""ResNet encoders of any width: where strides become dilation, and groups that never have one channel."""

import pytest
import torch
from torch import nn

from spinelib.models.resnet import GroupNormReLU, ResNetEncoder, group_norm_resnet


class TestResNetEncoder:
    @pytest.mark.parametrize(
        ("limit", "strides"), [(32, [2, 4, 8, 16, 32]), (16, [2, 4, 8, 16, 16]), (8, [2, 4] + 3 * [8])]
    )
    def test_strides_end_at_the_limit(self, limit, strides):
        encoder = ResNetEncoder(1, 0.125, output_stride=limit)
        features = encoder(torch.randn(1, 1, 64, 96).repeat(2, 1, 1, 1))
        assert [tuple(f.shape[1:]) for f in features] == [
            (c, 64 // s, 96 // s) for c, s in zip(encoder.channels, strides, strict=True)
        ]

    def test_dilation_takes_the_place_of_strides(self):
        dilations = [
            {m.dilation[0] for m in stage.modules() if isinstance(m, nn.Conv2d) and m.kernel_size == (3, 3)}
            for stage in ResNetEncoder(1, 0.125, output_stride=8).stages
        ]
        assert dilations == [{1}, {1}, {2}, {4}]


class TestGroupNormalisation:
    def test_any_memory_format_gives_the_same(self):
        x, layer = torch.randn(2, 8, 5, 6), GroupNormReLU(4, 8, relu=True)
        expected = torch.relu(nn.GroupNorm(4, 8)(x))
        torch.testing.assert_close(layer(x), expected)
        torch.testing.assert_close(layer(x.contiguous(memory_format=torch.channels_last)), expected)

    @pytest.mark.parametrize(("stem", "groups"), [(64, 32), (32, 16), (24, 8), (8, 4)])
    def test_no_group_has_one_channel(self, stem, groups):
        with torch.device("meta"):
            encoder = group_norm_resnet(1, stem, [4 * stem, 8 * stem, 16 * stem])
        layers = [m for m in encoder.modules() if isinstance(m, GroupNormReLU)]
        assert {m.num_groups for m in layers} == {groups}
        assert all(m.num_channels % groups == 0 and m.num_channels > groups for m in layers)
