"""Volumes with their label maps: what is refused or remarked, and the arrays that networks see."""

import numpy as np
import pytest

from spinelib.cases import Case, load_arrays, read_problems, save_volume, write_labelled
from spinelib.cases.volume import canonical_affine
from spinelib.cases.volumes import native, read_pair
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES

from .volumes import NAME, SHAPE, SPACING, lumbar, volume_set

IMAGE, LABELS = lumbar()
GRID = (10, 64, 32)


def save_pair(folder, image=IMAGE, labels=LABELS, spacing=SPACING, affine=None):
    save_volume(folder / "image.nii", image, SPACING)
    save_volume(folder / "mask.nii", labels, spacing, affine)
    return Case("c", "c", "sagittal", "image.nii", "mask.nii")


def test_a_pair_is_read_as_it_is(tmp_path):
    volume, labels, remarks = read_pair(tmp_path, save_pair(tmp_path), 19)
    assert (volume.array == IMAGE).all()
    assert (labels == LABELS).all()
    assert remarks == []


def moved(mm):
    affine = canonical_affine(SHAPE, SPACING)
    affine[0, 3] += mm
    return affine


def turned():
    affine = canonical_affine(SHAPE, SPACING)
    angle = np.radians(8)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turn @ affine


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": LABELS[:, :-1]}, "7 x 59 x 48 voxels .slices, rows, columns., its volume 7 x 60 x 48"),
        ({"spacing": (4.0, 1.5, 1.0)}, "voxels of 4 x 1.5 x 1 mm, its volume 4 x 1.5 x 1.25"),
        ({"affine": turned()}, "turned against its volume"),
        ({"labels": LABELS.astype(np.float32) * 0.5}, "no whole numbers"),
        ({"labels": LABELS * 3}, "no label"),
        ({"labels": LABELS.astype(np.int16) - 1}, "no label"),
        ({"labels": LABELS * 0}, "marks no voxel"),
        ({"labels": LABELS + 1}, "marks every voxel"),
    ],
)
def test_labels_that_do_not_fit_are_refused(tmp_path, changes, words):
    with pytest.raises(BadInput, match=words) as error:
        read_pair(tmp_path, save_pair(tmp_path, **changes), 19)
    assert error.value.file.endswith("mask.nii")
    assert error.value.remedy


@pytest.mark.parametrize(
    ("image", "words"),
    [(IMAGE * 0 + 7, "one grey value"), (IMAGE[:, :10, :10], "too small to show a spine")],
)
def test_images_that_show_nothing_are_refused(tmp_path, image, words):
    with pytest.raises(BadInput, match=words) as error:
        read_pair(tmp_path, save_pair(tmp_path, image=image), 19)
    assert error.value.file.endswith("image.nii")


def test_a_label_map_that_lies_elsewhere_is_taken_with_a_remark(tmp_path):
    _, labels, remarks = read_pair(tmp_path, save_pair(tmp_path, affine=moved(12)), 19)
    assert (labels == LABELS).all()
    assert remarks == ["lies 12.0 mm off its volume by their headers; taken voxel by voxel"]


def test_a_case_without_label_map_is_named(tmp_path):
    with pytest.raises(BadInput, match="no label map"):
        read_pair(tmp_path, Case("c", "c", "sagittal", "image.nii", ""), 19)


def test_arrays_of_volumes(tmp_path):
    volume_set(tmp_path)
    arrays = load_arrays(tmp_path, GRID)
    assert arrays.images.shape == (4, 1, *GRID)
    assert arrays.images.dtype == np.uint8
    assert arrays.labels.shape == (4, *GRID)
    assert arrays.landmarks.shape == (4, 0, 4, 2)
    assert arrays.classes == STRUCTURES
    assert arrays.known.all()
    assert arrays.grid == GRID
    # 0 where the volume has no slice, 1 to 255 inside.
    assert (arrays.images[0, 0, [0, -1]] == 0).all()
    assert (arrays.images[0, 0, 1:8] >= 1).all()
    assert (arrays.images[0].min(), arrays.images[0].max()) == (0, 255)


def test_frames_and_spacing_tell_the_native_volume(tmp_path):
    volume_set(tmp_path)
    arrays = load_arrays(tmp_path, GRID)
    for i in range(4):
        scale, native_size = arrays.frames[i, :3], arrays.frames[i, 6:]
        assert np.allclose(arrays.spacing[i] * scale, SPACING)
        assert tuple(native_size) == (7 + i % 2, 60 + 4 * i, 48)


def test_native_voxels_are_those_of_the_files(tmp_path):
    volume_set(tmp_path)
    row = load_arrays(tmp_path, GRID).table.iloc[1]
    labels, spacing, image = native(tmp_path, row)
    wanted_image, wanted = lumbar((8, 64, 48), 1)
    assert (labels == wanted).all()
    assert (image == wanted_image).all()
    assert spacing == SPACING


def test_what_is_not_labelled_is_not_known(tmp_path):
    volume_set(tmp_path)
    whole = load_arrays(tmp_path, GRID)
    write_labelled({"c1": ("L5", "L4")}, tmp_path)
    arrays = load_arrays(tmp_path, GRID)
    assert arrays.known[0].all()
    assert [STRUCTURES[k] for k in np.flatnonzero(arrays.known[1])] == ["L5", "L4"]
    assert arrays.digest != whole.digest
    assert not arrays.subset([1]).known.all()


def test_a_bad_volume_is_a_problem_and_the_rest_goes_on(tmp_path):
    volume_set(tmp_path)
    (tmp_path / "images" / NAME.format(1)).write_bytes(b"no volume")
    with pytest.warns(UserWarning, match="1 volumes left out"):
        arrays = load_arrays(tmp_path, GRID)
    assert list(arrays.table["case"]) == ["c0", "c2", "c3"]
    (problem,) = read_problems(tmp_path)
    assert (problem.case, problem.action) == ("c1", "excluded")
    assert "not a readable NIfTI" in problem.problem


def test_labels_that_the_network_cannot_see_are_refused(tmp_path):
    cases = volume_set(tmp_path, 2)
    labels = np.zeros(SHAPE, np.uint8)
    labels[:, :20, :5] = 4
    save_volume(tmp_path / cases[0].mask, labels, SPACING)
    with pytest.warns(UserWarning, match="no label in the middle half"):
        assert list(load_arrays(tmp_path, GRID).table["case"]) == ["c1"]


def test_films_and_volumes_need_their_own_grids(tmp_path):
    volume_set(tmp_path)
    with pytest.raises(BadInput, match="holds volumes"):
        load_arrays(tmp_path, (64, 32))
    with pytest.raises(BadInput, match="Give a height and a width"):
        load_arrays(tmp_path, (64,))


def test_a_changed_label_map_is_read_again(tmp_path):
    cases = volume_set(tmp_path, 2)
    before = load_arrays(tmp_path, GRID)
    _, labels = lumbar()
    save_volume(tmp_path / cases[0].mask, np.where(labels == 2, 3, labels), SPACING)
    after = load_arrays(tmp_path, GRID)
    assert before.digest != after.digest
    assert not (after.labels == 2)[0].any()
