"""Group normalisation: the quick way gives output and gradients of the plain one, in any layout and number format."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models.group_norm import GroupNorm, rows

LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


def results(norm, x, upstream):
    x = x.detach().requires_grad_()
    norm.zero_grad()
    y = norm(x)
    y.backward(upstream)
    return y.detach(), x.grad, norm.weight.grad, norm.bias.grad


@pytest.fixture
def norm():
    made = GroupNorm(4, 8)
    nn.init.uniform_(made.weight, 0.5, 2)
    nn.init.normal_(made.bias)
    return made


def plain_results(norm, x, upstream):
    """In float64, by PyTorch."""
    given = x.double().requires_grad_()
    weight, bias = (p.detach().double().requires_grad_() for p in (norm.weight, norm.bias))
    y = F.group_norm(given, norm.num_groups, weight, bias, norm.eps)
    return y.detach(), *torch.autograd.grad(y, (given, weight, bias), upstream.double())


@pytest.mark.parametrize("size", [(70, 63), (18, 24, 13), (6, 5)])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_output_and_gradients_are_those_of_the_plain_one(norm, size, last, kind):
    layout = LAYOUTS[2 + len(size)] if last else torch.contiguous_format
    x, upstream = ((2 * torch.randn(3, 8, *size) + 1).to(kind).contiguous(memory_format=layout) for _ in range(2))
    found = results(norm, x, upstream)
    assert found[0].is_contiguous(memory_format=layout)
    assert found[0].dtype == found[1].dtype == kind
    assert found[2].dtype == found[3].dtype == torch.float32
    for a, b in zip(found, plain_results(norm, x, upstream), strict=True):
        tolerance = 1e-4 if a.dtype == torch.float32 else 1e-2
        assert (a.double() - b).abs().max() < tolerance * b.abs().max()


def test_wide_maps_without_a_gradient_are_the_same_numbers(norm):
    x = (torch.randn(2, 8, 80, 60) * 3 - 2).bfloat16().contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        found = norm(x)
    expected = F.group_norm(x.double(), 4, norm.weight.double(), norm.bias.double())
    assert (found.double() - expected).abs().max() < 1e-2 * expected.abs().max()


def test_rows_of_maps_with_channels_last_are_a_view():
    x = torch.randn(2, 3, 4, 5, 6).contiguous(memory_format=torch.channels_last_3d)
    assert rows(x).is_contiguous()
    assert rows(x).data_ptr() == x.data_ptr()
    assert torch.equal(rows(x)[1, 7], x[1, :, 0, 1, 1])


def test_what_comes_out_can_be_changed_in_place(norm):
    x = torch.randn(2, 8, 80, 60).bfloat16().contiguous(memory_format=torch.channels_last).requires_grad_()
    y = F.relu(norm(x), inplace=True)
    (gradient,) = torch.autograd.grad(y.sum(), x)
    expected = x.detach().double().requires_grad_()
    plain = F.group_norm(expected, 4, norm.weight.double(), norm.bias.double())
    (right,) = torch.autograd.grad((plain * (y > 0)).sum(), expected)
    assert (gradient.double() - right).abs().max() < 1e-2 * right.abs().max()
