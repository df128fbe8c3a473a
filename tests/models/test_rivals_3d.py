"""The four rivals of SAFNet: sizes against known figures, and what is particular to each."""

import pytest
import torch

from spinelib.models import build_model
from spinelib.models.size import count

INPUT = (1, 18, 256, 128)


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


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
        size = count(build_model(method, classes=19), INPUT)
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
