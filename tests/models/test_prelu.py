"""PReLU: output and gradients of the plain one, in float32 and bfloat16, with one slope and with several."""

import pytest
import torch
import torch.nn.functional as F

from spinelib.models.prelu import PReLU


@pytest.mark.parametrize("kind", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("slopes", [1, 6])
@pytest.mark.parametrize("slope", [0.25, -0.1])
def test_output_and_gradients_are_those_of_float64(kind, slopes, slope):
    torch.manual_seed(1)
    layer = PReLU(slopes, init=slope)
    x = torch.randn(2, 6, 5, 40, 30).to(kind).contiguous(memory_format=torch.channels_last_3d).requires_grad_()
    upstream = torch.randn(x.shape).add(0.5).to(kind)
    with torch.autocast("cpu", torch.bfloat16, enabled=kind == torch.bfloat16):
        y = layer(x)
    found = (y, *torch.autograd.grad(y, (x, layer.weight), upstream))
    given, learnt = x.detach().double().requires_grad_(), layer.weight.detach().double().requires_grad_()
    expected = F.prelu(given, learnt)
    right = (expected, *torch.autograd.grad(expected, (given, learnt), upstream.double()))
    assert y.dtype == kind
    assert y.is_contiguous(memory_format=torch.channels_last_3d)
    for a, b in zip(found, right, strict=True):
        assert (a.double() - b).abs().max() < (1e-4 if kind == torch.float32 else 1e-2) * b.abs().max()
