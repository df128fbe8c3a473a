"""Random changes of grey level, one by one."""

from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from spinelib.training.augmentation.augment import Augment
from spinelib.training.augmentation.intensity import Intensity

from .made import SILENT


@pytest.mark.parametrize("name", [field.name for field in fields(Intensity)])
def test_each_change_acts_within_range_and_leaves_geometry_alone(batch, name):
    images, labels = batch
    low, high = getattr(Intensity(), name)[1:]
    moved = Augment(None, replace(SILENT, **{name: (1.0, low, high)}), seed=2)(images, labels)
    assert torch.equal(moved.labels, labels)
    changed = (moved.images - images).abs().flatten(1).amax(1)
    assert (changed > 0.5).all()
    assert moved.images.min() >= 0
    assert moved.images.max() <= 255.01
    assert not moved.images[:, :, :, 0].any(), "outside the film stays 0"


def test_probability_is_kept(batch):
    images, labels = batch
    augment = Augment(None, replace(SILENT, invert=(0.25, 1, 1)), seed=0)
    changed = [(augment(images, labels).images - images).abs().flatten(1).amax(1) > 1 for _ in range(100)]
    assert 0.2 < torch.cat(changed).float().mean() < 0.3


def test_blur_equals_scipy(batch):
    images, labels = batch
    film = images[:, :, :, 1:]
    moved = Augment(None, replace(SILENT, blur=(1.0, 1.0, 1.0)))(film, labels[:, :, 1:])
    expected = ndimage.gaussian_filter(film[0, 0].numpy().astype(float), 1.0, mode="nearest", radius=3)
    np.testing.assert_allclose(moved.images[0, 0].numpy(), expected, atol=0.01)
