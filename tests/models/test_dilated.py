"""Convolutions with holes: output and gradients of float64 in bfloat16 with channels last, whatever the channels."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models import NETWORKS, build_model
from spinelib.models.dilated import DilatedConv
from spinelib.models.onednn import can_prepack


@pytest.mark.parametrize(
    ("channels", "filters", "kernel", "dilation", "groups"),
    [(24, 24, 3, 3, 1), (17, 16, 3, 3, 1), (40, 8, 3, 2, 1), (24, 24, 5, 2, 1), (16, 16, 3, 2, 16), (48, 48, 3, 2, 2)],
)
@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("layout", [torch.channels_last, torch.contiguous_format])
def test_output_and_gradients_are_those_of_float64(channels, filters, kernel, dilation, groups, mixed, layout):
    torch.manual_seed(0)
    places = {"padding": dilation * (kernel // 2), "dilation": dilation, "groups": groups}
    conv = DilatedConv(channels, filters, kernel, **places).to(memory_format=layout)
    conv = conv if mixed else conv.bfloat16()
    x = torch.randn(4, channels, 64, 32).bfloat16().contiguous(memory_format=layout).requires_grad_()
    given = x, conv.weight, conv.bias
    with torch.autocast("cpu", torch.bfloat16, enabled=mixed):
        y = conv(x)
    upstream = torch.randn(y.shape).bfloat16()
    found = (y, *torch.autograd.grad(y, given, upstream))
    assert [one.dtype for one in found[1:]] == [one.dtype for one in given]
    exact = [one.detach().bfloat16().double().requires_grad_() for one in given]
    expected = F.conv2d(*exact, 1, *(places[name] for name in ("padding", "dilation", "groups")))
    right = (expected, *torch.autograd.grad(expected, exact, upstream.double()))
    for a, b in zip(found, right, strict=True):
        assert (a.double() - b).abs().max() < 2e-2 * b.abs().max()


def test_in_float32_and_without_a_gradient_it_is_the_plain_one():
    conv = DilatedConv(24, 24, 3, padding=2, dilation=2)
    x = torch.randn(2, 24, 16, 8)
    assert torch.equal(conv(x), F.conv2d(x, conv.weight, conv.bias, padding=2, dilation=2))
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        assert conv(x).dtype == torch.bfloat16


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
def test_it_is_laid_out_for_prediction_as_the_plain_one(kind):
    plain = nn.Conv2d(24, 24, 3, padding=2, dilation=2)
    conv = DilatedConv(24, 24, 3, padding=2, dilation=2)
    assert can_prepack(conv, kind) == can_prepack(plain, kind)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_convolution_of_images_with_holes_is_of_this_kind(name):
    layers = build_model(name, "full", 1, 1, 0.0625).modules()
    holes = [one for one in layers if isinstance(one, nn.Conv2d) and max(one.dilation) > 1]
    assert all(isinstance(one, DilatedConv) for one in holes)
    if name in ("plunet", "deeplabv3plus"):
        assert holes
