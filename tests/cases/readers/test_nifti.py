"""NIfTI files: which of their two forms counts, in which unit, and files that are refused."""

import nibabel
import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.cases.readers import nifti
from spinelib.cases.volume import canonical_affine
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_turned

IMAGE, LABELS = lumbar()


def test_a_unit_of_metres_is_understood(tmp_path):
    image = nibabel.Nifti1Image(IMAGE, np.diag([-0.004, 0.0015, 0.00125, 1.0]))
    image.header.set_xyzt_units("meter")
    nibabel.save(image, tmp_path / "a.nii")
    assert np.allclose(read_volume(tmp_path / "a.nii").spacing, (4, 1.25, 1.5))


def two_forms(path, sform, qform, codes=(1, 1)):
    image = nibabel.Nifti1Image(IMAGE, None)
    image.set_sform(sform, codes[0])
    image.set_qform(qform, codes[1])
    nibabel.save(image, path)


def test_voxels_and_affine_are_those_of_the_file(tmp_path):
    save_turned(tmp_path / "a.nii.gz", IMAGE, SPACING, "IPR")
    values, affine, remark = nifti.read(tmp_path / "a.nii.gz", strict=True)
    assert remark == ""
    theirs = nibabel.load(tmp_path / "a.nii.gz")
    np.testing.assert_array_equal(values, np.asanyarray(theirs.dataobj))
    np.testing.assert_allclose(affine, theirs.affine)
    assert nifti.geometry(tmp_path / "a.nii.gz")[0] == theirs.shape


def test_the_sform_counts_where_both_forms_speak_and_the_qform_where_it_alone_does(tmp_path):
    one = np.diag([4.0, 1.5, 1.25, 1.0])
    other = one.copy()
    other[:3, 3] = 7
    two_forms(tmp_path / "a.nii", one, other)
    _, affine, remark = nifti.read(tmp_path / "a.nii", strict=True)
    np.testing.assert_allclose(affine, one)
    assert remark == "has a qform that differs from its sform, which is used"
    two_forms(tmp_path / "b.nii", one, other, codes=(0, 1))
    _, affine, remark = nifti.read(tmp_path / "b.nii", strict=True)
    np.testing.assert_allclose(affine, other)
    assert remark == ""


def test_sizes_that_the_header_states_twice_are_remarked(tmp_path):
    two_forms(tmp_path / "a.nii", np.diag([4.0, 1.5, 1.25, 1.0]), None, codes=(1, 0))
    image = nibabel.load(tmp_path / "a.nii")
    image.header.set_zooms((2.0, 1.5, 1.25))
    nibabel.save(image, tmp_path / "b.nii")
    remark = nifti.read(tmp_path / "b.nii", strict=True)[2]
    assert remark == "has pixdim [2.0, 1.5, 1.25] beside an affine of [4.0, 1.5, 1.25] mm, which is used"


def test_no_form_is_refused_but_for_a_label_map(tmp_path):
    save_turned(tmp_path / "a.nii", LABELS, SPACING, "LIP", codes=(0, 0))
    with pytest.raises(BadInput, match="qform and sform code are 0") as error:
        nifti.read(tmp_path / "a.nii", strict=True)
    assert "dcm2niix" in error.value.remedy
    np.testing.assert_array_equal(nifti.read(tmp_path / "a.nii", strict=False)[0], LABELS)


def content(path, change):
    """Write the bytes of a sound file, changed."""
    save_turned(path, IMAGE, SPACING, "LIP")
    path.write_bytes(change(bytearray(path.read_bytes())))
    return path


