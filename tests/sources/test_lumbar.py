"""The open lumbar volumes: partly labelled, by what their folder is called."""

import os
from pathlib import Path

import numpy as np
import pytest

from spinelib.cases import load_arrays
from spinelib.core.errors import BadInput
from spinelib.core.structures import DISCS, STRUCTURES

from .accounts import uses
from .volumes import no_orientation, pair, run

PARTS = ("images", "labels")
REAL = Path(os.environ.get("SPINE_DATA", "")) / "lumbar_mri"


def bodies(labels):
    return np.where((labels >= 2) & (labels <= 8), labels, 0)


def discs(labels):
    return np.where((labels >= 11) & (labels <= 15), labels, 0)


@pytest.fixture
def source(tmp_path):
    for name, change, count in (("VB2_T2", bodies, 3), ("IVD_T2", discs, 2)):
        for k in range(count):
            file = f"{name[:2]}_{k}.nii.gz"
            pair(
                tmp_path / "in" / name / "images" / file,
                tmp_path / "in" / name / "labels" / file,
                k + 10 * count,
                change,
            )
    return tmp_path / "in"


def test_what_a_set_does_not_label_is_unknown(source):
    out, cases, problems = run("lumbar", source)
    assert problems == {}
    assert {name: case.note for name, case in cases.items()} == {
        **{f"VB_{k}": "VB2_T2" for k in range(3)},
        **{f"IV_{k}": "IVD_T2" for k in range(2)},
    }
    arrays = load_arrays(out, (8, 64, 32))
    known = {case: [STRUCTURES[k] for k in np.flatnonzero(row)] for case, row in zip(cases, arrays.known, strict=True)}
    assert known["VB_0"] == ["L5", "L4", "L3", "L2", "L1", "T12", "T11"]
    assert known["IV_0"] == list(DISCS[:5])


def test_each_set_has_its_share_of_the_test(source):
    _, cases, _ = run("lumbar", source, test_fraction=0.4)
    held = [case.note for case in cases.values() if case.split == "test"]
    assert sorted(held) == ["IVD_T2", "VB2_T2"]


def test_all_of_them_may_be_tested(source):
    _, cases, _ = run("lumbar", source, test_fraction=1.0)
    assert {case.split for case in cases.values()} == {"test"}


def test_one_set_alone_will_do(source):
    _, cases, _ = run("lumbar", source / "VB2_T2")
    assert set(cases) == {"VB_0", "VB_1", "VB_2"}


def test_labels_of_unlabelled_structures_are_refused(source):
    folder = source / "VB2_T2"
    pair(folder / "images" / "VB_1.nii.gz", folder / "labels" / "VB_1.nii.gz", 9)
    _, cases, problems = run("lumbar", source)
    assert "VB_1" not in cases
    assert "which is said to be unlabelled here" in problems["VB_1"].problem


def test_a_volume_that_does_not_say_how_the_patient_lies_is_a_problem(source):
    no_orientation(source / "VB2_T2" / "images" / "VB_2.nii.gz")
    _, cases, problems = run("lumbar", source)
    assert "VB_2" not in cases
    problem = problems["VB_2"]
    assert (problem.action, problem.problem) == (
        "excluded",
        "does not say how the patient lies (qform and sform code are 0)",
    )
    assert problem.file.endswith("VB_2.nii.gz")
    assert problem.remedy


def test_another_folder_is_refused(tmp_path):
    (tmp_path / "in").mkdir()
    with pytest.raises(BadInput, match="no volume of VB2_T2 or IVD_T2"):
        run("lumbar", tmp_path / "in")


def test_every_file_is_accounted_for_and_of_two_of_one_name_none_is_taken(source):
    folder = source / "VB2_T2"
    pair(folder / "images" / "VB_1.nii", folder / "labels" / "VB_9.nii.gz", 9, bodies)
    (folder / "images" / "VB_2.docx").write_bytes(b"x")
    (source / "readme.txt").write_text("x")
    pair(source / "IVD_T2" / "images" / "VB_0.nii.gz", source / "IVD_T2" / "labels" / "VB_0.nii.gz", 8, discs)
    (source / "IVD_T2" / "images" / "gone.nii.gz").symlink_to(source / "nowhere.nii.gz")
    out, cases, problems = run("lumbar", source)
    assert set(cases) == {"VB_2", "IV_0", "IV_1"}
    assert "is a link to nothing" in problems[""].problem
    found = uses(source, out)
    good = {f"{'IVD_T2' if name[0] == 'I' else 'VB2_T2'}/{part}/{name}.nii.gz" for part in PARTS for name in cases}
    assert {name for name, use in found.items() if use == "used"} == good
    assert {name for name, use in found.items() if use == "ignored"} == {"readme.txt"}


def test_a_volume_that_is_a_link_is_used(source, tmp_path):
    image = source / "VB2_T2" / "images" / "VB_1.nii.gz"
    image.rename(tmp_path / "elsewhere.nii.gz")
    image.symlink_to(tmp_path / "elsewhere.nii.gz")
    out, cases, problems = run("lumbar", source)
    assert problems == {}
    assert cases["VB_1"].image == str(image)
    assert set(uses(source, out).values()) == {"used"}


@pytest.mark.skipif(not REAL.is_dir(), reason="needs the open lumbar volumes (SPINE_DATA)")
def test_the_real_volumes(tmp_path):
    from spinelib.cases import read_manifest, read_problems, read_volume
    from spinelib.sources import prepare

    prepare("lumbar", tmp_path, REAL)
    cases = read_manifest(tmp_path)
    assert len(cases) == 17
    assert [problem.case for problem in read_problems(tmp_path)] == ["IVD_46"]
    for case in (cases[0], cases[-1]):
        volume = read_volume(case.image)
        assert np.allclose(volume.spacing, (4, 1, 1))
        assert volume.array.shape[0] < 20
