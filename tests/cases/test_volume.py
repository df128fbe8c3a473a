import itertools

import nibabel
import numpy as np
import pytest

from spinelib.cases import read_volume, save_volume
from spinelib.cases.readers import limits
from spinelib.cases.volume import (
    IDENTITY,
    canonical_affine,
    is_volume,
    segment_names,
    stored_affine,
    volume_files,
    volume_stem,
)
from spinelib.core.errors import BadInput

from .volumes import SHAPE, SPACING, lumbar, save_mha, save_nrrd, save_series, save_turned

IMAGE, LABELS = lumbar()
CODES = ["".join(order) for first in itertools.permutations(("RL", "AP", "SI")) for order in itertools.product(*first)]


@pytest.mark.parametrize("ending", [".nii", ".nii.gz"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int32, np.float32, bool])
def test_what_is_saved_is_read_again(tmp_path, ending, dtype):
    save_volume(tmp_path / f"a, ü{ending}", LABELS.astype(dtype), SPACING)
    volume = read_volume(tmp_path / f"a, ü{ending}")
    assert (volume.array == LABELS.astype(dtype)).all()
    assert volume.array.dtype == (np.uint8 if dtype is bool else dtype)
    assert volume.spacing == SPACING
    assert volume.remark == ""


def test_saved_volumes_say_where_right_front_and_top_are(tmp_path):
    save_volume(tmp_path / "a.nii.gz", IMAGE, SPACING)
    image = nibabel.load(tmp_path / "a.nii.gz")
    assert nibabel.aff2axcodes(image.affine) == ("L", "I", "P")
    assert (int(image.header["qform_code"]), int(image.header["sform_code"])) == (1, 1)
    assert np.allclose(image.get_qform(), image.get_sform())
    # The front (small W) of the top (small H) right (small D) corner is the greatest in R, A and S alike.
    corner = image.affine @ [0, 0, 0, 1]
    assert (corner[:3] > 0).all()
    assert np.allclose(corner[:3] * 2, (np.array(SHAPE) - 1)[[0, 2, 1]] * np.array(SPACING)[[0, 2, 1]])


def test_equal_arrays_are_equal_files(tmp_path):
    for name in ("a.nii.gz", "b.nii.gz"):
        save_volume(tmp_path / name, IMAGE, SPACING)
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


@pytest.mark.parametrize(
    ("array", "spacing", "name"),
    [
        (IMAGE[0], SPACING, "a.nii"),
        (IMAGE, (1, 0, 1), "a.nii"),
        (IMAGE, (1, np.nan, 1), "a.nii"),
        (IMAGE, SPACING, "a.mha"),
    ],
)
def test_what_is_no_volume_is_not_saved(tmp_path, array, spacing, name):
    with pytest.raises(ValueError, match=r"must end|a volume is"):
        save_volume(tmp_path / name, array, spacing)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("codes", CODES)
def test_every_order_of_the_axes_gives_the_same_volume(tmp_path, codes):
    save_turned(tmp_path / "a.nii.gz", IMAGE, SPACING, codes)
    assert nibabel.aff2axcodes(nibabel.load(tmp_path / "a.nii.gz").affine) == tuple(codes)
    volume = read_volume(tmp_path / "a.nii.gz")
    assert (volume.array == IMAGE).all()
    assert np.allclose(volume.spacing, SPACING)
    assert np.allclose(volume.affine, canonical_affine(SHAPE, SPACING), atol=1e-3)


def test_metaimage_nrrd_and_dicom_give_the_same_volume(tmp_path):
    save_mha(tmp_path / "a.mha", IMAGE, SPACING)
    save_nrrd(tmp_path / "a.nrrd", IMAGE, SPACING)
    save_nrrd(tmp_path / "b.nhdr", IMAGE, SPACING, encoding="gzip", beside="b.raw.gz")
    save_mha(tmp_path / "b.mha", IMAGE, SPACING, compressed=True)
    save_series(tmp_path / "series", IMAGE, SPACING)
    (tmp_path / "series" / "notes.txt").write_text("no DICOM")
    for name in ("a.mha", "b.mha", "a.nrrd", "b.nhdr", "series"):
        volume = read_volume(tmp_path / name)
        assert (volume.array == IMAGE).all(), name
        assert np.allclose(volume.spacing, SPACING)
    # They place their first voxels as their headers say, in RAS.
    for name in ("a.mha", "a.nrrd", "b.nhdr"):
        assert np.allclose(read_volume(tmp_path / name).affine[:3, 3], [12, 30, 45])
    assert np.allclose(read_volume(tmp_path / "series").affine[:3, 3], [20, 15, 30])


def oblique(degrees):
    angle = np.radians(degrees)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    return turn @ canonical_affine(SHAPE, SPACING)


