import numpy as np
import pytest

from spinelib.core.errors import BadInput
from spinelib.sources.labelmap import read_label_map

from .volumes import write_rows


def test_own_structures_keep_their_own_order(tmp_path):
    write_rows(tmp_path / "labels.csv", ("value", "structure"), [(3, "cord"), (1, "tumour"), (4, "cord"), (9, "")])
    table = read_label_map(tmp_path / "labels.csv")
    assert table.classes == table.named == ("cord", "tumour")
    values, _ = table.convert(tmp_path, np.array([0, 1, 3, 4, 9]))
    assert values.tolist() == [0, 2, 1, 1, 0]
    with pytest.raises(BadInput, match=r"does not name \(2\)"):
        table.convert(tmp_path, np.array([0, 2]))


@pytest.mark.parametrize(
    ("columns", "rows", "words"),
    [
        (("value", "name"), [(1, "L5")], "has the columns value, name"),
        (("value", "structure"), [("x", "L5")], "row 2 has value 'x'"),
        (("value", "structure"), [(1, "L5"), (1, "L4")], "names a value twice"),
        (("value", "structure"), [(1, "")], "names no structure"),
        (("value", "structure"), [(70000, "L5")], "row 2 has value '70000'"),
    ],
)
def test_a_bad_label_table_is_refused(tmp_path, columns, rows, words):
    write_rows(tmp_path / "labels.csv", columns, rows)
    with pytest.raises(BadInput, match=words) as error:
        read_label_map(tmp_path / "labels.csv")
    assert error.value.remedy
