import numpy as np
import pytest

from spinelib.cases import LEVELS, read_landmarks, write_landmarks
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
