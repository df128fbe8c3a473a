"""Elastic deformation: as large and as smooth as said, one field for all slices, labels on their image."""

import math
from dataclasses import replace

import pytest
import torch

from spinelib.training.augmentation.augment import Augment
from spinelib.training.augmentation.elastic import Elastic

ALWAYS = Elastic(probability=1.0)


def drawn(elastic, count=8, size=(64, 32), seed=0):
    return elastic.sample(count, size, torch.Generator().manual_seed(seed), torch.device("cpu"))


@pytest.mark.parametrize("size", [(256, 128), (64, 32)])
def test_displacements_have_the_stated_size_at_any_grid(size):
    field = drawn(ALWAYS, 6, size)
    assert field.shape == (6, *size, 2)
    pixels = field * torch.tensor([size[1], size[0]]) / 2
    expected = 15 / (2 * math.sqrt(math.pi) * 3) * size[0] / 256
    assert pixels.std(dim=(0, 1, 2)).tolist() == pytest.approx([expected] * 2, rel=0.15)
    assert pixels.mean().abs() < 0.1 * expected


def test_the_field_is_a_gaussian_s():
    field = drawn(ALWAYS, 6, (256, 128))[..., 0]
    # White noise smoothed with sigma is correlated as exp(-d^2 / (4 sigma^2)) over a distance d.
    for distance in (3, 6):
        found = (field[:, distance:] * field[:, :-distance]).mean() / field.square().mean()
        assert found.item() == pytest.approx(math.exp(-(distance**2) / 36), abs=0.08)


def test_its_probability_is_kept_and_the_others_stay():
    field = drawn(Elastic(probability=0.3), 400, (16, 8))
    moved = field.flatten(1).abs().amax(1) > 0
    assert 0.2 < moved.float().mean() < 0.4
    assert (drawn(replace(ALWAYS, probability=0.0)) == 0).all()


def test_same_generator_same_field_and_the_global_one_is_left_alone():
    before = torch.get_rng_state()
    assert torch.equal(drawn(ALWAYS, seed=4), drawn(ALWAYS, seed=4))
    assert not torch.equal(drawn(ALWAYS, seed=4), drawn(ALWAYS, seed=5))
    assert torch.equal(before, torch.get_rng_state())


def test_all_slices_of_a_volume_move_alike():
    plane = torch.zeros(64, 32)
    plane[16:48, 8:24] = 200
    volume = plane.expand(2, 1, 5, 64, 32).contiguous()
    labels = (volume[:, 0] > 0).to(torch.uint8)
    moved = Augment(None, None, 3, replace(ALWAYS, alpha=60.0))(volume, labels)
    assert not torch.equal(moved.labels, labels)
    for k in range(5):
        torch.testing.assert_close(moved.images[:, :, k], moved.images[:, :, 0])
        assert torch.equal(moved.labels[:, k], moved.labels[:, 0])
    assert not torch.equal(moved.labels[0], moved.labels[1]), "each case has a field of its own"


def test_labels_stay_on_their_image():
    image = torch.zeros(4, 1, 64, 32)
    image[:, :, 16:48, 8:24] = 200
    labels = (image[:, 0] > 0).to(torch.uint8)
    moved = Augment(None, None, 1, replace(ALWAYS, alpha=60.0))(image + 20, labels)
    sure = (moved.images[:, 0] < 25) | (moved.images[:, 0] > 215)
    assert torch.equal((moved.images[:, 0] > 120)[sure], moved.labels[sure].bool())
    assert (moved.labels != labels).any(dim=(1, 2)).all()


def test_off_draws_nothing_and_on_goes_on_exactly():
    image, labels = torch.full((2, 1, 16, 8), 90, dtype=torch.uint8), torch.ones(2, 16, 8, dtype=torch.uint8)
    plain, without = Augment(seed=2), Augment(seed=2, elastic=None)
    assert torch.equal(plain(image, labels).images, without(image, labels).images)
    first, later = Augment(seed=2, elastic=ALWAYS), Augment(seed=9, elastic=ALWAYS)
    first(image, labels)
    later.state = first.state
    assert torch.equal(first(image, labels).images, later(image, labels).images)
