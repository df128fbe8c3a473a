"""The four rivals of SAFNet: sizes against known figures, and what is particular to each."""

import pytest
import torch

from spinelib.models import build_model
from spinelib.models.cfnet3d import CFNet3D, ChannelNorm, PyramidStage, Transition
from spinelib.models.deeplabv3_3d import SeparablePyramid, XceptionBlock
from spinelib.models.resunet3d import ResUNet3D
from spinelib.models.size import count_operations
from spinelib.models.unet3d import UNet3D

INPUT = (1, 18, 256, 128)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_the_3d_unet_is_that_of_its_paper():
    with torch.device("meta"):
        model = UNet3D(3, 3, widths=(64, 128, 256, 512), stride=(2, 2, 2))
    kernels = sum(p.numel() for p in model.parameters() if p.dim() > 1)
    biases = sum(m.num_features for m in model.modules() if isinstance(m, torch.nn.BatchNorm3d)) + 3
    # The paper's own figure counts kernels and the biases of convolutions, not the normalisation.
    assert kernels + biases == 19_069_955


# Counted on the versions that SpineParseNet compared with (20 classes): U-Net with enlargement by repetition,
# DeepLabV3 of the same widths; and on MONAI's own class, which ends in a convolution to the classes at full size.
@pytest.mark.parametrize(
    ("method", "params", "gmacs", "tolerance"),
    [
        ("unet3d", 1.02, 60.8, 0.1),
        ("resunet3d", 4.78, 75.4, 0.2),
        ("deeplabv3_3d", 4.13, 36.9, 0.25),
        ("cfnet3d", 7.65, 36.3, 0.01),
    ],
)
def test_sizes_are_near_the_known_ones(method, params, gmacs, tolerance):
    with torch.device("meta"):
        size = count_operations(build_model(method, classes=19), INPUT)
    assert size.params == pytest.approx(params * 1e6, rel=tolerance)
    assert size.gmacs == pytest.approx(gmacs, rel=tolerance)


@pytest.mark.parametrize("method", ["unet3d", "resunet3d", "deeplabv3_3d", "cfnet3d"])
def test_every_number_of_slices_is_good(method):
    model = build_model(method, classes=3, width=0.125).eval()
    with torch.no_grad():
        for slices in (1, 2, 7):
            assert model(noise(1, 1, slices, 16, 16)).shape == (1, 4, slices, 16, 16)


@pytest.mark.parametrize("method", ["safnet", "unet3d", "resunet3d", "deeplabv3_3d", "cfnet3d"])
def test_a_batch_of_one_small_volume_can_train(method):
    model = build_model(method, classes=3, width=0.125).train()
    model(noise(1, 1, 2, 16, 32))["logits"].square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_the_residual_unet_does_not_depend_on_its_batch_in_training():
    model, x = ResUNet3D(width=0.125).train(), noise(3, 1, 2, 16, 16)
    with torch.no_grad():
        torch.testing.assert_close(model(x)["logits"][:1], model(x[:1])["logits"], rtol=1e-4, atol=1e-5)


def test_an_xception_block_halves_rows_and_columns_but_not_slices():
    assert XceptionBlock(4, 8).eval()(noise(1, 4, 5, 8, 6)).shape == (1, 8, 5, 4, 3)


def test_the_separable_pyramid_keeps_the_size():
    pyramid = SeparablePyramid(4, 8, [(1, 6, 6), (1, 12, 12), (1, 18, 18)]).eval()
    assert pyramid(noise(1, 4, 3, 5, 4)).shape == (1, 8, 3, 5, 4)


def test_channel_norm_makes_each_voxel_mean_zero_and_variance_one():
    y = ChannelNorm(8)(5 + 3 * noise(2, 8, 2, 3, 4))
    torch.testing.assert_close(y.mean(1), torch.zeros(2, 2, 3, 4), atol=1e-5, rtol=0)
    torch.testing.assert_close(y.var(1, unbiased=False), torch.ones(2, 2, 3, 4), atol=1e-3, rtol=0)


@pytest.mark.parametrize("merge", ["add", "concat"])
def test_a_transition_hears_every_scale(merge):
    stage, transition = PyramidStage((4, 8, 12)), Transition((4, 8, 12), merge)
    maps = stage(noise(1, 4, 2, 8, 8))
    assert [tuple(m.shape[1:]) for m in maps] == [(4, 2, 8, 8), (8, 2, 4, 4), (12, 2, 2, 2)]
    fused = transition(maps)
    assert fused.shape == maps[0].shape
    for level in range(3):
        silent = [m if i != level else torch.zeros_like(m) for i, m in enumerate(maps)]
        assert (transition(silent) - fused).abs().max() > 1e-4


def test_cfnet_has_as_many_stages_as_asked():
    assert len(CFNet3D(width=0.125, stages=2).transitions) == 1
