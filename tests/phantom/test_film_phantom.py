import numpy as np
import pytest
import torch

from spinelib.cases import draw_quadrilaterals
from spinelib.measures.cobb.rules import aasce_angles
from spinelib.phantom import VIEWS, films, sample_anatomy
from spinelib.phantom.film_phantom import film

SMALL = (128, 64)
# Mean grey of 24 films, corners of one vertebra, as they were before there were styles.
PLAIN_GREY = 94.90815
PLAIN_CORNERS = [[64.32, 33.35], [74.61, 46.31], [55.35, 39.08], [65.43, 53.45]]


@pytest.fixture(scope="module")
def anatomy():
    return sample_anatomy(24, seed=11)


@pytest.fixture(scope="module")
def standing(anatomy):
    return films(anatomy, size=(256, 128), seed=4)


def test_same_bits_whatever_the_batch(anatomy, standing):
    part = films(anatomy[[5, 2]], size=(256, 128), seed=4)
    for name, values in vars(part).items():
        np.testing.assert_array_equal(values, getattr(standing, name)[[5, 2]], err_msg=name)


def test_same_bits_whatever_the_threads(anatomy, standing):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        part = films(anatomy[3:5], size=(256, 128), seed=4)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    np.testing.assert_array_equal(part.images, standing.images[3:5])


def test_seed_changes_the_exposure_not_the_patient(anatomy):
    a, b = (films(anatomy[:2], size=SMALL, seed=s) for s in (0, 1))
    assert (a.images != b.images).mean() > 0.3
    np.testing.assert_array_equal(a.cobb_3d, b.cobb_3d)


def test_shapes_and_types(standing):
    assert standing.images.shape == (24, 256, 128)
    assert standing.images.dtype == standing.vertebrae.dtype == np.uint8
    assert standing.corners.shape == (24, 17, 4, 2)
    assert standing.corners.dtype == np.float32
    assert standing.cobb.shape == standing.cobb_3d.shape == (24, 3)
    assert standing.spacing.shape == standing.apical_translation.shape == (24,)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("size", [(256, 128), (131, 77), (96, 200)])
def test_corners_lie_inside_and_match_the_label_map(anatomy, view, size):
    made = films(anatomy[:6], view, size)
    assert made.corners.min() > -0.5
    assert (made.corners[..., 0] < size[1] - 0.5).all()
    assert (made.corners[..., 1] < size[0] - 0.5).all()
    for corners, labels in zip(made.corners, made.vertebrae, strict=True):
        np.testing.assert_array_equal(labels, draw_quadrilaterals(corners, size))
        assert set(np.unique(labels)) == set(range(18))


def test_corner_order_is_that_of_aasce(standing):
    tl, tr, bl, br = (standing.corners[:, :, k] for k in range(4))
    assert (tl[..., 0] < tr[..., 0]).all()
    assert (bl[..., 0] < br[..., 0]).all()
    assert (tl[..., 1] + tr[..., 1] < bl[..., 1] + br[..., 1]).all()
    assert (np.diff(standing.corners[..., 1].mean(-1), axis=1) > 0).all()


def test_film_angles_agree_with_the_spine_in_space(standing):
    # The film rule uses the middle of each body, space its end-plates; wedging and perspective separate them slightly.
    np.testing.assert_allclose(standing.cobb[:, 0], standing.cobb_3d[:, 0], atol=9)
    np.testing.assert_array_equal(standing.cobb, aasce_angles(standing.corners, np.full(24, 256)))


def test_spacing_gives_vertebrae_their_size(anatomy, standing):
    width = np.linalg.norm(standing.corners[:, :, 1] - standing.corners[:, :, 0], axis=-1) * standing.spacing[:, None]
    truth = anatomy.upper_width[:, 5:22]
    assert 0.8 < np.median(width / truth) < 1.05


def test_bending_films_lose_the_curve_to_that_side():
    many = sample_anatomy(60, seed=8)
    left = many[np.flatnonzero(many.curve_angle[:, 2] > 25)]
    assert len(left) >= 3
    tilt = {}
    for view in VIEWS:
        u = films(left, view, SMALL).corners.astype(float)
        across = u[:, :, 1] + u[:, :, 3] - u[:, :, 0] - u[:, :, 2]
        angle = np.degrees(np.arctan2(across[..., 1], across[..., 0]))
        tilt[view] = angle[:, 16] - angle[:, 11]  # L5 against T12
    assert (tilt["left_bending"] < tilt["coronal"]).all()
    assert (tilt["right_bending"] > tilt["coronal"]).all()


def test_films_vary_in_framing_and_exposure(standing):
    black = (standing.images.max(1) == 0).mean(1)
    assert np.ptp(black) > 0.1, "letterbox bars differ in width"
    means = np.array([image[image > 0].mean() for image in standing.images])
    assert np.std(means) > 15


def test_bodies_are_brighter_than_discs(anatomy):
    made = films(anatomy, size=(256, 128), seed=9)
    wins = []
    for image, corners in zip(made.images, made.corners, strict=True):
        body = corners.mean(1)
        disc = (corners[:-1, 2:].mean(1) + corners[1:, :2].mean(1)) / 2
        grey = [image[tuple(np.rint(p[:, ::-1]).astype(int).T)].astype(float) for p in (body, disc)]
        wins.append(grey[0].mean() > grey[1].mean())
    assert np.mean(wins) > 0.6


@pytest.mark.parametrize("arguments", [{"view": "lateral"}, {"size": (16, 16)}])
def test_bad_arguments_are_refused(anatomy, arguments):
    with pytest.raises(ValueError, match=r"unknown|too small"):
        films(anatomy[:1], **arguments)


def test_one_film_is_what_films_gives(anatomy, standing):
    image, corners, angles, spacing = film(anatomy[3], "coronal", (256, 128), 4)
    np.testing.assert_array_equal(image, standing.images[3])
    np.testing.assert_array_equal(corners, standing.corners[3])
    assert angles.tolist() == standing.cobb_3d[3].tolist()
    assert float(spacing) == standing.spacing[3]


def test_the_films_are_those_of_the_studies_that_are_finished(standing):
    # Drawn before there were styles; grey levels may differ by rounding from one processor to another.
    assert standing.images.mean() == pytest.approx(PLAIN_GREY, abs=0.05)
    np.testing.assert_allclose(standing.corners[7, 3], PLAIN_CORNERS, atol=0.01)
