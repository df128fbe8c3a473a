import numpy as np
import pytest

from spinelib.cases.readers.label_names import LabelNames
from spinelib.core.errors import BadInput
from spinelib.core.structures import STRUCTURES
from spinelib.sources.labelmap import find_label_map, read_label_map

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
        (("value", "name"), [(1, "L5")], "no column 'structure'"),
        (("value", "structure"), [("x", "L5")], "row 2 has value 'x'"),
        (("value", "structure"), [(1, "L5"), (1, "L4")], "names a value twice"),
        (("value", "structure"), [(1, "")], "names no structure"),
        (("value", "structure"), [(70000, "L5")], "row 2 has value '70000'"),
        (("value", "structure"), [(0, "bg"), (1, "L5")], "calls 0 'bg'"),
    ],
)
def test_a_bad_label_table_is_refused(tmp_path, columns, rows, words):
    write_rows(tmp_path / "labels.csv", columns, rows)
    with pytest.raises(BadInput, match=words) as error:
        read_label_map(tmp_path / "labels.csv")
    assert error.value.remedy


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("value,structure\n1,Rückenmark\n2,Tumor\n,\n", "cp1252"),
        ("Value;Structure\n1,0;Rückenmark\n2,0;Tumor\n", "utf-8-sig"),
        ("value\tstructure\n\n1.0\tRückenmark\n2\tTumor\n", "utf-16"),
    ],
)
def test_tables_of_other_programs_read_alike(tmp_path, text, encoding):
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    table = read_label_map(tmp_path / "labels.csv")
    assert table.classes == ("Rückenmark", "Tumor")
    assert table.convert(tmp_path, np.array([0, 1, 2]))[0].tolist() == [0, 1, 2]


def test_structures_that_differ_by_capitals_alone_are_refused(tmp_path):
    for rows, words in (([(1, "L5"), (2, "l4")], "Did you mean 'L4'"), ([(1, "cord"), (2, "Cord")], "mean 'cord'")):
        write_rows(tmp_path / "labels.csv", ("value", "structure"), rows)
        with pytest.raises(BadInput, match=words):
            read_label_map(tmp_path / "labels.csv")
    write_rows(tmp_path / "labels.csv", ("value", "structure"), [(1, "l5"), (2, "l4")])
    assert read_label_map(tmp_path / "labels.csv").classes == ("l5", "l4")


def test_labels_yaml_serves_volumes_unless_both_files_are_there(tmp_path):
    names = LabelNames(values={7: "L5", 8: "L4", 9: None}, ignore=(255,), file=str(tmp_path / "labels.yaml"))
    table = find_label_map(tmp_path, names)
    assert table.classes == STRUCTURES
    assert table.named == ("L5", "L4")
    found, _ = table.convert(tmp_path, np.array([0, 7, 8, 9, 255]))
    assert found.tolist() == [0, 2, 3, 0, 0]
    with pytest.raises(BadInput, match=r"labels.yaml does not name \(3\)"):
        table.convert(tmp_path, np.array([3]))
    assert find_label_map(tmp_path, LabelNames()) is None
    write_rows(tmp_path / "labels.csv", ("value", "structure"), [(1, "L5")])
    assert find_label_map(tmp_path, LabelNames()).named == ("L5",)
    with pytest.raises(BadInput, match=r"labels.csv: says what values mean, and so does labels.yaml"):
        find_label_map(tmp_path, names)