def save_with(path, affine, array=IMAGE, codes=(0, 2)):
    image = nibabel.Nifti1Image(array, None)
    image.set_qform(affine if codes[0] else None, codes[0], strip_shears=True)
    image.set_sform(affine, codes[1])
    image.header.set_zooms([*SPACING, *(1 for _ in array.shape[3:])])
    nibabel.save(image, path)


def test_a_slanted_volume_is_read_with_a_remark_up_to_30_degrees(tmp_path):
    save_with(tmp_path / "a.nii", oblique(20))
    volume = read_volume(tmp_path / "a.nii")
    assert (volume.array == IMAGE).all()
    assert np.allclose(volume.spacing, SPACING)
    assert "20 degrees off" in volume.remark
    save_with(tmp_path / "b.nii", oblique(5))
    assert read_volume(tmp_path / "b.nii").remark == ""
    save_with(tmp_path / "c.nii", oblique(40))
    with pytest.raises(BadInput, match="40 degrees off the body's axes"):
        read_volume(tmp_path / "c.nii")


def no_code(path):
    save_turned(path, IMAGE, SPACING, "IPR", codes=(0, 0))


def two_ways(path):
    image = nibabel.Nifti1Image(IMAGE, None)
    image.set_sform(canonical_affine(SHAPE, SPACING), 1)
    image.set_qform(np.diag([4, 1.5, 1.25, 1.0]), 1)
    nibabel.save(image, path)


def singular(path):
    save_with(path, canonical_affine(SHAPE, SPACING))
    content = bytearray(path.read_bytes())
    content[280:296] = bytes(16)  # the first row of the sform
    path.write_bytes(content)


def not_finite(path):
    save_with(path, canonical_affine(SHAPE, SPACING))
    content = bytearray(path.read_bytes())
    content[280:284] = np.float32(np.nan).tobytes()  # the first number of the sform
    path.write_bytes(content)


def sheared(path):
    affine = canonical_affine(SHAPE, SPACING)
    affine[0, 1] = 1.0
    save_with(path, affine)


def four_axes(path):
    save_with(path, canonical_affine(SHAPE, SPACING), np.stack([IMAGE, IMAGE], 3))


def nan_voxels(path):
    save_with(path, canonical_affine(SHAPE, SPACING), np.where(LABELS > 3, np.nan, 1).astype(np.float32))


def axial(path):
    save_turned(path, IMAGE.transpose(1, 0, 2).copy(), (1.5, 4.0, 1.25))


def coronal(path):
    save_turned(path, IMAGE.transpose(2, 1, 0).copy(), (1.25, 1.5, 4.0))


def in_metres(path):
    save_with(path, np.diag([0.004, 0.0015, 0.00125, 1.0]))


def cut_short(path):
    save_turned(path, IMAGE, SPACING)
    path.write_bytes(path.read_bytes()[:5000])


def text(path):
    path.write_text("no volume")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (no_code, "does not say how the patient lies"),
        (two_ways, "says two things about how the patient lies .sform LIP, qform RAS"),
        (singular, "singular or not finite"),
        (not_finite, "singular or not finite"),
        (sheared, "not at right angles"),
        (four_axes, r"has 4 axes \(7 x 60 x 48 x 2\)"),
        (nan_voxels, "NaN or infinite"),
        (axial, "not sagittal"),
        (coronal, "not sagittal"),
        (in_metres, "voxels of 0.004"),
        (cut_short, "damaged or cut short"),
        (text, "not a readable NIfTI"),
    ],
)
def test_a_volume_that_cannot_be_trusted_is_refused(tmp_path, make, words):
    make(tmp_path / "a.nii")
    with pytest.raises(BadInput, match=words) as error:
        read_volume(tmp_path / "a.nii")
    assert error.value.file.endswith("a.nii")
    assert error.value.remedy


def test_a_fourth_axis_of_one_is_dropped(tmp_path):
    save_with(tmp_path / "a.nii", canonical_affine(SHAPE, SPACING), IMAGE[..., None])
    assert (read_volume(tmp_path / "a.nii").array == IMAGE).all()


def test_a_huge_volume_is_refused_by_its_header(tmp_path, monkeypatch):
    header = nibabel.Nifti1Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((2000, 2000, 2000))
    (tmp_path / "a.nii").write_bytes(header.binaryblock + b"\0" * 100)
    with pytest.raises(BadInput, match="8000 million voxels"):
        read_volume(tmp_path / "a.nii")
    save_mha(tmp_path / "a.mha", IMAGE, SPACING, DimSize="3000 3000 3000")
    with pytest.raises(BadInput, match="27000 million voxels"):
        read_volume(tmp_path / "a.mha")
    save_series(tmp_path / "series", IMAGE, SPACING)
    monkeypatch.setattr(limits, "MAX_VOXELS", 1000)
    with pytest.raises(BadInput, match="voxels"):
        read_volume(tmp_path / "series")


