"""FCN-8s: its known size, its bilinear enlargement and its three score maps."""

import pytest
import torch
from torch import nn

from spinelib.models import build_model
from spinelib.models.fcn8s import BilinearUp, FCN8s
from spinelib.models.size import count_operations

from .made import noise


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
    x = noise(1, 1, 64, 64)
    with torch.no_grad():
        before = model(x)
        nn.init.zeros_(model.scores[level].weight)
        assert (model(x) - before).abs().max() > 1e-4


def test_dropout_is_off_when_fcn8s_predicts():
    model = FCN8s(1, 1, 0.125).eval()
    x = noise(1, 1, 32, 32)
    with torch.no_grad():
        assert torch.equal(model(x), model(x))
