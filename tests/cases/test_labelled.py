"""labelled.csv: what is written is read again, and what makes no sense is refused."""

import numpy as np
import pytest

from spinelib.cases import Case
from spinelib.cases.labelled import known_structures, read_labelled, read_user_labelled, write_labelled
from spinelib.core.errors import BadInput

CASES = [Case(name, name, "sagittal", f"{name}.nii", "m.nii") for name in ("a", "b, ü")]
CLASSES = ("L5", "L4", "L4/L5")


def test_what_is_written_is_read_again(tmp_path):
    write_labelled({"b, ü": ("L5", "L4/L5")}, tmp_path)
    assert read_labelled(tmp_path) == {"b, ü": ("L5", "L4/L5")}
    known = known_structures(tmp_path, CASES, CLASSES)
    assert np.array_equal(known, [[True, True, True], [True, False, True]])


def test_without_the_file_everything_is_known(tmp_path):
    assert read_labelled(tmp_path) == {}
    assert known_structures(tmp_path, CASES, CLASSES).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("case,labels\na,L5\n", "has the columns case, labels"),
        ("case,structures\na,L5\na,L4\n", "row 3 repeats case 'a'"),
        ("case,structures\na,\n", "row 2 names no structure of case 'a'"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, text, words):
    (tmp_path / "labelled.csv").write_text(text)
    with pytest.raises(BadInput, match=words) as error:
        read_labelled(tmp_path)
    assert error.value.remedy


def test_a_structure_that_is_no_class_is_named(tmp_path):
    write_labelled({"a": ("L5", "L6")}, tmp_path)
    with pytest.raises(BadInput, match="case 'a' names L6"):
        known_structures(tmp_path, CASES, CLASSES)


def user_table(folder, text, encoding="utf-8"):
    (folder / "labelled.csv").write_bytes(text.encode(encoding))
    return read_user_labelled(folder, [case.case for case in CASES], CLASSES)


@pytest.mark.parametrize(
    ("row", "problem", "remedy", "action"),
    [
        ("A,L5", "row 3 names case 'A', which is none here", "Did you mean 'a'?", "kept"),
        ("a.nii.gz,L5", "row 3 names case 'a.nii.gz', which is none here", "Did you mean 'a'?", "kept"),
        ("v9,L5", "row 3 names case 'v9', which is none here", "Known: a, b, ü.", "kept"),
        (",L5", "row 3 names case '', which is none here", "Known: a, b, ü.", "kept"),
        ("a,L5;L6", "row 3 names L6", "Did you mean 'L5'?", "excluded"),
        ("a,", "row 3 names no structure", "Give each case one row", "excluded"),
        ("a,L5,L4", "row 3 has 3 fields, the header 2", "Give each case one row", "excluded"),
    ],
)
def test_one_bad_row_is_one_problem(tmp_path, row, problem, remedy, action):
    labelled, problems = user_table(tmp_path, f'case,structures\n"b, ü",L5; L4\n{row}\n,\n')
    assert labelled == {"b, ü": ("L5", "L4")}
    assert [(each.problem, each.action) for each in problems] == [(problem, action)]
    assert problems[0].remedy.startswith(remedy)
    assert problems[0].file == str(tmp_path / "labelled.csv")


def test_a_case_with_two_rows_is_left_out(tmp_path):
    labelled, problems = user_table(tmp_path, "case,structures\na,L5\na,L4\n")
    assert labelled == {}
    assert [(each.case, each.problem, each.action) for each in problems] == [
        ("a", "row 3 repeats case 'a'", "excluded")
    ]


def test_a_table_of_another_program_is_read_and_says_so(tmp_path):
    labelled, problems = user_table(tmp_path, 'case;structures\nb, ü;"L5;L4"\n', "cp1252")
    assert labelled == {"b, ü": ("L5", "L4")}
    assert [each.problem for each in problems] == ["was read as windows-1252 text, with fields separated by semicolons"]
    assert read_user_labelled(tmp_path / "none", ["a"], CLASSES) == ({}, [])
    with pytest.raises(BadInput, match="unknown column 'note'"):
        user_table(tmp_path, "case,structures,note\n")
