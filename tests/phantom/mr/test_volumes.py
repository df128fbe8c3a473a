import numpy as np
import pytest
import torch

from spinelib.core.structures import STRUCTURES
from spinelib.phantom import sample_anatomy
from spinelib.phantom.mr import scan
from spinelib.phantom.mr.chain import lying_chain
from spinelib.phantom.mr.volumes import majority

SIZE, SLICES = (128, 128), 13
NUMBER = {name: k for k, name in enumerate(STRUCTURES, 1)}


@pytest.fixture(scope="module")
def anatomy():
    return sample_anatomy(6, seed=21)


@pytest.fixture(scope="module")
def scans(anatomy):
    return [scan(anatomy[i], 3, SIZE, SLICES) for i in range(6)]


def middle(labels, name):
    return np.argwhere(labels == NUMBER[name]).mean(0)


def test_same_bits_whatever_the_threads(anatomy, scans):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        again = scan(anatomy[4], 3, SIZE, SLICES)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(again.image, scans[4].image)
    np.testing.assert_array_equal(again.labels, scans[4].labels)
    np.testing.assert_array_equal(again.spacing, scans[4].spacing)


def test_another_seed_is_another_scan(anatomy, scans):
    assert (scan(anatomy[4], 4, SIZE, SLICES).image != scans[4].image).mean() > 0.5


def test_shapes_types_and_spacing(scans):
    for made in scans:
        assert made.image.shape == made.labels.shape == (SLICES, *SIZE)
        assert (made.image.dtype, made.labels.dtype, made.spacing.dtype) == (np.int16, np.uint8, np.float32)
        assert 3.5 <= made.spacing[0] <= 5
        assert made.spacing[1] == made.spacing[2]
        assert 210 <= made.spacing[1] * SIZE[0] <= 390


def test_drawn_grids_keep_to_the_limit(anatomy):
    made = scan(anatomy[0], 1, limit=256)
    assert 12 <= made.image.shape[0] <= 20
    assert max(made.image.shape[1:]) <= 256


def test_the_lumbar_spine_is_always_shown_in_order_from_above(scans):
    for made in scans:
        names = ["L2", "L2/L3", "L3", "L3/L4", "L4", "L4/L5", "L5", "L5/S", "S"]
        rows = [middle(made.labels, name)[1] for name in names]
        assert (np.diff(rows) > 0).all()
        assert made.labels.max() <= len(STRUCTURES)


def test_labelled_levels_have_no_gap(scans):
    for made in scans:
        vertebrae = [k for k in range(1, 11) if (made.labels == k).any()]
        discs = [k for k in range(11, 20) if (made.labels == k).any()]
        assert vertebrae == list(range(1, len(vertebrae) + 1))
        assert discs == list(range(11, 11 + len(discs)))
        assert abs(len(vertebrae) - 1 - len(discs)) <= 1


def test_orientation_is_down_and_to_the_back(anatomy, scans):
    whole = scans[1].labels
    bodies = scan(anatomy[1], 3, SIZE, SLICES, bodies_only=True).labels
    arch = np.argwhere((whole == NUMBER["L3"]) & (bodies != NUMBER["L3"])).mean(0)
    body = middle(bodies, "L3")
    assert arch[2] > body[2] + 10 / scans[1].spacing[2]
    assert middle(whole, "S")[1] > middle(whole, "L5")[1]


def test_bodies_only_changes_labels_alone(anatomy, scans):
    bodies = scan(anatomy[2], 3, SIZE, SLICES, bodies_only=True)
    np.testing.assert_array_equal(bodies.image, scans[2].image)
    changed = bodies.labels != scans[2].labels
    assert changed.any()
    assert set(np.unique(bodies.labels[changed])) == {0}
    assert (scans[2].labels[changed] <= 10).all()


def test_bodies_have_the_size_of_the_anatomy(anatomy):
    made = scan(anatomy[3], 3, (256, 256), 15, bodies_only=True)
    chain = lying_chain(anatomy[3], np.random.default_rng(0), 30.0)
    k = int(np.flatnonzero(chain.label == NUMBER["L3"])[0])
    expected = chain.half[k]
    found = np.argwhere(made.labels == NUMBER["L3"])
    slice_ = made.labels[round(found[:, 0].mean())] == NUMBER["L3"]
    area = slice_.sum() * float(made.spacing[1] * made.spacing[2])
    assert area == pytest.approx(4 * expected[1] * expected[2], rel=0.25)


def test_fluid_is_brighter_than_marrow_and_healthy_discs_vary(scans):
    ratios = []
    for made in scans:
        body = np.median(made.image[np.isin(made.labels, [NUMBER[n] for n in ("L2", "L3", "L4")])])
        ratios += [np.median(made.image[made.labels == NUMBER[n]]) / body for n in ("L2/L3", "L3/L4", "L4/L5")]
        row = round(middle(made.labels, "L3")[1])
        assert made.image[:, row].max() > 1.5 * body
    assert np.ptp(ratios) > 0.2
    assert 0.1 < np.median(ratios) < 1.0


def test_patients_differ_in_field_grey_and_noise(scans):
    assert np.ptp([made.spacing[1] for made in scans]) > 0.1
    greys = [np.percentile(made.image, 95) for made in scans]
    assert max(greys) > 1.5 * min(greys)


def test_majority_counts_votes_and_the_middle_decides_ties():
    stack = torch.tensor([[1, 1, 2], [1, 2, 2], [0, 3, 2], [0, 2, 1], [3, 1, 1]], dtype=torch.uint8).view(5, 1, 1, 3)
    found = majority(stack).flatten().tolist()
    assert found[0] in (0, 1)
    assert found[0] == 0
    assert found[1] in (1, 2)
    assert found[2] == 2


@pytest.mark.parametrize("wrong", [{"size": (16, 64)}, {"limit": 8}, {"slices": 2}])
def test_bad_arguments_are_refused(anatomy, wrong):
    with pytest.raises(ValueError, match="at least"):
        scan(anatomy[0], 0, **wrong)
