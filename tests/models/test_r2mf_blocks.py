"""The blocks of R2MF-Net, each alone."""

import pytest
import torch
from torch import nn

from spinelib.models.r2mf_blocks import InceptionBlock, MCSkip, R2Jump, SCSELite, StepNorm


def parameters(module):
    return sum(p.numel() for p in module.parameters())


class TestInceptionBlock:
    def test_size_is_kept_and_channels_change(self):
        assert InceptionBlock(3, 16)(torch.randn(2, 3, 9, 7)).shape == (2, 16, 9, 7)

    @pytest.mark.parametrize(("dilation", "reach"), [(1, 2), (2, 2), (3, 3)])
    def test_field_of_view(self, dilation, reach):
        """Two 3x3 in a row see 2 pixels away, the dilated branch sees `dilation` pixels away."""
        block = InceptionBlock(1, 64, dilation).eval()
        x = torch.zeros(1, 1, 15, 15, requires_grad=True)
        block(x + 1)[0, :, 7, 7].sum().backward()
        seen = x.grad[0, 0].nonzero()
        assert (seen - 7).abs().max() == reach

    def test_shortcut_carries_the_input_past_silent_branches(self):
        block = InceptionBlock(4, 8).eval()
        nn.init.zeros_(block.mix[0].weight)
        x = torch.randn(1, 4, 6, 6)
        torch.testing.assert_close(block(x), torch.relu(block.shortcut(x)))


class TestR2Jump:
    def test_without_steps_only_a_linear_residual_remains(self):
        jump, x = R2Jump(8, steps=0), torch.randn(2, 8, 6, 5)
        torch.testing.assert_close(jump(x), x + jump.start(x))
        nn.init.zeros_(jump.start.weight)
        assert torch.equal(jump(x), x)

    def test_weights_are_shared_over_the_steps(self):
        assert parameters(R2Jump(8, 1)) == parameters(R2Jump(8, 2)) == parameters(R2Jump(8, 3))
        assert parameters(R2Jump(8, 0)) == 64

    def test_the_recurrence_is_the_stated_one(self):
        jump, e = R2Jump(4, steps=3).eval(), torch.randn(1, 4, 7, 7)
        state = start = jump.start(e)
        for _ in range(3):
            # Fresh statistics are mean 0 and variance 1: normalising only divides by sqrt(1 + eps).
            state = torch.relu((jump.input(start) + jump.recur(state)) / (1 + 1e-5) ** 0.5)
        torch.testing.assert_close(jump(e), e + state)

    def test_more_steps_see_further(self):
        def reach(steps):
            x = torch.zeros(1, 4, 21, 21, requires_grad=True)
            R2Jump(4, steps).eval()(x + torch.randn(1, 4, 21, 21))[0, :, 10, 10].sum().backward()
            return int((x.grad.abs().sum((0, 1)).nonzero() - 10).abs().max())

        assert [reach(steps) for steps in (0, 1, 2, 3)] == [0, 1, 2, 3]

    def test_alignment_reads_the_decoder(self):
        jump, e = R2Jump(4, 2, align_channels=6).eval(), torch.randn(1, 4, 8, 8)
        one, two = (jump(e, torch.randn(1, 6, 8, 8)) for _ in range(2))
        assert not torch.allclose(one, two)
        with pytest.raises(ValueError, match="decoder"):
            jump(e)

    def test_statistics_are_kept_per_step(self):
        norm = StepNorm(3, steps=2).train()
        norm(torch.randn(4, 3, 8, 8) + 5, 0)
        assert norm.running_mean[0].min() > 0.3
        assert torch.equal(norm.running_mean[1], torch.zeros(3))


class TestMCSkip:
    def test_every_coarse_level_matters(self):
        skip = MCSkip(8, [4, 8, 16]).eval()
        x = torch.randn(1, 8, 12, 10)
        coarse = [torch.randn(1, c, *size) for c, size in ((4, (24, 20)), (8, (12, 10)), (16, (6, 5)))]
        before = skip(x, coarse)
        assert before.shape == x.shape
        for level in range(3):
            changed = [c + (i == level) for i, c in enumerate(coarse)]
            assert not torch.allclose(skip(x, changed), before)

    def test_a_missing_level_is_an_error(self):
        with pytest.raises(ValueError, match="shorter"):
            MCSkip(8, [4, 8])(torch.randn(1, 8, 4, 4), [torch.randn(1, 4, 4, 4)])


class TestSCSELite:
    def test_no_fully_connected_layer_and_few_weights(self):
        block = SCSELite(64)
        assert not any(isinstance(m, nn.Linear) for m in block.modules())
        # channel gate 3 + 1, depthwise 64 * 9, spatial 64 + 1
        assert parameters(block) == 4 + 576 + 65

    def test_gates_by_channel_and_by_place(self):
        block, x = SCSELite(8), torch.randn(2, 8, 6, 5)
        ratio = block(x) / x
        assert ratio.min() > 0
        assert ratio.max() < 2
        # channel gate + spatial gate: second differences over channel and place vanish
        mixed = ratio - ratio[:, :1] - ratio[..., :1, :1] + ratio[:, :1, :1, :1]
        torch.testing.assert_close(mixed, torch.zeros_like(mixed), atol=1e-4, rtol=0)
