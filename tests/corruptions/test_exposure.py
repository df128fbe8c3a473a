import pytest
import torch

from spinelib.corruptions import CORRUPTIONS, corrupt


def test_dose_is_poisson_and_bone_is_noisier():
    images = torch.full((1, 1, 200, 200), 128.0)
    images[..., 100:] = 200.0
    counts = CORRUPTIONS["dose"].levels[0]
    found = corrupt(CORRUPTIONS["dose"], images, torch.zeros((1, 200, 200), dtype=torch.uint8), 1, [0]).images
    dark, bright = (float(found[..., part].std()) / 254 for part in (slice(0, 100), slice(100, 200)))
    assert dark == pytest.approx(1 / 3.4 / counts**0.5, rel=0.05)
    assert bright > 1.4 * dark
