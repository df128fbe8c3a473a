import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import ndimage

from spinelib.cases import draw_column, draw_quadrilaterals, letterbox
from spinelib.measures.cobb.errors import image_errors
from spinelib.measures.cobb.masks import from_labels, from_mask
from spinelib.measures.cobb.rules import aasce_angles
from tests.measures.cobb.spines import GRID, c_curve, mask_of, s_curve, spine

REAL = os.environ.get("SPINE_DATA", "")


@pytest.fixture(scope="module")
def patients():
    """Corners [9, 17, 4, 2] of digital patients with scoliosis on 256 x 128 films, without their films."""
    from spinelib.phantom import sample_anatomy
    from spinelib.phantom.film_phantom import LABEL_HEIGHT, LABEL_WIDTH
    from spinelib.phantom.morphometry import LABELLED
    from spinelib.phantom.projection import frame_film
    from spinelib.phantom.spine import pose

    draw, anatomy, found = np.random.default_rng(3), sample_anatomy(12, 3, 0), []
    for i in range(12):
        posed = pose(anatomy[i], "coronal")
        found.append(frame_film(draw, posed, GRID).project(posed.corners(LABEL_WIDTH, LABEL_HEIGHT)[LABELLED]))
    corners = np.array(found, float)
    # Of a straight spine an error of one degree is half of everything.
    return corners[aasce_angles(corners, np.full(12, 256))[:, 0] > 15]


def angles_of(corners, height=256):
    return aasce_angles(corners[None], [height])[0]


def mean_errors(found, truth):
    return {name: values.mean() for name, values in image_errors([r.angles for r in found], truth).items()}


@pytest.mark.parametrize("corners", [c_curve(40), s_curve(50), c_curve(12)])
def test_a_drawn_mask_gives_the_angles_of_its_corners(corners):
    reading = from_mask(mask_of(corners))
    np.testing.assert_allclose(reading.angles, angles_of(corners), atol=2)
    assert (reading.status, reading.reason, reading.method) == ("ok", "", "vertebrae")
    assert reading.confidence > 0.8
    assert reading.corners.shape == (17, 4, 2)
    assert (np.diff(reading.corners.mean(1)[:, 1]) > 0).all()


def test_the_ends_are_the_vertebrae_of_the_largest_angle():
    reading = from_mask(mask_of(c_curve(50)))
    upper, lower = reading.ends
    assert upper <= 1
    assert lower >= 15
    assert reading.tilts[upper] - reading.tilts[lower] == pytest.approx(reading.angles[0])


def test_patients_read_from_drawn_masks(patients):
    truth = aasce_angles(patients, np.full(9, 256))
    found = [from_mask(mask_of(c)) for c in patients]
    assert {r.status for r in found} == {"ok"}
    errors = mean_errors(found, truth)
    assert errors["smape"] < 5
    assert errors["cobb_error"] < 1


def test_single_vertebrae_read_as_well_as_the_whole(patients):
    truth = aasce_angles(patients, np.full(9, 256))
    found = [from_labels(draw_quadrilaterals(c, GRID)) for c in patients]
    assert mean_errors(found, truth)["smape"] < 5


def test_labels_may_come_in_any_order():
    labels = draw_quadrilaterals(s_curve(40), GRID)
    shuffled = np.concatenate([[0], np.random.default_rng(0).permutation(np.arange(3, 20))])[labels]
    np.testing.assert_allclose(from_labels(shuffled).corners, from_labels(labels).corners)


def test_blurred_masks_cost_little(patients):
    truth = aasce_angles(patients, np.full(9, 256))
    blurred = [ndimage.gaussian_filter(mask_of(c).astype(float), 1.1) > 0.38 for c in patients]
    closed = sum(17 - ndimage.label(m)[1] for m in blurred)
    assert closed > 9
    found = [from_mask(m) for m in blurred]
    assert all(r.known for r in found)
    assert mean_errors(found, truth)["cobb_error"] < 4


def test_merged_vertebrae_are_read_from_the_centreline():
    reading = from_mask(draw_column(c_curve(40), GRID))
    assert (reading.status, reading.method) == ("merged", "centreline")
    assert "0 of" in reading.reason
    # The line is smooth, so that it misses part of the turn at its ends.
    assert 28 < reading.angles[0] < 42
    assert reading.confidence < 0.1
    assert reading.corners.shape == (17, 4, 2)


