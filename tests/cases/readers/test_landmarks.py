import numpy as np
import pytest

from spinelib.cases import LEVELS, read_landmarks, write_landmarks
from spinelib.cases.readers.landmarks import read_landmark_table
from spinelib.core.errors import BadInput
from tests.cases.films import spine


def test_corners_come_back_and_unknown_vertebrae_stay_unknown(tmp_path):
    first, second = spine(), spine(bend=20)
    second[16] = np.nan
    path = write_landmarks({"a, ü": first, "b": second}, tmp_path)
    back = read_landmarks(path)
    np.testing.assert_allclose(back["a, ü"], first, atol=1e-3)
    np.testing.assert_allclose(back["b"], second, atol=1e-3)
    assert path.read_text().splitlines()[0] == "case,vertebra,tl_x,tl_y,tr_x,tr_y,bl_x,bl_y,br_x,br_y"
    assert LEVELS[0] == "T1"
    assert LEVELS[16] == "L5"


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("a,T2", "a,T1", "T1 of case 'a' twice"),
        ("a,T2", "a,C7", "vertebra 'C7'"),
        ("tl_x", "left", "no column 'tl_x'"),
        ("40.0", "", "not a number"),
        ("40.0", "inf", "not a number"),
    ],
)
def test_a_bad_table_is_refused(tmp_path, old, new, reason):
    corners = spine()
    corners[2, 0, 0] = 40.0
    path = write_landmarks({"a": corners}, tmp_path)
    path.write_text(path.read_text().replace(old, new, 1))
    with pytest.raises(BadInput, match=reason):
        read_landmarks(path)


def test_a_missing_table_is_refused(tmp_path):
    with pytest.raises(BadInput, match="does not exist"):
        read_landmarks(tmp_path / "none.csv")


def test_case_ids_that_look_like_numbers_or_nothing_stay_text(tmp_path):
    path = write_landmarks({"007": spine(), "NA": spine()}, tmp_path)
    assert list(read_landmarks(path)) == ["007", "NA"]


def table(folder, *rows, separator=",", encoding="utf-8", films=("a", "b")):
    """landmarks.csv of whole films, with `rows` more."""
    path = write_landmarks({name: spine() for name in films}, folder)
    lines = [*path.read_text().splitlines(), *rows]
    path.write_bytes("\n".join(line.replace(",", separator) for line in lines).encode(encoding))
    return path


@pytest.mark.parametrize("row", [",,,,,,,,,", "", ",,,"])
def test_an_empty_row_is_passed_over(tmp_path, row):
    corners, problems = read_landmark_table(table(tmp_path, row))
    assert problems == []
    np.testing.assert_allclose(corners["a"], spine(), atol=1e-3)


@pytest.mark.parametrize(
    ("row", "words", "action", "left"),
    [
        ("a,S1,1,2,3,4,5,6,7,8", "row 36 names a vertebra 'S1'; the row is left out", "kept", ["a", "b"]),
        ("a,,1,2,3,4,5,6,7,8", "row 36 names a vertebra ''; the row is left out", "kept", ["a", "b"]),
        ("a,Th1,1,2,3,4,5,6,7,8", "row 36 lists T1 of case 'a' twice", "excluded", ["b"]),
        ("c,T1,,2,3,4,5,6,7,8", "row 36 holds '' as tl_x, which is not a number", "excluded", ["a", "b"]),
        ("c,T1,1,2,3,x,5,6,7,8", "row 36 holds 'x' as tr_y, which is not a number", "excluded", ["a", "b"]),
        ("c,T1,1,2,3", "row 36 has 5 fields, the header 10", "excluded", ["a", "b"]),
        ("a,T1,1,2,3,4,5,6,7,8,9", "row 36 has 11 fields, the header 10", "excluded", ["b"]),
        (",T1,1,2,3,4,5,6,7,8", "row 36 names no case", "excluded", ["a", "b"]),
    ],
)
def test_one_bad_row_costs_one_film(tmp_path, row, words, action, left):
    path = table(tmp_path, row)
    corners, problems = read_landmark_table(path)
    assert [(problem.case, problem.problem, problem.action) for problem in problems] == [
        (row.split(",")[0], words, action)
    ]
    assert list(corners) == left
    for points in corners.values():
        np.testing.assert_allclose(points, spine(), atol=1e-3)
    with pytest.raises(BadInput):
        read_landmarks(path)


def test_rows_of_no_case_are_named_with_the_closest_one(tmp_path):
    corners, problems = read_landmark_table(table(tmp_path, films=("a", "Case_01", "a.png")), {"a", "case_01"})
    assert list(corners) == ["a"]
    assert [(problem.case, problem.problem, problem.remedy) for problem in problems] == [
        ("Case_01", "row 19 names case 'Case_01', which is none here", "Did you mean 'case_01'?"),
        ("a.png", "row 36 names case 'a.png', which is none here", "Did you mean 'a'?"),
    ]
    assert {problem.action for problem in problems} == {"kept"}


def test_tables_of_a_german_spreadsheet_read_alike_and_say_so(tmp_path):
    path = table(tmp_path, separator=";", encoding="cp1252", films=("Müller",))
    path.write_bytes(path.read_bytes().replace(b".", b","))
    corners, problems = read_landmark_table(path)
    np.testing.assert_allclose(corners["Müller"], spine(), atol=1e-3)
    assert [problem.problem for problem in problems] == [
        "was read as windows-1252 text, with fields separated by semicolons"
    ]
    assert list(read_landmarks(path)) == ["Müller"]
