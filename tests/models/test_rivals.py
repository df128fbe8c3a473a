"""ResU-Net, Attention U-Net, PLU-Net and FCN-8s: their sizes against known figures, their blocks one by one."""

import pytest
import torch
from torch import nn

from spinelib.models import build_model
from spinelib.models.fcn8s import BilinearUp, FCN8s
from spinelib.models.plunet import LSBlock, PSBottom, SqueezeExcitation
from spinelib.models.size import count_operations


def images(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


# Millions of parameters and GMACs at 256x256 as counted on the ready-made or the authors' classes with two classes and
# fvcore, which also counts normalisation: ours have one logit. FCN-8s is apart.
@pytest.mark.parametrize(
    ("method", "params", "gmacs"),
    # ResU-Net is 25.97 M and 12.0 GMACs with a last stage of one channel per class; ours is as wide as the first stage:
    # a transposed convolution 128 -> 64 and a unit 64 -> 64 at full size.
    [
        ("resunet", 25.97 + (9 * 128 * 64 + 9 * 64 * 64) / 1e6, 12.0 + (9 * 128 / 4 + 9 * 64) * 64 * 65536 / 1e9),
        ("attention_unet", 31.74, 42.3),
        ("plunet", 25.10, 46.9),
    ],
)
def test_sizes_are_the_known_ones(method, params, gmacs):
    with torch.device("meta"):
        model = build_model(method)
    size = count_operations(model, (1, 256, 256))
    assert size.params == pytest.approx(params * 1e6, rel=0.001)
    assert size.gmacs == pytest.approx(gmacs, rel=0.005)


def test_fcn8s_has_its_known_parameters_and_works_on_a_smaller_map():
    with torch.device("meta"):
        model = build_model("fcn8s", in_channels=3, batch_norm=False)
    size = count_operations(model, (3, 256, 256))
    assert size.params == pytest.approx(134.27e6, rel=0.001)
    # The 73.3 GMACs of the original are VGG-16's convolutions on 454 px, from its padding by 100 px, and fc6 and fc7 at
    # 9x9 places. Here: the convolutions on 256 px (15.35 at 224x224), then fc6 and fc7 at 8x8 places.
    dense = 64 * (49 * 512 * 4096 + 4096**2) / 1e9
    assert size.gmacs == pytest.approx(15.35 * (256 / 224) ** 2 + dense, rel=0.01)
    with torch.device("meta"):
        normed = count_operations(build_model("fcn8s", in_channels=3), (3, 256, 256))
    # Scale and shift replace the bias in every convolution but the three score maps.
    assert 0 < normed.params - size.params < 20_000


def test_a_bilinear_enlargement_keeps_a_constant_and_a_ramp():
    up = BilinearUp(2, 8)
    flat = torch.full((1, 2, 3, 4), 2.5)
    torch.testing.assert_close(up(flat), torch.full((1, 2, 24, 32), 2.5))
    ramp = torch.arange(6.0).expand(1, 2, 6, 6)
    inner = up(ramp)[..., 8:-8]
    torch.testing.assert_close(inner.diff(dim=-1), torch.full_like(inner[..., 1:], 1 / 8))


@pytest.mark.parametrize("level", [0, 1, 2])
def test_fcn8s_listens_to_every_score_map(level):
    model = FCN8s(1, 1, 0.125).eval()
    x = images(1, 1, 64, 64)
    with torch.no_grad():
        before = model(x)
        nn.init.zeros_(model.scores[level].weight)
        assert (model(x) - before).abs().max() > 1e-4


def test_dropout_is_off_when_fcn8s_predicts():
    model = FCN8s(1, 1, 0.125).eval()
    x = images(1, 1, 32, 32)
    with torch.no_grad():
        assert torch.equal(model(x), model(x))


def test_attention_gates_close_and_open():
    model = build_model("attention_unet", width=0.125).eval()
    blocks = [module for name, module in model.named_modules() if name.endswith("attention")]
    assert len(blocks) == 4
    for block in blocks:
        channels = block.W_x[0].in_channels
        coarse, skip = images(2, channels, 6, 5), images(2, channels, 6, 5) + 1
        ratio = block(coarse, skip) / skip
        # One factor per place, the same in every channel.
        torch.testing.assert_close(ratio, ratio[:, :1].expand_as(ratio))
        assert ratio.min() > 0
        assert ratio.max() < 1
        for shift, expected in ((-40.0, 0 * skip), (40.0, skip)):
            nn.init.constant_(block.psi[1].bias, shift)
            torch.testing.assert_close(block(coarse, skip), expected)


def test_the_coarser_level_opens_the_attention_gate():
    block = build_model("attention_unet", width=0.125).eval().net.model[1].attention
    skip, coarse = images(1, 8, 6, 5), images(1, 8, 6, 5)
    assert not torch.allclose(block(coarse, skip), block(2 - coarse, skip))


def test_ls_block_sees_three_pixels_far_and_no_further():
    block = LSBlock(1, 8)
    block.mix = nn.Identity()  # the excitation sees the whole image
    x = images(1, 1, 15, 15).requires_grad_()
    block(x.detach())  # batch statistics reach everywhere; frozen ones do not
    block.eval()
    block(x)[0, :, 7, 7].sum().backward()
    reach = x.grad[0, 0].nonzero()
    assert reach.min() == 4
    assert reach.max() == 10
    assert len(reach) == 9 + 8


def test_ps_bottom_reaches_eighteen_pixels():
    bottom = PSBottom(16).eval()
    bottom.mix = nn.Identity()
    for branch in (bottom.reduce, *bottom.branches):
        branch[2] = nn.Identity()  # a pixel that ReLU cuts off passes nothing back
    x = images(1, 16, 41, 41).requires_grad_()
    bottom(x)[0, :, 20, 20].sum().backward()
    reach = x.grad[0].abs().sum(0).nonzero()
    assert reach.min() == 2
    assert reach.max() == 38
    assert len(reach) == 1 + 3 * 8


def test_excitation_only_ever_damps():
    x = images(2, 8, 5, 5)
    gate = SqueezeExcitation(8)(x) / x
    assert gate.min() >= 0
    assert gate.max() <= 1
    torch.testing.assert_close(gate.amax((2, 3)), gate.amin((2, 3)))


@pytest.mark.parametrize(
    ("method", "deeper"),
    [("resunet", "net.model.1.submodule"), ("attention_unet", "net.model.1.upconv"), ("plunet", "ups.0")],
)
def test_the_skip_alone_still_shows_the_image(method, deeper):
    model = build_model(method, width=0.125).eval()
    x = images(1, 1, 64, 64)
    moved = x.clone()
    moved[..., 31, 31] += 5
    with torch.no_grad():
        whole = model(x)
        model.get_submodule(deeper).register_forward_hook(lambda module, given, out: torch.zeros_like(out))
        silenced = model(x)
        change = (model(moved) - silenced).abs()[0, 0]
    assert not torch.allclose(whole, silenced)
    assert change.max() > 1e-3
    # What passes a skip stays where it was.
    assert change[24:40, 24:40].max() == change.max()