def test_neither_letterbox_nor_grid_matters():
    corners = s_curve(50)
    plain = from_mask(mask_of(corners)).angles
    wide = np.zeros((300, 200), np.uint8)
    wide[30:286, 40:168] = mask_of(corners)
    np.testing.assert_allclose(from_mask(wide, (30.0, 256.0)).angles, plain, atol=1e-5)
    double = from_mask(mask_of((corners + 0.5) * 2 - 0.5, (512, 256))).angles
    np.testing.assert_allclose(double, plain, atol=2.5)


def test_the_height_of_the_film_decides_the_branch_of_s_curves():
    mask = mask_of(s_curve(50))
    assert from_mask(mask, (0.0, 1000.0)).angles[2] != pytest.approx(from_mask(mask, (0.0, 50.0)).angles[2], abs=1)


def test_mirrored_masks_have_the_same_major_angle():
    mask = mask_of(s_curve(50))
    assert from_mask(mask[:, ::-1]).angles[0] == pytest.approx(from_mask(mask).angles[0], abs=1e-6)


def test_missing_and_extra_vertebrae_are_named():
    labels = draw_quadrilaterals(c_curve(40), GRID)
    gone = from_mask((labels > 0) & (labels != 9))
    assert (gone.status, len(gone.corners)) == ("missing", 16)
    assert gone.reason == "16 vertebrae where 17 are expected"
    assert gone.angles[0] == pytest.approx(40, abs=3)
    extra = from_mask(mask_of(c_curve(40, 18)))
    assert (extra.status, len(extra.corners)) == ("extra", 18)
    assert from_mask(mask_of(c_curve(40, 18)), count=None).status == "ok"


def test_what_has_no_angle_says_why():
    nothing = np.zeros(GRID)
    assert from_mask(nothing).status == from_labels(nothing).status == "empty"
    few = from_mask(mask_of(spine([0, 5])))
    assert few.status == "few_vertebrae"
    assert "needs 3" in few.reason
    wild = from_mask(mask_of(c_curve(60)), limit=50)
    assert (wild.status, wild.confidence) == ("out_of_range", 0)
    for reading in (from_mask(nothing), few, wild):
        assert np.isnan(reading.angles).all()
        assert not reading.known
        assert reading.ends == (-1, -1)


@pytest.mark.parametrize("make", [np.zeros, np.ones])
def test_odd_masks_do_no_harm(make):
    for mask in (make((1, 1)), make((3, 200)), make((200, 1)), np.eye(50), make((0, 5))):
        reading = from_mask(mask)
        assert reading.known == np.isfinite(reading.angles).all()
    speckles = np.random.default_rng(0).random(GRID) < 0.3
    assert from_mask(speckles).confidence < 0.2


def test_a_mask_has_two_dimensions():
    with pytest.raises(ValueError, match=r"\[H, W\]"):
        from_mask(np.zeros((1, 8, 8)))
    with pytest.raises(ValueError, match=r"\[H, W\]"):
        from_labels(np.zeros(8))


@pytest.mark.real
@pytest.mark.skipif(not REAL, reason="set SPINE_DATA to the folder of the real images to run this")
def test_the_floor_of_the_mask_route_on_real_labels():
    from PIL import Image

    root = Path(REAL) / "aasce2019" / "boostnet_labeldata"
    names = [n for n in (root / "labels" / "test" / "filenames.csv").read_text().split("\n") if n][::8]
    points = pd.read_csv(root / "labels" / "test" / "landmarks.csv", header=None).to_numpy()[::8]
    sizes = np.array([Image.open(root / "data" / "test" / name).size for name in names])
    corners = np.stack([points[:, :68] * sizes[:, :1], points[:, 68:] * sizes[:, 1:]], 2).reshape(-1, 17, 4, 2)
    found = []
    for points_of, (width, height) in zip(corners, sizes.tolist(), strict=True):
        frame = letterbox((height, width), GRID)
        found.append(from_mask(mask_of(frame.to_grid(points_of)), (frame.offset_y, height * frame.scale)).angles)
    errors = image_errors(found, aasce_angles(corners, sizes[:, 1]))
    assert np.mean(errors["smape"]) < 5
    assert np.mean(errors["cobb_error"]) < 1.5
