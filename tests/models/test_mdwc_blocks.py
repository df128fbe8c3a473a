"""The blocks of MDWC-Net, each alone."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from spinelib.models.mdwc_blocks import BIEB, CBAM, DFCB, MSCAW, ASPPBlock

# Fresh running statistics are mean 0 and variance 1: normalising only divides by sqrt(1 + eps).
UNIT = (1 + 1e-5) ** 0.5


def parameters(module):
    return sum(p.numel() for p in module.parameters())


def scattered(block):
    """The block with weights that differ between branches and channels."""
    for vector in block.vectors:
        nn.init.normal_(vector)
    nn.init.normal_(block.shift)
    return block


class TestMSCAW:
    def test_it_is_the_weighted_sum_of_separable_convolutions(self):
        block, x = scattered(MSCAW(3, 8)).eval(), torch.randn(2, 3, 9, 7)
        total = 0
        for weight, branch, kernel in zip(block.weights(), block.branches, (1, 3, 5, 7), strict=True):
            y = F.conv2d(x, branch.depthwise.weight, padding=kernel // 2, groups=3)
            y = F.conv2d(y, branch.pointwise.weight) / UNIT
            y = y * block.scale.view(-1, 1, 1) + block.shift.view(-1, 1, 1)
            total = total + weight.view(-1, 1, 1) * y
        torch.testing.assert_close(block(x), torch.relu(total), rtol=1e-4, atol=1e-4)

    @pytest.mark.parametrize("kernel", [1, 3, 5, 7])
    def test_field_of_view(self, kernel):
        x = torch.zeros(1, 2, 15, 15, requires_grad=True)
        MSCAW(2, 32, [kernel]).eval()(x + 1)[0, :, 7, 7].sum().backward()
        assert (x.grad.abs().sum((0, 1)).nonzero() - 7).abs().max() == kernel // 2

    def test_weights_start_equal_and_sum_to_one(self):
        block = MSCAW(4, 8)
        assert torch.equal(block.weights(), torch.full((4, 8), 0.25))
        weights = scattered(block).weights()
        torch.testing.assert_close(weights.sum(dim=0), torch.ones(8))
        assert weights.std() > 0.05

    def test_a_step_against_the_gradient_raises_the_branch_that_helps(self):
        """The reading of equations (1) and (2): ordinary gradient updates of one vector per branch."""
        block, x = MSCAW(4, 4, (1, 3)), torch.randn(2, 4, 8, 8)
        wanted = 2 * block.normalise(block.branches[1](x), 1).detach()
        optimiser = torch.optim.SGD(block.vectors, lr=1.0)
        for _ in range(20):
            optimiser.zero_grad()
            sum_of_parts = sum(block.normalise(b(x), i, block.weights()[i]) for i, b in enumerate(block.branches))
            (sum_of_parts - wanted).square().mean().backward()
            optimiser.step()
        assert (block.weights()[1] > 0.6).all()

    def test_fixed_weights_have_no_parameter(self):
        fixed, learned = MSCAW(4, 8, learned=False), MSCAW(4, 8)
        assert parameters(learned) - parameters(fixed) == 4 * 8
        learned.load_state_dict(fixed.state_dict(), strict=False)
        x = torch.randn(2, 4, 8, 8)
        torch.testing.assert_close(fixed(x), learned(x))

    def test_statistics_are_kept_per_branch(self):
        block, x = MSCAW(2, 4), torch.randn(2, 2, 16, 16)
        block.train()(x)
        expected = 0.1 * torch.stack([branch(x).mean((0, 2, 3)) for branch in block.branches])
        torch.testing.assert_close(block.running_mean, expected)

    def test_only_dynamic_weights_follow_the_input(self):
        block = MSCAW(4, 8, dynamic=True).eval()
        one, two = (block.select(torch.randn(1, 8, 6, 6) + shift) for shift in (0, 3))
        torch.testing.assert_close(one.sum(dim=1), torch.ones(1, 8, 1, 1))
        assert (one - two).abs().max() > 0.01
        assert MSCAW(4, 8).select is None

    def test_concatenation_mixes_the_weighted_branches(self):
        block, x = MSCAW(3, 8, merge="concat").eval(), torch.randn(1, 3, 6, 6)
        assert block.mix[0].in_channels == 32
        before = block(x)
        nn.init.constant_(block.vectors[2], -20)  # silences the 5x5 branch
        nn.init.zeros_(block.branches[2].pointwise.weight)
        silent = block(x)
        nn.init.ones_(block.branches[2].pointwise.weight)
        torch.testing.assert_close(block(x), silent)
        assert not torch.allclose(before, silent)

    def test_several_filters_for_an_image_of_one_channel(self):
        block = MSCAW(1, 8, filters=8).eval()
        assert block.branches[3].depthwise.weight.shape == (8, 1, 7, 7)
        assert block(torch.randn(2, 1, 9, 9)).shape == (2, 8, 9, 9)


class TestDFCB:
    def test_the_product_complements_both(self):
        block = DFCB(8, 16, 8).eval()
        e, d = torch.randn(1, 8, 6, 6), torch.randn(1, 16, 6, 6)
        gate = torch.sigmoid(block.gate[0](e) / UNIT)
        content = torch.relu(block.reduce(d) / UNIT)
        both = torch.cat([gate + gate * content, content + gate * content], dim=1)
        torch.testing.assert_close(block(e, d), block.mix(both), rtol=1e-4, atol=1e-4)

    def test_reducing_before_resizing_is_the_same(self):
        block, d = DFCB(8, 16, 8), torch.randn(1, 16, 5, 4)
        late = block.reduce(F.interpolate(d, (10, 8), mode="bilinear"))
        early = F.interpolate(block.reduce(d), (10, 8), mode="bilinear")
        torch.testing.assert_close(early, late, rtol=1e-4, atol=1e-5)

    @pytest.mark.parametrize("gate", ["sigmoid", "exp"])
    def test_both_gates_stay_between_zero_and_one(self, gate):
        found = DFCB(8, 8, 8, gate).eval().gate(100 * torch.randn(2, 8, 6, 6))
        assert found.min() >= 0
        assert found.max() <= 1
        assert found.std() > 0.1


class TestBIEB:
    def test_upper_branch_gates_channels_by_average_and_maximum(self):
        upper, x = BIEB(32).upper, torch.randn(2, 32, 5, 4)
        gate = torch.sigmoid(upper.mlp(x.mean((2, 3), True)) + upper.mlp(x.amax((2, 3), True)))
        torch.testing.assert_close(upper(x), x * gate)

    def test_lower_branch_is_residual_and_starts_at_weight_one(self):
        lower, x = BIEB(8).lower, torch.randn(2, 8, 5, 4)
        nn.init.zeros_(lower.first[0].weight)
        nn.init.zeros_(lower.second[0].weight)
        torch.testing.assert_close(lower(x), x)
        nn.init.constant_(lower.factor, 0.5)
        torch.testing.assert_close(lower(x), x / 2)

    def test_both_branches_are_fused(self):
        block, x = BIEB(8).eval(), torch.randn(1, 8, 5, 4)
        torch.testing.assert_close(block(x), block.mix(torch.cat([block.upper(x), block.lower(x)], dim=1)))


class TestReplacements:
    def test_cbam_gates_by_channel_then_by_place(self):
        block, x = CBAM(16), torch.randn(2, 16, 9, 8)
        ratio = block(x) / block.channel(x)
        torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio), rtol=1e-4, atol=1e-4)
        assert 0 < ratio.min() < ratio.max() < 1

    def test_aspp_sees_far(self):
        x = torch.zeros(1, 2, 41, 41, requires_grad=True)
        block = ASPPBlock(2, 16).eval()
        nn.init.zeros_(block.average.weight)
        block(x + 1)[0, :, 20, 20].sum().backward()
        assert (x.grad.abs().sum((0, 1)).nonzero() - 20).abs().max() == 18
