"""Layer normalisation: values and gradients of float64 within rounding, for few and for many channels."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models.layer_norm import CentredNorm, ChannelNorm, LayerNorm

from .made import noise


def test_channel_norm_makes_each_voxel_mean_zero_and_variance_one():
    y = ChannelNorm(8)(5 + 3 * noise(2, 8, 2, 3, 4))
    torch.testing.assert_close(y.mean(1), torch.zeros(2, 2, 3, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(y.var(1, unbiased=False), torch.ones(2, 2, 3, 4), atol=1e-3, rtol=0)


@pytest.mark.parametrize("channels", [6, 12, 48])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("mixed", [True, False])
def test_gradients_of_many_rows_are_those_of_float64(channels, kind, mixed):
    torch.manual_seed(0)
    norm = LayerNorm(channels, eps=1e-3)
    nn.init.uniform_(norm.weight, 0.5, 2)
    x, upstream = (torch.randn(20_000, channels).add(1).to(kind) for _ in range(2))
    given = [x.requires_grad_(), norm.weight, norm.bias]
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        y = norm(x)
    assert y.dtype == kind
    exact = [one.detach().double().requires_grad_() for one in given]
    expected = F.layer_norm(exact[0], (channels,), *exact[1:], 1e-3)
    found = (y, *torch.autograd.grad(y, given, upstream))
    right = (expected, *torch.autograd.grad(expected, exact, upstream.double()))
    for a, b in zip(found, right, strict=True):
        tolerance = 1e-2 if a.dtype == torch.bfloat16 else 1e-3
        assert (a.double() - b).abs().max() < tolerance * b.abs().max()


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("channels", [8, 40])
def test_a_norm_of_centred_maps_is_that_of_the_maps(kind, channels):
    norm = ChannelNorm(channels)
    nn.init.normal_(norm.weight)
    nn.init.normal_(norm.bias)
    x = noise(2, channels, 2, 9, 4)
    x = (x - x.mean(1, keepdim=True)).to(kind)
    found, expected = CentredNorm(norm)(x), norm(x.float())
    assert found.dtype == kind
    assert (found.float() - expected).abs().max() < (1e-5 if kind == torch.float32 else 2e-2) * expected.abs().max()