@pytest.mark.parametrize("name", ["a.nii", "a.nii.gz", "a.mha", "b.mha", "a.nrrd", "b.nrrd", "series"])
@pytest.mark.filterwarnings("ignore")
def test_damaged_bytes_never_end_in_another_error(tmp_path, name):
    """Bytes of headers are changed at random, and files cut: a volume or BadInput, nothing else."""
    random = np.random.default_rng(5)
    small = IMAGE[:, :30, :24]
    if name == "series":
        save_series(tmp_path / name, small, SPACING)
        path = tmp_path / name / "IM0007"
    else:
        path = tmp_path / name
        save = {".mha": save_mha, ".nrrd": save_nrrd}.get(path.suffix, save_turned)
        save(path, small, SPACING, **{"b.mha": {"compressed": True}, "b.nrrd": {"encoding": "gzip"}}.get(name, {}))
    content = path.read_bytes()
    refused = 0
    for k in range(40):
        changed = bytearray(content)
        for place in random.integers(0, min(len(content), 420), random.integers(1, 12)):
            changed[place] = random.integers(256)
        path.write_bytes(changed[: random.integers(1, len(changed))] if k % 6 == 0 else changed)
        try:
            read_volume(tmp_path / name)
        except BadInput:
            refused += 1
    assert refused > 5


def test_a_label_map_may_take_the_voxel_grid_of_its_volume(tmp_path):
    save_turned(tmp_path / "image.nii.gz", IMAGE, SPACING, "IPR")
    save_turned(tmp_path / "labels.nii.gz", LABELS, SPACING, "IPR", codes=(0, 0))
    shape, affine = stored_affine(tmp_path / "image.nii.gz")
    assert shape == (60, 48, 7)
    volume = read_volume(tmp_path / "labels.nii.gz", like=affine)
    assert (volume.array == LABELS).all()
    assert np.allclose(volume.spacing, SPACING)


@pytest.mark.parametrize(
    ("name", "stem"), [("a.b.nii.gz", "a.b"), ("a.NII", "a"), ("a.mha", "a"), ("series", "series")]
)
def test_names_lose_their_ending(name, stem):
    assert volume_stem(name) == stem


@pytest.mark.parametrize("affine", [np.eye(4), np.diag([-1.0, -1, 1, 1])])
def test_an_identity_affine_is_remarked(tmp_path, affine):
    image = nibabel.Nifti1Image(IMAGE, affine)
    nibabel.save(image, tmp_path / "a.nii")
    volume = read_volume(tmp_path / "a.nii")
    assert volume.remark == IDENTITY
    assert volume.spacing == (1.0, 1.0, 1.0)
    save_mha(tmp_path / "a.mha", IMAGE, (1, 1, 1), TransformMatrix="1 0 0 0 1 0 0 0 1", Offset="0 0 0")
    assert read_volume(tmp_path / "a.mha").remark == IDENTITY
    save_turned(tmp_path / "b.nii", IMAGE, (1, 1, 1), "RAS")
    assert read_volume(tmp_path / "b.nii").remark == ""


@pytest.mark.parametrize("name", ["a.hdr", "a.img", "a.nii.bz2", "a.nii.zst"])
def test_kinds_of_volumes_that_are_not_read_say_so(tmp_path, name):
    (tmp_path / name).write_bytes(b"voxels")
    assert is_volume(tmp_path / name)
    for reader in (read_volume, stored_affine):
        with pytest.raises(BadInput, match="of a kind that is not read") as error:
            reader(tmp_path / name)
        assert error.value.remedy


def test_the_files_of_a_volume(tmp_path):
    save_turned(tmp_path / "a.nii", IMAGE, SPACING)
    save_nrrd(tmp_path / "b.nhdr", IMAGE, SPACING, beside="b.raw")
    save_mha(tmp_path / "c.mhd", IMAGE[:0], SPACING, ElementDataFile="b.raw")
    save_series(tmp_path / "series", IMAGE[:2], SPACING)
    (tmp_path / "series" / "more").mkdir()
    (tmp_path / "series" / "IM0007").rename(tmp_path / "series" / "more" / "IM0007")
    assert volume_files(tmp_path / "a.nii") == [tmp_path / "a.nii"]
    assert volume_files(tmp_path / "b.nhdr") == [tmp_path / "b.nhdr", tmp_path / "b.raw"]
    assert [file.name for file in volume_files(tmp_path / "series")] == ["IM0000", "IM0007"]
    with pytest.raises(BadInput, match="no voxels"):
        read_volume(tmp_path / "c.mhd")
    assert volume_files(tmp_path / "c.mhd") == [tmp_path / "c.mhd", tmp_path / "b.raw"]


def test_only_segmentations_name_their_numbers(tmp_path):
    save_nrrd(tmp_path / "a.seg.nrrd", LABELS, SPACING, keys={"Segment0_ID": "x", "Segment0_LabelValue": 2})
    save_turned(tmp_path / "a.nii", IMAGE, SPACING)
    assert segment_names(tmp_path / "a.seg.nrrd") == {2: "x"}
    assert segment_names(tmp_path / "a.nii") == {}
