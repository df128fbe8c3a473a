import numpy as np
import pytest
import torch

from spinelib.phantom import films, sample_anatomy
from spinelib.phantom.lateral import LABELLED_LEVELS, VIEWS, lateral_films, straightened
from spinelib.phantom.plates import plate, signed_distance
from spinelib.phantom.sagittal import C2, C3, C7, L1, L5, LATERAL_LEVELS, S1, body_ring, corners, lateral_spine

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


def test_c2_stands_on_c3_with_a_dens():
    side = lateral_spine(sample_anatomy(1, 3)[0], 1, 0.1)
    gap = np.linalg.norm(side.centre[C2] - side.centre[C3]) - side.half[C2, 2] - side.half[C3, 2]
    assert 2 < gap < 8
    ring = body_ring(side, C2)
    assert ring[:, 1].max() > 2 * side.half[C2, 2]
    # The dens stands on the body, not before or behind it.
    tip = ring[ring[:, 1].argmax()]
    assert abs(tip[0]) < side.half[C2, 1]
    assert (np.diff(side.centre[:, 2]) < 0).all()


def test_turning_the_patient_mirrors_the_spine():
    patient = sample_anatomy(1, 3)[0]
    right, left = lateral_spine(patient, 1), lateral_spine(patient, -1)
    np.testing.assert_allclose(right.centre * (-1, 1, 1), left.centre)
    np.testing.assert_allclose(corners(right, L1)[[1, 0, 3, 2]] * (-1, 1, 1), corners(left, L1))


def test_a_nod_bends_the_neck_alone():
    patient = sample_anatomy(1, 3)[0]
    a, b = lateral_spine(patient, 1, 0.0), lateral_spine(patient, 1, 0.3)
    np.testing.assert_array_equal(a.up[C7 + 1 :], b.up[C7 + 1 :])
    assert b.centre[C2, 0] > a.centre[C2, 0] + 5
    assert a.up[L5] @ a.front[L5] == pytest.approx(0)
    assert a.half.shape == (len(LATERAL_LEVELS), 3)
    assert len(LATERAL_LEVELS) - 1 == S1


def test_signed_distance_is_that_of_a_square():
    ring = torch.tensor([[2.0, 2.0], [8.0, 2.0], [8.0, 8.0], [2.0, 8.0]])
    depth = signed_distance(ring, (0, 0, 12, 12))
    assert depth[5, 5] == 3
    assert depth[5, 3] == 1
    assert depth[5, 0] == -2
    assert depth[11, 11] == pytest.approx(-(18**0.5))


def test_a_plate_fills_its_outline_and_nothing_off_the_film():
    canvas = torch.zeros(20, 20)
    plate(canvas, np.array([[4.0, 4.0], [14.0, 4.0], [14.0, 14.0], [4.0, 14.0]]), 1.0, 0.0, 0.6)
    assert canvas[9, 9] == 1
    assert canvas[0].abs().max() == 0
    assert canvas.sum() == pytest.approx(100, rel=0.15)
    plate(canvas, np.array([[40.0, 40.0], [50.0, 40.0], [50.0, 50.0]]), 1.0, 1.0, 0.6)
    before = canvas.clone()
    plate(canvas, np.array([[-9.0, -9.0], [-5.0, -9.0], [-5.0, -5.0]]), 1.0, 1.0, 0.6)
    assert torch.equal(before, canvas)


def test_wrong_views_and_sizes_are_refused(anatomy):
    with pytest.raises(ValueError, match="coronal"):
        lateral_films(anatomy[:1], "coronal")
    with pytest.raises(ValueError, match="too small"):
        lateral_films(anatomy[:1], size=(32, 32))
