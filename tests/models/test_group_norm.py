"""Group normalisation: the quick gradient is the gradient, in any memory layout and number format."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models.group_norm import GroupNorm


def results(norm, x, upstream):
    x = x.detach().requires_grad_()
    norm.zero_grad()
    y = norm(x)
    y.backward(upstream)
    return y.detach(), x.grad, norm.weight.grad, norm.bias.grad


@pytest.fixture
def norm():
    made = GroupNorm(4, 16)
    nn.init.uniform_(made.weight, 0.5, 2)
    nn.init.normal_(made.bias)
    return made


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_output_and_gradients_are_those_of_the_plain_one(norm, layout):
    x, upstream = 2 * torch.randn(3, 16, 10, 7) + 1, torch.randn(3, 16, 10, 7)
    given = x.clone().requires_grad_()
    weight, bias = (p.detach().clone().requires_grad_() for p in (norm.weight, norm.bias))
    expected = F.group_norm(given, 4, weight, bias)
    expected.backward(upstream)
    found = results(norm, x.contiguous(memory_format=layout), upstream.contiguous(memory_format=layout))
    for a, b in zip(found, (expected, given.grad, weight.grad, bias.grad), strict=True):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)
    assert found[0].is_contiguous(memory_format=layout)


def test_bfloat16_is_close_and_weights_learn_in_float32(norm):
    x = torch.randn(3, 16, 10, 7).contiguous(memory_format=torch.channels_last)
    exact = results(norm, x, torch.ones_like(x) + x)
    rough = results(norm, x.bfloat16(), (torch.ones_like(x) + x).bfloat16())
    assert rough[0].dtype == rough[1].dtype == torch.bfloat16
    assert rough[2].dtype == rough[3].dtype == torch.float32
    for a, b in zip(exact, rough, strict=True):
        assert (a - b.float()).abs().mean() < 0.02 * a.std()
