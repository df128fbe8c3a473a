import pytest

from spinelib.cases.manifest import Case
from spinelib.core.errors import BadInput
from spinelib.sources.mr import Checked, merge_equal, split_by_note


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
