import pytest

from spinelib.cases.manifest import Case
from spinelib.core.errors import BadInput
from spinelib.sources.mr import Checked, by_stem, match_volumes, merge_equal, split_by_note


def case(name, patient, note=""):
    return Case(name, patient, "sagittal", f"{name}.nii.gz", note=note)


def test_equal_voxels_make_one_patient_and_are_told():
    a, b, c = case("a", "p"), case("b", "q"), case("c", "q")
    problems = []
    found = merge_equal([Checked(x, None, (), mark) for x, mark in ((a, "1"), (b, "1"), (c, "2"))], problems)
    assert [x.patient for x in found] == ["p", "p", "p"]
    assert [(problem.case, problem.action) for problem in problems] == [("b", "kept")]


def test_patients_of_every_note_are_held_out(tmp_path):
    cases = [case(f"{note}{k}", f"{note}{k}", note) for note in ("t1", "t2") for k in range(6)]
    divided = split_by_note(cases, tmp_path, 0.3, 0)
    for note in ("t1", "t2"):
        assert {x.split for x in divided if x.note == note} == {"train", "test"}
    assert {x.split for x in split_by_note(cases, tmp_path, 1, 0)} == {"test"}
    with pytest.raises(BadInput, match="one patient"):
        split_by_note(cases[:1], tmp_path, 0.3, 0)


def test_volumes_meet_their_label_maps_by_name(tmp_path):
    images = [tmp_path / "a.nii.gz", tmp_path / "b.nii.gz"]
    problems = []
    found = match_volumes(images, {"a": tmp_path / "x.nii.gz", "z": tmp_path / "z.nii.gz"}, problems)
    assert [x.case for x in found] == ["a"]
    assert [(problem.case, problem.problem) for problem in problems] == [
        ("b", "has no label map"),
        ("z", "has no volume"),
    ]


def test_of_two_label_maps_of_one_name_none_is_taken(tmp_path):
    problems = []
    paths = [tmp_path / name for name in ("a.nii.gz", "b.nii.gz", "a.seg.nrrd")]
    assert by_stem(paths, problems) == {"b": tmp_path / "b.nii.gz"}
    assert [(row.case, row.file, row.problem) for row in problems] == [
        ("a", str(paths[0]), "has the name of a.seg.nrrd"),
        ("a", str(paths[2]), "has the name of a.nii.gz"),
    ]
