"""Every corruption of the table: shape, greys, labels, seeds, severities; and what makes a registered one."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from spinelib.corruptions import CORRUPTIONS, SEVERITIES, Corruption, corrupt
from spinelib.models.method import resolve
from spinelib.prediction.normalisation import film_area

SEEDS = [11, 12, 13]
SIZES = {2: (128, 80), 3: (12, 96, 48)}
EVERY = [(entry, dims) for entry in CORRUPTIONS.values() for dims in (2, 3) if entry.fits(dims)]
each = pytest.mark.parametrize(("entry", "dims"), EVERY, ids=lambda x: x.name if isinstance(x, Corruption) else f"{x}d")


def batch(dims, kind=torch.uint8):
    """Three images with a bright column on waves, letterboxed in columns, and their class maps."""
    size = SIZES[dims]
    y, x = np.mgrid[: size[-2], : size[-1]]
    images, labels = np.zeros((3, 1, *size)), np.zeros((3, *size), np.uint8)
    for i in range(3):
        column = (abs(x - size[-1] / 2 - 3 * np.sin(y / 9 + i)) < 4) & (abs(y - size[-2] / 2) < size[-2] * 0.4)
        grey = 110 + 50 * np.sin(x / 5 + i) * np.cos(y / 7) + 60 * column
        depth = 1 + 0.2 * np.sin(np.arange(size[0]))[:, None, None] if dims == 3 else 1
        images[i, 0] = np.clip(grey * depth, 1, 255)
        labels[i] = column * (1 + (y > size[-2] / 2))
    images[..., :3] = 0
    labels[..., :3] = 0
    return torch.from_numpy(images.round()).to(kind), torch.from_numpy(labels)


def distance(entry, dims, severity):
    images, labels = batch(dims, torch.float32)
    found = corrupt(entry, images, labels, severity, SEEDS).images
    return float((found - images).square().mean().sqrt())


@each
def test_shape_kind_and_range_stay_and_the_inputs_are_not_touched(entry, dims):
    for kind in (torch.uint8, torch.float32):
        images, labels = batch(dims, kind)
        before = images.clone(), labels.clone()
        for severity in (1, 5):
            found = corrupt(entry, images, labels, severity, SEEDS)
            assert found.images.shape == images.shape
            assert found.images.dtype == kind
            assert found.labels.shape == labels.shape
            assert found.labels.dtype == torch.uint8
            assert torch.isfinite(found.images.float()).all()
            assert found.images.float().min() >= 0
            assert found.images.float().max() <= 255
        assert not torch.equal(found.images, images)
        assert torch.equal(images, before[0])
        assert torch.equal(labels, before[1])


@each
def test_each_severity_is_further_from_the_clean_image(entry, dims):
    far = [distance(entry, dims, severity) for severity in (0, *SEVERITIES)]
    assert far[0] == 0
    assert far[1] > 0
    if len(set(entry.levels)) == 1:
        assert far[1:] == [far[1]] * 5
    elif entry.name == "motion":
        assert far[5] > far[3] > far[1]
    else:
        assert all(later > earlier for earlier, later in pairwise(far)), far


@each
def test_labels_stay_and_so_does_the_film_unless_the_geometry_moves(entry, dims):
    images, labels = batch(dims)
    found = corrupt(entry, images, labels, 4, SEEDS)
    if entry.moves:
        assert not torch.equal(found.labels, labels)
        assert set(found.labels.unique().tolist()) <= {0, 1, 2}
        return
    assert torch.equal(found.labels, labels)
    assert torch.equal(film_area(found.images), film_area(images))
    assert torch.equal(found.area, film_area(images))


@each
def test_a_batch_is_what_its_images_are_one_by_one(entry, dims):
    images, labels = batch(dims)
    together = corrupt(entry, images, labels, 3, SEEDS)
    for i, seed in enumerate(SEEDS):
        alone = corrupt(entry, images[i : i + 1], labels[i : i + 1], 3, [seed])
        assert (alone.images[0].int() - together.images[i].int()).abs().max() <= 1
        assert torch.equal(alone.labels[0], together.labels[i])


@each
def test_the_same_seeds_give_the_same_bits_and_others_do_not(entry, dims):
    images, labels = batch(dims)
    first, again, other = (corrupt(entry, images, labels, 3, seeds).images for seeds in (SEEDS, SEEDS, [1, 2, 3]))
    assert torch.equal(first, again)
    drawn = entry.name not in ("contrast", "inverted", "blur", "resolution", "spacing")
    assert torch.equal(first, other) != drawn


def test_a_blank_image_and_one_without_labels_are_no_obstacle():
    for entry, dims in EVERY:
        images, labels = batch(dims)
        images[0], labels[1] = 0, 0
        found = corrupt(entry, images, labels, 5, SEEDS)
        assert not found.images[0].any()
        assert torch.isfinite(found.images.float()).all()


def test_severities_and_axes_that_there_are_not_are_refused():
    images, labels = batch(2)
    for severity in (-1, 6):
        with pytest.raises(ValueError, match="severity"):
            corrupt(CORRUPTIONS["blur"], images, labels, severity, SEEDS)
    with pytest.raises(ValueError, match="2 axes"):
        corrupt(CORRUPTIONS["noise"], images, labels, 1, SEEDS)


def test_a_new_corruption_is_a_function_and_a_line(monkeypatch):
    def darker(grey, share, scene):
        return grey * (1 - share)

    monkeypatch.setattr("spinelib.corruptions.exposure.darker", darker, raising=False)
    entry = Corruption("darker", "darker", "exposure", (0.1, 0.2, 0.3, 0.4, 0.5), "share", 2)
    elsewhere = Corruption("d", "d", "x", entry.levels, "share", 2, function="spinelib.corruptions.exposure:darker")
    assert resolve("spinelib.corruptions.exposure:darker") is entry.change is elsewhere.change
    images, labels = batch(2)
    assert corrupt(entry, images, labels, 5, SEEDS).images.float().mean() < 0.6 * images.float().mean()
    with pytest.raises(ValueError, match="one level"):
        Corruption("short", "short", "exposure", (1, 2), "share")
