"""Random affine maps: the grid of torch, rotation in pixels, scale, shift and flip as stated."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib.training.augmentation import geometry
from spinelib.training.augmentation.geometry import Geometry, warp

from .made import STILL


def test_the_grid_is_that_of_torch():
    maps = Geometry(shear=8).sample(5, (48, 20), torch.Generator().manual_seed(0))
    expected = torch.nn.functional.affine_grid(maps, [5, 1, 48, 20], align_corners=False)
    torch.testing.assert_close(geometry._grid(maps, 48, 20), expected, rtol=0, atol=1e-6)


def test_rotation_is_the_stated_one_in_pixels_on_oblong_images():
    image = torch.zeros(1, 1, 64, 32)
    image[0, 0, 20:44, 14:18] = 1
    geometry, found, expected = replace(STILL, rotation=20), [], []
    for seed in range(6):
        maps = geometry.sample(1, (64, 32), torch.Generator().manual_seed(seed))
        turned, _ = warp(image, image, maps)
        assert abs(turned.sum() / image.sum() - 1) < 0.02
        points = np.argwhere(turned[0, 0].numpy() > 0.5)
        along = np.linalg.svd(points - points.mean(0))[2][0]
        found.append(np.degrees(np.arctan(along[1] / along[0])))
        unit = torch.rand(6, 1, generator=torch.Generator().manual_seed(seed))[0].item()
        expected.append(20 * (2 * unit - 1))
    np.testing.assert_allclose(np.abs(found), np.abs(expected), atol=2.5)
    assert abs(np.corrcoef(found, expected)[0, 1]) > 0.99, "one sense of rotation"
    assert np.ptp(found) > 10


def test_scale_shift_and_flip_are_the_stated_ones():
    image = torch.zeros(1, 1, 40, 40)
    image[0, 0, 15:25, 8:18] = 1
    random = torch.Generator().manual_seed(0)
    larger, _ = warp(image, image, replace(STILL, scale=(1.5, 1.5)).sample(1, (40, 40), random))
    assert larger.sum() / image.sum() == pytest.approx(2.25, rel=0.03)
    mirrored, marks = warp(image, image, replace(STILL, flip=1.0).sample(1, (40, 40), random))
    torch.testing.assert_close(mirrored, image.flip(-1))
    assert torch.equal(marks, image.flip(-1))
    offsets = replace(STILL, shift=0.1).sample(200, (40, 40), random)[:, :, -1] * 20
    assert 3.5 < offsets.abs().max() <= 4.0
