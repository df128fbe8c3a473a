from dataclasses import fields, replace

import numpy as np
import pytest
import torch
from scipy import ndimage

from spinelib.prediction.normalisation import film_area
from spinelib.training.augmentation import geometry
from spinelib.training.augmentation.augment import Augment
from spinelib.training.augmentation.geometry import Geometry, warp
from spinelib.training.augmentation.intensity import Intensity

STILL = Geometry(rotation=0, scale=(1, 1), shift=0, shear=0, flip=0)
SILENT = Intensity(**{field.name: (0, *getattr(Intensity(), field.name)[1:]) for field in fields(Intensity)})


@pytest.fixture
def batch(toy_cases):
    return torch.from_numpy(toy_cases.images[:8]), torch.from_numpy(toy_cases.labels[:8])


def test_nothing_switched_on_changes_nothing(batch):
    images, labels = batch
    for augment in (Augment(STILL, SILENT), Augment(None, None)):
        moved = augment(images, labels)
        torch.testing.assert_close(moved.images, images.float(), atol=0.01, rtol=0)
        assert torch.equal(moved.labels, labels)
        assert torch.equal(moved.area, film_area(images))


def test_same_seed_same_batches_and_state_goes_on_exactly(batch):
    first, second = Augment(seed=3), Augment(seed=3)
    for _ in range(3):
        one, two = first(*batch), second(*batch)
        assert all(torch.equal(a, b) for a, b in zip(one, two, strict=True))
    state, expected = first.state, first(*batch)
    later = Augment(seed=99)
    later.state = state
    assert torch.equal(later(*batch).images, expected.images)
    assert not torch.equal(Augment(seed=4)(*batch).images, Augment(seed=3)(*batch).images)


def test_global_random_numbers_are_left_alone(batch):
    before = torch.get_rng_state()
    Augment()(*batch)
    assert torch.equal(before, torch.get_rng_state())


def test_inputs_are_not_changed(batch):
    images, labels = (part.clone() for part in batch)
    Augment()(images, labels)
    Augment(None)(images.float(), labels)
    assert torch.equal(images, batch[0])
    assert torch.equal(labels, batch[1])


def test_labels_stay_on_their_image(batch):
    _, labels = batch
    geometry = Geometry(rotation=25, scale=(0.7, 1.4), shift=0.1, shear=8)
    moved = Augment(geometry, None, seed=1)(labels[:, None] * 255, labels)
    assert not torch.equal(moved.labels, labels)
    # Nearest and bilinear place the edge within half a pixel of each other.
    sure = (moved.images[:, 0] < 1) | (moved.images[:, 0] > 254)
    guess = moved.images[:, 0] > 127.5
    assert torch.equal(guess[sure], moved.labels[sure].bool())
    assert (guess == moved.labels.bool()).float().mean() > 0.95
    assert set(moved.labels.unique().tolist()) <= {0, 1}


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


def test_volumes_move_in_the_plane_of_their_slices():
    volume = torch.zeros(2, 1, 5, 32, 32)
    volume[:, :, 2, 8:24, 12:20] = 200
    labels = (volume[:, 0] > 0).to(torch.uint8)
    moved = Augment(seed=5)(volume, labels)
    assert moved.images.shape == volume.shape
    assert moved.labels[:, 2].any()
    assert not moved.labels[:, [0, 1, 3, 4]].any()


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
