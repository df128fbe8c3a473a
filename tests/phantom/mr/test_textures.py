import pytest
import torch

from spinelib.phantom.mr.textures import sized, texture


def test_noise_has_unit_variance_on_every_axis():
    many = torch.stack([texture((8, 24, 24), (2, 5, 5), torch.Generator().manual_seed(k)) for k in range(200)])
    assert many.shape[1:] == (8, 24, 24)
    assert many.var(0).mean().item() == pytest.approx(1, abs=0.1)
    assert many.mean().item() == pytest.approx(0, abs=0.05)


def test_bumps_have_the_size_asked_for():
    def roughness(mm):
        field = sized((4, 64, 64), (4.0, 1.0, 1.0), (8.0, mm, mm), torch.Generator().manual_seed(1))
        return field.diff(dim=1).abs().mean()

    assert roughness(3.0) > 2 * roughness(12.0)


def test_the_generator_decides_every_bit():
    one, again, other = (texture((4, 8, 8), (2, 3, 3), torch.Generator().manual_seed(seed)) for seed in (0, 0, 1))
    assert torch.equal(one, again)
    assert not torch.equal(one, other)
