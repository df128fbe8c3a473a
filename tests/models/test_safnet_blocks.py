"""The blocks of SAFNet against plain formulas, attention against the explicit product."""

import pytest
import torch
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

from spinelib.models.safnet_blocks import (
    ASPP,
    ChannelAttention,
    FeatureExtraction,
    FusionBranch,
    Gate,
    MultiscaleFusion,
    PositionAttention,
    ResidualUnit,
    Splicing,
)

from .made import noise

INPUT = (1, 18, 256, 128)
STATED = {"low": (128, 18, 64, 32), "middle": (128, 18, 32, 16), "high": (128, 18, 16, 8)}


@pytest.mark.parametrize("strided", ["first", "second"])
def test_features_have_the_stated_shapes(strided):
    with torch.device("meta"):
        extraction = FeatureExtraction(1, 32, 128, strided)
        shapes = [tuple(x.shape[1:]) for x in extraction(torch.zeros(1, *INPUT))]
    assert dict(zip(STATED, shapes, strict=True)) == STATED


def test_a_residual_unit_is_the_sum_of_its_branches():
    unit, x = ResidualUnit(4, 8).eval(), noise(2, 4, 3, 8, 6)
    assert unit(x).shape == (2, 8, 3, 4, 3)
    torch.testing.assert_close(unit(x), unit.deep(x) + unit.short(x))


def test_position_attention_is_the_explicit_softmax_product():
    attention, x = PositionAttention(16, start=0.7), noise(2, 16, 3, 4, 5)
    query, key, value = (part(x).flatten(2) for part in (attention.query, attention.key, attention.value))
    assert query.shape == (2, 2, 60)
    shares = torch.softmax(query.transpose(1, 2) @ key, dim=2)
    expected = x + 0.7 * (value @ shares.transpose(1, 2)).reshape(x.shape)
    torch.testing.assert_close(attention(x), expected, rtol=1e-4, atol=1e-5)


def test_position_attention_runs_in_a_fused_kernel():
    attention, x = PositionAttention(16), noise(2, 16, 3, 4, 5)
    expected = attention(x)
    with sdpa_kernel([SDPBackend.FLASH_ATTENTION]):
        torch.testing.assert_close(attention(x), expected)


def test_what_a_voxel_attends_to_is_its_row_of_the_product():
    attention, x = PositionAttention(16), noise(2, 16, 3, 4, 5)
    query, key = (part(x).flatten(2) for part in (attention.query, attention.key))
    row = torch.softmax(query.transpose(1, 2) @ key, dim=2)[:, (1 * 4 + 2) * 5 + 3]
    torch.testing.assert_close(attention.looks(x, (1, 2, 3)).flatten(1), row)


@pytest.mark.parametrize("mean", [False, True])
def test_channel_attention_is_the_explicit_softmax_product(mean):
    attention, x = ChannelAttention(0.3, mean), 0.1 * noise(2, 8, 3, 4, 5)
    flat = x.flatten(2)
    shares = torch.softmax(flat @ flat.transpose(1, 2) / (60 if mean else 1), dim=2)
    torch.testing.assert_close(attention.weights(x), shares)
    torch.testing.assert_close(attention(x), x + 0.3 * (shares @ flat).reshape(x.shape))


def test_aspp_reaches_as_far_as_its_rates():
    aspp, x = ASPP(4, 8, (1, 5)).eval(), noise(1, 4, 3, 32, 32)
    nn.init.zeros_(aspp.average.weight)
    x.requires_grad_()
    aspp(x)[0, :, 1, 16, 16].sum().backward()
    touched = {tuple(p) for p in x.grad[0].abs().sum(0).nonzero().tolist()}
    assert {h for _, h, _ in touched} == {11, 15, 16, 17, 21}
    assert {d for d, _, _ in touched} == {0, 1, 2}


def test_dilation_in_all_directions_reaches_other_slices():
    x = noise(1, 4, 9, 16, 16).requires_grad_()
    MultiscaleFusion(4, (2, 3, 4, 4), volume=True).eval()(x)[0, :, 4, 8, 8].sum().backward()
    assert x.grad[0, :, 0].abs().sum() > 0


def test_a_fusion_branch_adds_two_dilations():
    for pair in ("parallel", "series"):
        branch, x = FusionBranch(8, 2, (1, 4, 4), pair).eval(), noise(1, 8, 2, 16, 16)
        small = branch.reduce(x)
        both = branch.near(small) + branch.far(small) if pair == "parallel" else small + branch.far(branch.near(small))
        torch.testing.assert_close(branch(x), both)
        assert branch.far[0].dilation == (1, 4, 4)


def test_the_gate_sees_only_averages():
    high = noise(2, 8, 3, 4, 5)
    shuffled = high.flatten(2)[:, :, torch.randperm(60)].reshape(high.shape)
    for kind in ("sigmoid_conv", "conv", "excite", "plain"):
        gate = Gate(8, kind)
        torch.testing.assert_close(gate(high), gate(shuffled))
        assert 0 < gate(high).min() < gate(high).max() < 1
    torch.testing.assert_close(Gate(8, "plain")(high)[..., 0, 0, 0], torch.sigmoid(high.mean((2, 3, 4))))


def test_the_sigmoid_comes_before_the_attention_module_as_in_equations_6_and_7():
    high = noise(2, 8, 3, 4, 5)
    average = high.mean((2, 3, 4), keepdim=True)
    usual, other = Gate(8), Gate(8, "conv")
    other.load_state_dict(usual.state_dict())
    torch.testing.assert_close(usual(high), usual.module(average.sigmoid()).sigmoid())
    torch.testing.assert_close(other(high), usual.module(average).sigmoid())
    assert not torch.allclose(usual(high), other(high))


@pytest.mark.parametrize(("grid", "size"), [("low", (2, 8, 8)), ("middle", (2, 4, 4))])
def test_splicing_multiplies_and_joins(grid, size):
    low, middle, high = noise(1, 4, 2, 8, 8), noise(1, 4, 2, 4, 4), noise(1, 4, 2, 2, 2)
    splicing = Splicing(4, grid=grid).eval()
    assert splicing(low, middle, high).shape == (1, 4, *size)
    # A zero in a product is a zero: what is left of both features is what they are by themselves.
    flat = torch.zeros_like(middle)
    change = splicing(low, flat, high) - splicing(low, flat, -high)
    assert change.abs().max() == 0
    injected = Splicing(4, grid=grid, inject=True).eval()
    assert (injected(low, flat, high) - injected(low, flat, -high)).abs().max() > 0


@pytest.mark.parametrize("which", ["low", "middle"])
def test_separate_gates_let_either_feature_through_without_the_other(which):
    low, high = noise(1, 4, 2, 8, 8), noise(1, 4, 2, 2, 2)
    middle = noise(1, 4, 2, 8, 8).flip(-1)
    low, middle = (x if name == which else torch.zeros_like(x) for name, x in (("low", low), ("middle", middle)))
    splicing = Splicing(4, separate=True).eval()
    assert splicing.mix[0].in_channels == 16
    assert (splicing(low, middle, high) - splicing(low, middle, -high)).abs().max() > 0
