"""labelled.csv: what is written is read again, and what makes no sense is refused."""

import numpy as np
import pytest

from spinelib.cases import Case
from spinelib.cases.labelled import known_structures, read_labelled, write_labelled
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
