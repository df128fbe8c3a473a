"""Depthwise convolutions: the quick gradient is the gradient."""

import pytest
import torch
import torch.nn.functional as F

from spinelib.models import depthwise
from spinelib.models.depthwise import DepthwiseConv, DepthwiseConv3d, within_reach

SHAPES = [(2, 4, 9, 7), (1, 1, 2, 3), (3, 8, 16, 5)]


def gradients(conv, x, upstream):
    x = x.clone().requires_grad_()
    conv.zero_grad()
    conv(x).backward(upstream)
    return x.grad, conv.weight.grad


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kernel", [1, 3, 5, 7, 9, 11])
def test_gradients_are_those_of_the_plain_convolution(kernel, shape):
    conv, x, upstream = DepthwiseConv(shape[1], kernel), torch.randn(shape), torch.randn(shape)
    found = gradients(conv, x, upstream)
    assert found[0].shape == x.shape
    expected_x, weight = x.clone().requires_grad_(), conv.weight.detach().clone().requires_grad_()
    y = F.conv2d(expected_x, weight, padding=kernel // 2, groups=shape[1])
    y.backward(upstream)
    torch.testing.assert_close(conv(x), y)
    torch.testing.assert_close(found[0], expected_x.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found[1], weight.grad, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_neither_memory_layout_nor_size_of_the_parts_matters(layout, monkeypatch):
    conv, x, upstream = DepthwiseConv(4, 7), torch.randn(5, 4, 12, 10), torch.randn(5, 4, 12, 10)
    whole = [g.clone() for g in gradients(conv, x, upstream)]
    monkeypatch.setattr(depthwise, "_CACHED_BYTES", 2 * x[0].numel() * 4)
    parts = gradients(conv, x.contiguous(memory_format=layout), upstream.contiguous(memory_format=layout))
    torch.testing.assert_close(whole, list(parts), rtol=1e-4, atol=1e-4)


def test_bfloat16_gradients_are_close_and_arrive_in_float32():
    conv, x, upstream = DepthwiseConv(8, 5), torch.randn(2, 8, 16, 12), torch.randn(2, 8, 16, 12)
    exact = [g.clone() for g in gradients(conv, x, upstream)]
    with torch.autocast("cpu", torch.bfloat16):
        assert conv(x).dtype == torch.bfloat16
        rough = gradients(conv, x, upstream.bfloat16())
    for a, b in zip(exact, rough, strict=True):
        assert b.dtype == torch.float32
        assert (a - b).abs().mean() < 0.02 * a.std()


@pytest.mark.parametrize("size", [(5, 8, 4), (3, 16, 20), (1, 2, 2)])
@pytest.mark.parametrize("stride", [1, (1, 2, 2)])
@pytest.mark.parametrize("dilation", [1, (1, 6, 6), 3])
def test_volumes_have_the_output_and_gradients_of_the_plain_convolution(size, stride, dilation):
    conv, x = DepthwiseConv3d(4, 3, stride, dilation), torch.randn(2, 4, *size)
    given, weight = x.clone().requires_grad_(), conv.weight.detach().clone().requires_grad_()
    y = F.conv3d(given, weight, None, stride, conv.padding, dilation, 4)
    upstream = torch.randn_like(y)
    y.backward(upstream)
    torch.testing.assert_close(conv(x), y)
    found = gradients(conv, x, upstream)
    torch.testing.assert_close(found[0], given.grad, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(found[1], weight.grad, rtol=1e-4, atol=1e-4)


def test_a_bias_that_a_copy_for_prediction_has_got_is_added():
    conv, x = DepthwiseConv3d(4, 3, dilation=(1, 6, 6)), torch.randn(2, 4, 3, 8, 8)
    without = conv(x)
    conv.bias = torch.nn.Parameter(torch.arange(4.0))
    torch.testing.assert_close(conv(x), without + torch.arange(4.0).view(4, 1, 1, 1))


def test_gradients_of_volumes_are_float32_sums_of_what_bfloat16_gave():
    conv, x = DepthwiseConv3d(8, 3), torch.randn(2, 8, 4, 16, 12)
    with torch.autocast("cpu", torch.bfloat16):
        y = conv(x)
    assert y.dtype == torch.bfloat16
    rough = [g.clone() for g in gradients(conv, x.bfloat16().float(), torch.ones_like(x))]
    with torch.autocast("cpu", torch.bfloat16):
        found = gradients(conv, x, torch.ones_like(y))
    for a, b in zip(rough, found, strict=True):
        assert b.dtype == torch.float32
        assert (a - b).abs().mean() < 0.02 * a.std()


def test_only_what_reaches_the_input_is_kept_of_a_filter():
    weight = torch.arange(25.0).reshape(1, 1, 5, 5)
    kept, padding, dilation = within_reach(weight, (9, 4), (2, 4))
    assert kept.tolist() == [[[[2.0], [7.0], [12.0], [17.0], [22.0]]]]
    assert (padding, dilation) == ([4, 0], [2, 1])
