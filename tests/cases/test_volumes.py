"""Volumes with their label maps: what is refused or remarked, and the arrays that networks see."""

from dataclasses import replace
from pathlib import Path

import nibabel
import numpy as np
import pytest

from spinelib.cases import (
    Case,
    Volume,
    load_arrays,
    read_problems,
    read_volume,
    save_volume,
    write_labelled,
    write_manifest,
)
from spinelib.cases.volume import canonical_affine
from spinelib.cases.volumes import laid_on, native, read_like, read_pair
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES

from .volumes import NAME, SHAPE, SPACING, lumbar, save_nrrd, save_series, save_turned, volume_set

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


def turned(degrees=8):
    affine = canonical_affine(SHAPE, SPACING)
    angle = np.radians(degrees)
    turn = np.eye(4)
    turn[1:3, 1:3] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turn @ affine


@pytest.mark.parametrize(
    ("changes", "words"),
    [
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


def placed(labels, first, affine=None):
    """A label map as a volume whose first voxel is the voxel `first` (slice, row, column) of the image."""
    affine = canonical_affine(SHAPE, SPACING) if affine is None else affine.copy()
    affine[:3, 3] += affine[:3, :3] @ np.array(first, float)
    return Volume(labels, SPACING, affine)


WHOLE = placed(IMAGE, (0, 0, 0))
FILE = Path("mask.nii")


def test_a_label_map_lies_where_its_header_says(tmp_path):
    # 4 mm to the right are one slice towards the first.
    _, labels, remarks = read_pair(tmp_path, save_pair(tmp_path, affine=moved(4)), 19)
    np.testing.assert_array_equal(labels[:-1], LABELS[1:])
    assert not labels[-1].any()
    assert remarks == ["lies 4.0 mm off its volume by their headers and is placed there"]


@pytest.mark.parametrize("cut", [(slice(1, 6), slice(3, 59), slice(10, 40)), (slice(0, 7), slice(0, 60), slice(5, 48))])
def test_a_part_of_the_voxels_is_placed_among_them(cut):
    part = placed(LABELS[cut], [each.start for each in cut])
    array, remark = laid_on(FILE, WHOLE, part)
    wanted = np.zeros_like(LABELS)
    wanted[cut] = LABELS[cut]
    np.testing.assert_array_equal(array, wanted)
    assert remark == "covers a part of its volume and is placed there by their headers"


def test_a_map_that_reaches_beyond_its_volume_may_mark_nothing_there():
    larger = np.pad(LABELS, ((2, 1), (0, 3), (4, 0)))
    np.testing.assert_array_equal(laid_on(FILE, WHOLE, placed(larger, (-2, 0, -4)))[0], LABELS)
    larger[0, 0, 0] = 1
    with pytest.raises(BadInput, match="has 1 labelled voxels outside of its volume") as error:
        laid_on(FILE, WHOLE, placed(larger, (-2, 0, -4)))
    assert 'label_header="image"' in error.value.remedy
    with pytest.raises(BadInput, match="labelled voxels outside"):
        laid_on(FILE, WHOLE, placed(LABELS, (100, 0, 0)))


def test_less_than_half_a_voxel_off_is_the_nearest_voxel():
    array, remark = laid_on(FILE, WHOLE, placed(LABELS, (0, 0.3, 0)))
    np.testing.assert_array_equal(array, LABELS)
    assert remark == "lies up to 0.3 voxels off the grid of its volume; the nearest voxels are taken"
    assert laid_on(FILE, WHOLE, placed(LABELS, (0.01, 0.05, 0)))[1] == ""


def test_a_slight_turn_is_none_and_a_greater_one_refused():
    assert laid_on(FILE, WHOLE, Volume(LABELS, SPACING, turned(0.1)))[1] == ""
    with pytest.raises(BadInput, match="is turned against its volume"):
        laid_on(FILE, WHOLE, Volume(LABELS, SPACING, turned(2)))


def test_a_map_in_another_order_of_axes_is_turned_to_its_volume(tmp_path):
    save_turned(tmp_path / "image.nii", IMAGE, SPACING, "IPR")
    save_turned(tmp_path / "mask.nii", LABELS[1:, 2:], SPACING, "ASL")
    # Both are saved around the origin: the part has moved by half of what was cut off.
    image = nibabel.load(tmp_path / "mask.nii")
    affine = image.affine.copy()
    affine[:3, 3] += (-2, 0, -1.5)
    nibabel.save(nibabel.Nifti1Image(np.array(image.dataobj), affine), tmp_path / "mask.nii")
    _, labels, _ = read_pair(tmp_path, Case("c", "c", "sagittal", "image.nii", "mask.nii"), 19)
    np.testing.assert_array_equal(labels[1:, 2:], LABELS[1:, 2:])


def test_a_map_laid_on_by_hand_must_have_its_volumes_voxels(tmp_path):
    save_turned(tmp_path / "image.nii", IMAGE, SPACING, "IPR")
    save_turned(tmp_path / "mask.nii", LABELS, SPACING, "IPR", codes=(0, 0))
    save_turned(tmp_path / "part.nii", LABELS[1:], SPACING, "IPR", codes=(0, 0))
    image = read_volume(tmp_path / "image.nii")
    np.testing.assert_array_equal(read_like(tmp_path / "mask.nii", tmp_path / "image.nii", image).array, LABELS)
    with pytest.raises(BadInput, match=r"has 6 x 60 x 48 voxels .slices, rows, columns., its volume 7 x 60 x 48"):
        read_like(tmp_path / "part.nii", tmp_path / "image.nii", image)


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


@pytest.mark.parametrize("kind", ["series", "header"])
def test_a_changed_part_of_a_volume_is_read_again(tmp_path, kind):
    cases = volume_set(tmp_path, 2)
    image, _ = lumbar()
    if kind == "series":
        save_series(tmp_path / "s", image, SPACING)
        (tmp_path / "s" / "more").mkdir()
        part = (tmp_path / "s" / "IM0021").rename(tmp_path / "s" / "more" / "IM0021")
        write_manifest([replace(cases[0], image="s", mask="m.nii"), cases[1]], tmp_path)
        save_volume(tmp_path / "m.nii", lumbar()[1], SPACING, read_volume(tmp_path / "s").affine)
    else:
        save_nrrd(tmp_path / "s.nhdr", image, SPACING, beside="s.raw")
        part = tmp_path / "s.raw"
        write_manifest([replace(cases[0], image="s.nhdr", mask="m.nii"), cases[1]], tmp_path)
        save_volume(tmp_path / "m.nii", lumbar()[1], SPACING, read_volume(tmp_path / "s.nhdr").affine)
    before = load_arrays(tmp_path, GRID)
    content = part.read_bytes()
    middle = len(content) // 2
    part.write_bytes(content[:middle] + bytes(2000) + content[middle + 2000 :])
    assert load_arrays(tmp_path, GRID).digest != before.digest
    part.unlink()
    if kind == "header":
        with pytest.warns(UserWarning, match="s.raw, which is not there"):
            load_arrays(tmp_path, GRID)
        part.write_bytes(content)
        assert load_arrays(tmp_path, GRID).digest == before.digest
