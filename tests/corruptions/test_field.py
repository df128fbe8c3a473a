import pytest
import torch

from spinelib.corruptions import CORRUPTIONS, SEVERITIES, corrupt

SIZES = {2: (128, 80), 3: (12, 96, 48)}


@pytest.mark.parametrize("dims", [2, 3])
@pytest.mark.parametrize("entry", [e for e in CORRUPTIONS.values() if e.moves], ids=lambda e: e.name)
def test_a_marked_pixel_and_its_label_move_together(entry, dims):
    size = SIZES[dims]
    images = torch.full((2, 1, *size), 20.0)
    labels = torch.zeros((2, *size), dtype=torch.uint8)
    where = (..., slice(30, 33), slice(17, 20))
    images[where], labels[where] = 250, 7
    for severity in SEVERITIES:
        found = corrupt(entry, images, labels, severity, [3, 4])
        for image, label in zip(found.images[:, 0], found.labels, strict=True):
            assert label.any()
            # The label lies where at least half of the grey has come from the marked pixels, to half a pixel.
            hit, lit = (label == 7).nonzero().float(), (image > 135).nonzero().float()
            assert torch.allclose(hit.mean(0), lit.mean(0), atol=0.5)
            assert float((((image > 135) != (label == 7)).sum()) / len(lit)) < 0.8
        moved = (found.labels == 7).nonzero().float().mean(0) - (labels == 7).nonzero().float().mean(0)
        assert severity < 5 or moved.abs().max() > 0.3


def test_a_crop_keeps_its_share_of_the_film_and_a_turn_its_area():
    images, labels = torch.full((1, 1, 60, 60), 100.0), torch.zeros((1, 60, 60), dtype=torch.uint8)
    labels[:, 24:36, 24:36] = 1
    crop, turn = CORRUPTIONS["crop"], CORRUPTIONS["rotation"]
    for severity, kept in enumerate(crop.levels, start=1):
        for seed in range(20):
            area = int(corrupt(crop, images, labels, severity, [seed]).labels.sum())
            if area and severity < 3:
                assert area == pytest.approx(144 / kept**2, rel=0.15)
    assert int(corrupt(turn, images, labels, 5, [0]).labels.sum()) == pytest.approx(144, rel=0.06)


def test_collimation_masks_the_share_that_it_says():
    images, labels = torch.full((4, 1, 120, 80), 200.0), torch.zeros((4, 120, 80), dtype=torch.uint8)
    entry = CORRUPTIONS["collimation"]
    for severity, share in enumerate(entry.levels, start=1):
        found = corrupt(entry, images, labels, severity, range(4)).images
        assert float((found <= 1).float().mean()) == pytest.approx(share, abs=0.03)
