import torch

from spinelib.prediction.normalisation import film_area
from spinelib.training.augmentation.augment import Augment
from spinelib.training.augmentation.geometry import Geometry

from .made import SILENT, STILL


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


def test_volumes_move_in_the_plane_of_their_slices():
    volume = torch.zeros(2, 1, 5, 32, 32)
    volume[:, :, 2, 8:24, 12:20] = 200
    labels = (volume[:, 0] > 0).to(torch.uint8)
    moved = Augment(seed=5)(volume, labels)
    assert moved.images.shape == volume.shape
    assert moved.labels[:, 2].any()
    assert not moved.labels[:, [0, 1, 3, 4]].any()
