import math

import pytest
import torch

from spinelib.corruptions.scanner import bias, ghosting, noise, spacing

from .scenes import scene


def test_noise_is_rician():
    grey = torch.zeros(1, 1, 8, 64, 64)
    grey[..., 32:] = 0.8
    found = noise(grey, 0.05, scene(grey))
    # Where there is no signal, the magnitude has the mean of Rayleigh's distribution.
    assert found[..., :32].mean().item() == pytest.approx(0.05 * math.sqrt(math.pi / 2), rel=0.03)
    assert found[..., 32:].std().item() == pytest.approx(0.05, rel=0.03)


def test_the_field_is_smooth_and_within_its_reach():
    grey = torch.ones(2, 1, 6, 32, 32)
    found = bias(grey, 0.5, scene(grey, (1, 2)))
    assert found.amax((1, 2, 3, 4)).max().item() <= math.exp(0.5) + 1e-5
    assert found.log().abs().amax((1, 2, 3, 4)).tolist() == pytest.approx([0.5, 0.5], abs=1e-5)
    assert found.diff(dim=-1).abs().max() < 0.2


def test_ghosts_lie_along_the_rows():
    grey = torch.zeros(1, 1, 4, 64, 32)
    grey[..., 30:34, 15] = 1
    found = ghosting(grey, 0.4, scene(grey))
    assert found[..., :15].abs().max() == 0
    assert found[..., 30:34, 15].max() < 1
    assert (found[0, 0, 0, :, 15] > 0).sum() == 12


def test_thick_slices_average_their_neighbours():
    grey = torch.zeros(1, 1, 12, 8, 8)
    grey[:, :, ::2] = 1
    found = spacing(grey, 4.0, scene(grey))
    assert found.shape == grey.shape
    assert found.std() < 0.05
    assert found.mean().item() == pytest.approx(0.5, abs=0.01)