def put(place, value, kind):
    """What writes a number at a place of the header."""

    def change(file):
        file[place : place + np.dtype(kind).itemsize] = np.array([value], kind).tobytes()
        return bytes(file)

    return change


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda file: file[:-1], "cut short .40671 of 40672 bytes"),
        (lambda file: file + b"more", "more than the 40672 bytes"),
        (put(42, 6, "<i2"), "more than the"),  # fewer slices than there are
        (put(70, 32, "<i2"), "complex numbers"),
        (put(70, 128, "<i2"), "holds colours"),
        (put(70, 1, "<i2"), "not a readable NIfTI"),  # bits
        (put(108, 0.0, "<f4"), "not a readable NIfTI|within its header"),  # the place of the voxels
        (put(344, 0, "<i4"), "none of a header"),  # Analyze
        (put(344, 0x31696E, "<i4"), "half of a pair"),
        (put(123, 7, "u1"), "a unit that NIfTI does not know"),
    ],
)
def test_what_the_bytes_do_not_hold_is_refused(tmp_path, change, words):
    with pytest.raises(BadInput, match=words) as error:
        read_volume(content(tmp_path / "a.nii", change))
    assert error.value.remedy


def test_a_flipped_bit_anywhere_in_a_packed_file_is_found(tmp_path):
    save_turned(tmp_path / "a.nii.gz", IMAGE, SPACING, "LIP")
    good, random = (tmp_path / "a.nii.gz").read_bytes(), np.random.default_rng(0)
    for _ in range(60):
        bad = bytearray(good)
        bad[random.integers(500, len(bad))] ^= 1 << int(random.integers(8))
        (tmp_path / "a.nii.gz").write_bytes(bad)
        with pytest.raises(BadInput, match=r"damaged|more than|cut short"):
            read_volume(tmp_path / "a.nii.gz")


@pytest.mark.parametrize(
    ("slope", "intercept", "factor", "offset"),
    [(2.0, -100.0, 2, -100), (0.5, 0.25, 0.5, 0.25), (0.0, 7.0, 1, 0), (np.nan, 7.0, 1, 0), (1.0, 0.0, 1, 0)],
)
def test_slope_and_intercept_make_the_values_unless_there_is_no_slope(tmp_path, slope, intercept, factor, offset):
    def change(file):
        file[112:120] = np.array([slope, intercept], "<f4").tobytes()
        return bytes(file)

    values, _, _ = nifti.read(content(tmp_path / "a.nii", change), strict=True)
    stored = nifti.read(content(tmp_path / "b.nii", bytes), strict=True)[0]
    np.testing.assert_array_equal(values, stored * factor + offset)
    assert values.dtype == (np.int16 if (factor, offset) == (1, 0) else np.float32)


def test_an_intercept_that_is_no_number_is_refused(tmp_path):
    def change(file):
        file[112:120] = np.array([2, np.inf], "<f4").tobytes()
        return bytes(file)

    with pytest.raises(BadInput, match="scl_slope or scl_inter that is no number"):
        read_volume(content(tmp_path / "a.nii", change))


@pytest.mark.parametrize("kind", ["Nifti1Image", "Nifti2Image"])
@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.int64, np.uint64, np.float32, np.float64])
def test_both_versions_orders_and_every_kind_of_number_give_the_same_voxels(tmp_path, kind, order, dtype):
    header = getattr(nibabel, kind).header_class(endianness=order)
    header.set_data_dtype(np.dtype(dtype).newbyteorder(order))
    image = getattr(nibabel, kind)(LABELS.astype(dtype), canonical_affine(LABELS.shape, SPACING), header)
    image.set_sform(image.affine, 1)
    nibabel.save(image, tmp_path / "a.nii")
    values, affine, _ = nifti.read(tmp_path / "a.nii", strict=True)
    np.testing.assert_array_equal(values, LABELS)
    np.testing.assert_allclose(affine, image.affine, atol=1e-6)
    assert values.dtype == (np.float32 if np.dtype(dtype).kind == "f" else dtype)


def test_a_negative_pixdim_is_a_size(tmp_path):
    save_turned(tmp_path / "a.nii", IMAGE, SPACING, "LIP", codes=(1, 0))
    file = bytearray((tmp_path / "a.nii").read_bytes())
    file[80:92] = (-np.frombuffer(bytes(file[80:92]), "<f4")).tobytes()
    (tmp_path / "b.nii").write_bytes(file)
    np.testing.assert_allclose(nifti.geometry(tmp_path / "b.nii")[1], nifti.geometry(tmp_path / "a.nii")[1])
