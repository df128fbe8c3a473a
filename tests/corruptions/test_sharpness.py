import pytest
import torch

from spinelib.corruptions.sharpness import blur, motion, resolution

from .scenes import scene


@pytest.fixture
def dot():
    grey = torch.zeros(1, 1, 256, 96)
    grey[..., 128, 48] = 1
    return grey


def test_a_blurred_dot_keeps_its_sum_and_spreads_by_sigma(dot):
    found = blur(dot, 2.0, scene(dot))[0, 0]
    assert found.sum().item() == pytest.approx(1, abs=1e-3)
    rows = torch.arange(256.0) - 128
    assert (found.sum(1) * rows**2).sum().sqrt().item() == pytest.approx(2.0, rel=0.1)


def test_movement_smears_a_dot_along_one_line(dot):
    found = motion(dot, 20.0, scene(dot, (4,)))[0, 0]
    assert found.sum().item() == pytest.approx(1, abs=1e-3)
    places = (found > 0.02).nonzero().float()
    spread = torch.linalg.svdvals(places - places.mean(0)) / len(places) ** 0.5
    assert spread[0] > 4
    assert spread[1] < 1


def test_lines_finer_than_a_pixel_are_lost():
    grey = torch.zeros(1, 1, 64, 64)
    grey[..., ::2] = 1
    found = resolution(grey, 4.0, scene(grey))
    assert found.shape == grey.shape
    assert found[..., 16:48].std() < 0.1
    assert found.mean().item() == pytest.approx(0.5, abs=0.02)
