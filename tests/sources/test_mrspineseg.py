"""MRSpineSeg in its official layout."""

import nibabel
import numpy as np
import pytest

from spinelib.cases import load_arrays, read_volume
from spinelib.core.errors import BadInput

from .accounts import uses
from .volumes import no_orientation, pair, run


@pytest.fixture
def source(tmp_path):
    source = tmp_path / "in"
    for k in (1, 2, 10, 11, 12):
        pair(source / "train" / "MR" / f"Case{k}.nii.gz", source / "train" / "Mask" / f"mask_case{k}.nii.gz", k)
    # The hidden test volumes have no labels beside them.
    pair(source / "test1" / "MR" / "Case200.nii.gz", source / "elsewhere" / "x.nii.gz", 99)
    return source


def test_volumes_and_masks_are_matched_by_number(source):
    out, cases, problems = run("mrspineseg", source)
    assert list(cases) == ["Case1", "Case2", "Case10", "Case11", "Case12"]
    assert problems == {}
    assert all(case.image.endswith(f"{name}.nii.gz") for name, case in cases.items())
    assert all(case.mask.endswith(f"mask_case{name[4:]}.nii.gz") for name, case in cases.items())
    assert not (out / "labelled.csv").exists() or load_arrays(out, (8, 64, 32)).known.all()


def test_the_test_share_is_that_of_the_paper(source):
    _, cases, _ = run("mrspineseg", source)
    assert sum(case.split == "test" for case in cases.values()) == 1


def test_the_names_of_the_papers_code_are_known_too(tmp_path):
    for k in (3, 4):
        pair(tmp_path / "in" / "original_mr" / f"Case{k}.nii.gz", tmp_path / "in" / "mask" / f"mask_case{k}.nii.gz", k)
    assert list(run("mrspineseg", tmp_path / "in")[1]) == ["Case3", "Case4"]


def test_what_does_not_fit_is_a_row_and_the_rest_goes_on(source):
    train = source / "train"
    (train / "Mask" / "mask_case2.nii.gz").unlink()
    (train / "MR" / "Case10.nii.gz").write_bytes(b"broken")
    no_orientation(train / "Mask" / "mask_case11.nii.gz")
    (train / "MR" / "notes.docx").write_text("not a volume")
    pair(train / "MR" / "Case13.nii.gz", train / "Mask" / "mask_case13.nii.gz", 13, lambda labels: labels * 3)
    _, cases, problems = run("mrspineseg", source)
    assert set(cases) == {"Case1", "Case12"}
    reasons = {name: problem.problem for name, problem in problems.items()}
    assert reasons["Case2"] == "has no label map called Case2"
    assert "not a readable NIfTI" in reasons["Case10"]
    assert "does not say how the patient lies" in reasons["Case11"]
    assert "holds values that are no label" in reasons["Case13"]
    assert "is not of a kind that can be read" in reasons["notes.docx"]
    assert all(problem.remedy and problem.action == "excluded" for problem in problems.values())


def test_masks_without_orientation_can_take_that_of_their_volume(source):
    path = source / "train" / "Mask" / "mask_case11.nii.gz"
    wanted = np.asarray(read_volume(path).array)
    no_orientation(path)
    out, cases, problems = run("mrspineseg", source, label_header="image")
    assert len(cases) == 5
    assert "the orientation of its volume is used" in problems["Case11"].problem
    assert (read_volume(out / cases["Case11"].mask).array == wanted).all()


def test_the_same_voxels_twice_are_one_patient(source):
    train = source / "train"
    for name in ("MR/Case{}.nii.gz", "Mask/mask_case{}.nii.gz"):
        (train / name.format(20)).write_bytes((train / name.format(1)).read_bytes())
    _, cases, problems = run("mrspineseg", source)
    assert cases["Case20"].patient == cases["Case1"].patient
    assert cases["Case20"].split == cases["Case1"].split
    assert "holds the voxels of case 'Case1'" in problems["Case20"].problem


@pytest.mark.parametrize("axes", ["RAS", "LPS", "PIR", "SAL"])
def test_any_order_of_the_axes_is_the_same_case(tmp_path, axes):
    source = tmp_path / "in"
    for k in (1, 2):
        pair(source / "MR" / f"Case{k}.nii.gz", source / "Mask" / f"mask_case{k}.nii.gz", k, axes=axes)
    out, cases, _ = run("mrspineseg", source)
    assert nibabel.aff2axcodes(nibabel.load(cases["Case1"].image).affine) == tuple(axes)
    assert (load_arrays(out, (8, 64, 32)).labels[0] == 4).any()
    volume = read_volume(cases["Case1"].image)
    assert volume.array.shape == (7, 60, 48)


def test_another_layout_is_refused(tmp_path):
    pair(tmp_path / "in" / "images" / "Case1.nii.gz", tmp_path / "in" / "masks" / "Case1.nii.gz")
    with pytest.raises(BadInput, match="holds no MR volume") as error:
        run("mrspineseg", tmp_path / "in")
    assert "train/MR" in error.value.remedy


def test_of_two_volumes_with_one_number_none_is_taken_and_every_file_is_accounted_for(source):
    train = source / "train"
    (train / "MR" / "case_01.nii.gz").write_bytes((train / "MR" / "Case2.nii.gz").read_bytes())
    (train / "Mask" / "mask_case10.nii").write_bytes(b"x")
    (train / "MR" / "notes.txt").write_text("x")
    out, cases, problems = run("mrspineseg", source)
    assert set(cases) == {"Case2", "Case11", "Case12"}
    assert problems["Case1"].problem == "could belong to several images"
    assert problems["Case10"].action == "excluded"
    found = uses(source, out)
    bad = ("MR/Case1.nii.gz", "MR/case_01.nii.gz", "Mask/mask_case1.nii.gz")
    bad += ("MR/Case10.nii.gz", "Mask/mask_case10.nii.gz", "Mask/mask_case10.nii")
    assert {name for name, use in found.items() if use == "problem"} == {f"train/{name}" for name in bad}
    ignored = {"train/MR/notes.txt", "test1/MR/Case200.nii.gz", "elsewhere/x.nii.gz"}
    assert {name for name, use in found.items() if use == "ignored"} == ignored
