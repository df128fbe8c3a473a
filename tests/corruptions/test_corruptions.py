"""Every corruption of the table: shape, greys, labels, seeds, severities; and what makes a registered one."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.corruptions import CORRUPTIONS, SEVERITIES, Corruption, Draws, case_seeds, chosen, corrupt
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


def test_dose_is_poisson_and_bone_is_noisier():
    images = torch.full((1, 1, 200, 200), 128.0)
    images[..., 100:] = 200.0
    counts = CORRUPTIONS["dose"].levels[0]
    found = corrupt(CORRUPTIONS["dose"], images, torch.zeros((1, 200, 200), dtype=torch.uint8), 1, [0]).images
    dark, bright = (float(found[..., part].std()) / 254 for part in (slice(0, 100), slice(100, 200)))
    assert dark == pytest.approx(1 / 3.4 / counts**0.5, rel=0.05)
    assert bright > 1.4 * dark


def test_collimation_masks_the_share_that_it_says():
    images, labels = torch.full((4, 1, 120, 80), 200.0), torch.zeros((4, 120, 80), dtype=torch.uint8)
    entry = CORRUPTIONS["collimation"]
    for severity, share in enumerate(entry.levels, start=1):
        found = corrupt(entry, images, labels, severity, range(4)).images
        assert float((found <= 1).float().mean()) == pytest.approx(share, abs=0.03)


def test_metal_lies_on_the_labelled_column():
    images, labels = torch.full((1, 1, 128, 96), 60.0), torch.zeros((1, 128, 96), dtype=torch.uint8)
    for row in range(10, 120):
        middle = 30 + row // 4
        labels[0, row, middle - 4 : middle + 4] = 1
    lit = corrupt(CORRUPTIONS["metal"], images, labels, 5, [0]).images[0, 0] > 200
    rows, columns = lit.nonzero().float().T
    assert len(rows) > 50
    assert (columns - (30 + rows / 4)).abs().max() < 7


def test_severities_and_axes_that_there_are_not_are_refused():
    images, labels = batch(2)
    for severity in (-1, 6):
        with pytest.raises(ValueError, match="severity"):
            corrupt(CORRUPTIONS["blur"], images, labels, severity, SEEDS)
    with pytest.raises(ValueError, match="2 axes"):
        corrupt(CORRUPTIONS["noise"], images, labels, 1, SEEDS)


def test_every_line_of_the_table_keeps_the_contract():
    assert len(CORRUPTIONS) == 18
    for name, entry in CORRUPTIONS.items():
        assert entry.name == name
        assert entry.title
        assert entry.unit
        assert len(entry.levels) == len(SEVERITIES)
        steps = np.diff(entry.levels)
        assert (steps > 0).all() or (steps < 0).all() or not steps.any()
        assert callable(entry.change)
        assert entry.change.__doc__


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


def test_names_are_chosen_by_axes_and_misspelt_ones_are_named():
    assert [entry.name for entry in chosen(["blur", "noise", "dose"], 3)] == ["blur", "noise"]
    assert {entry.name for entry in chosen([], 2)} & {"noise", "bias", "ghosting", "spacing"} == set()
    with pytest.raises(BadInput, match="rotation"):
        chosen(["rotatoin"], 2)


def test_seeds_belong_to_case_and_corruption_and_draws_to_the_image():
    assert case_seeds(["a", "b"], "blur") == [case_seeds(["a"], "blur")[0], case_seeds(["b"], "blur")[0]]
    assert len({*case_seeds(["a", "b"], "blur"), *case_seeds(["a"], "dose"), *case_seeds(["a"], "blur", 1)}) == 4
    both, one = Draws([5, 6]), Draws([6])
    assert torch.equal(both.uniform(3)[1], one.uniform(3)[0])
    assert torch.equal(both.normal((2, 2))[1], one.normal((2, 2))[0])
    rates = torch.full((1, 50), 30.0)
    assert torch.equal(both.poisson(rates.repeat(2, 1))[1], one.poisson(rates)[0])
