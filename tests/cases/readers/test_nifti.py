"""NIfTI files: which of their two forms counts, in which unit, and files that are refused."""

import nibabel
import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.cases.readers import nifti
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
