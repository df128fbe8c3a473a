import numpy as np
import pytest
import torch

from spinelib.phantom import films, sample_anatomy
from spinelib.phantom.lateral import LABELLED_LEVELS, VIEWS, lateral_films, straightened
from spinelib.phantom.sagittal import LATERAL_LEVELS

SIZE = (200, 160)


@pytest.fixture(scope="module")
def anatomy():
    return straightened(sample_anatomy(7, seed=11))


@pytest.fixture(scope="module")
def made(anatomy):
    return {view: lateral_films(anatomy, view, SIZE, seed=4) for view in VIEWS}


def test_coronal_films_do_not_change_when_lateral_ones_are_made(anatomy):
    # What a process draws first must not matter: stamps are cached, generators and threads are shared.
    before = films(anatomy[:3], "coronal", (128, 64), 5)
    lateral_films(anatomy[:2], "lateral_cervical", SIZE, 5)
    lateral_films(anatomy[:2], "lateral_lumbar", SIZE, 5)
    after = films(anatomy[:3], "coronal", (128, 64), 5)
    for name, values in vars(before).items():
        np.testing.assert_array_equal(values, getattr(after, name), err_msg=name)


@pytest.mark.parametrize("view", VIEWS)
def test_same_bits_whatever_the_batch_and_the_threads(anatomy, made, view):
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        part = lateral_films(anatomy[[5, 2]], view, SIZE, seed=4)
    finally:
        torch.set_num_threads(threads)
    for name in ("images", "vertebrae", "corners", "facing", "spacing"):
        np.testing.assert_array_equal(getattr(part, name), getattr(made[view], name)[[5, 2]], err_msg=name)
    other = lateral_films(anatomy[:1], view, SIZE, seed=5)
    assert (other.images[0] != made[view].images[0]).mean() > 0.3


@pytest.mark.parametrize("view", VIEWS)
def test_every_vertebra_has_a_mask_and_corners_from_above(made, view):
    it = made[view]
    count = len(it.levels)
    assert it.images.dtype == it.vertebrae.dtype == np.uint8
    assert it.corners.shape == (7, count, 4, 2)
    for labels, points in zip(it.vertebrae, it.corners, strict=True):
        assert set(np.unique(labels)) == set(range(count + 1))
        centres = np.array([np.argwhere(labels == k + 1).mean(0) for k in range(count)])
        assert (np.diff(centres[:, 0]) > 0).all()
        body = centres[1:] if view == "lateral_cervical" else centres
        # C2's mask has a dens above its corners; every other mask lies on its corners.
        np.testing.assert_allclose(points[-len(body) :].mean(1), body[:, ::-1], atol=2.5)
        tl, tr, bl, br = points.transpose(1, 0, 2)
        assert (tl[:, 0] < tr[:, 0]).all()
        assert (bl[:, 0] < br[:, 0]).all()
        assert (tl[:, 1] + tr[:, 1] < bl[:, 1] + br[:, 1]).all()
        assert points.min() > -0.5
        assert (points < np.array(SIZE[::-1]) - 0.5).all()


def test_levels_are_those_of_the_view(made):
    assert made["lateral_cervical"].levels == ("C2", "C3", "C4", "C5", "C6", "C7")
    assert made["lateral_lumbar"].levels == ("L1", "L2", "L3", "L4", "L5", "S1")
    assert [LATERAL_LEVELS[k] for k in LABELLED_LEVELS["lateral_lumbar"]][-1] == "S1"


@pytest.mark.parametrize("view", VIEWS)
def test_bodies_are_brighter_than_the_discs_between_them_on_most_films(made, view):
    it = made[view]
    brighter = []
    for image, labels, points in zip(it.images, it.vertebrae, it.corners, strict=True):
        for k in range(1, len(it.levels) - 2):
            disc = (points[k, 2:].mean(0) + points[k + 1, :2].mean(0)) / 2
            x, y = np.rint(disc).astype(int)
            body = np.median(image[labels == k + 1])
            brighter.append(body > np.median(image[y - 1 : y + 2, x - 2 : x + 3]))
    assert np.mean(brighter) > 0.75


def test_patients_face_both_ways_and_sizes_are_those_of_people(anatomy, made):
    for view, low, high in (("lateral_cervical", 9.5, 21), ("lateral_lumbar", 22, 42)):
        it = made[view]
        assert set(it.facing) == {-1, 1}
        deep = np.linalg.norm(it.corners[:, 2, 1] - it.corners[:, 2, 0], axis=-1) * it.spacing
        assert (deep > low).all()
        assert (deep < high).all()


def test_the_front_of_the_lumbar_spine_is_convex(made):
    # Lordosis: L3 lies before the line from L1 to L5, whichever way the patient faces.
    it = made["lateral_lumbar"]
    centre = it.corners.mean(2)
    line = (centre[:, 0] + centre[:, 4]) / 2
    assert (it.facing * (centre[:, 2] - line)[:, 0] > 0).mean() > 0.8


def test_wrong_views_and_sizes_are_refused(anatomy):
    with pytest.raises(ValueError, match="coronal"):
        lateral_films(anatomy[:1], "coronal")
    with pytest.raises(ValueError, match="too small"):
        lateral_films(anatomy[:1], size=(32, 32))
