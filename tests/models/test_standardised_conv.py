"""Standardised convolutions, and the plain ones that they become for prediction."""

import pytest
import torch
from torch import nn

from spinelib.models.standardised_conv import StandardisedConv


def filters_of(conv):
    """The filters that a convolution without padding puts to work, found by its answer to single pixels."""
    out, channels, *kernel = conv.weight.shape
    pixels = torch.eye(channels * kernel[0] * kernel[1]).view(-1, channels, *kernel)
    return conv(pixels).view(-1, out).T


def test_filters_have_mean_zero_and_variance_one_whatever_their_weights():
    torch.manual_seed(0)
    conv = StandardisedConv(3, 5, 3, padding=0)
    nn.init.uniform_(conv.weight, 2, 7)
    found = filters_of(conv)
    torch.testing.assert_close(found.mean(1), torch.zeros(5), atol=1e-5, rtol=0)
    torch.testing.assert_close(found.var(1, unbiased=False), torch.ones(5), atol=1e-4, rtol=0)


def test_scaling_and_shifting_the_weights_changes_nothing():
    torch.manual_seed(0)
    conv, x = StandardisedConv(2, 4, 3, padding=1), torch.randn(1, 2, 6, 5)
    before = conv(x)
    conv.weight.data.mul_(3).add_(1)
    torch.testing.assert_close(conv(x), before, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("how", [{}, {"stride": 2, "padding": 1, "bias": False}, {"dilation": 2, "groups": 2}])
def test_the_plain_convolution_answers_the_same(how):
    torch.manual_seed(0)
    conv, x = StandardisedConv(4, 6, 3, **how), torch.randn(2, 4, 12, 9)
    plain = conv.simplified()
    assert type(plain) is nn.Conv2d
    assert not any(value.requires_grad for value in plain.parameters())
    torch.testing.assert_close(plain(x), conv(x), rtol=1e-4, atol=1e-5)
