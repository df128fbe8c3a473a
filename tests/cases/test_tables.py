"""Names in the tables beside a manifest stay the text that they are; numbers are numbers."""

from dataclasses import replace

import numpy as np
import pytest

from spinelib.cases.audit import DuplicatePair, write_audit
from spinelib.cases.manifest import Problem, write_problems
from spinelib.cases.tables import read_frame
from spinelib.core.errors import BadInput

NAMES = ["007", "1e5", "NA", "nan", "True", "", "-0", "$\\frac$", 'a,"b"', "脊柱", "2024-01-02", "0x1F", "inf", " 8 "]

PAIR = DuplicatePair("007", "1e5", 0.25, 1.0, 1.0, 0.0, 0.0, across_split=True)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_text_whatever_it_looks_like(tmp_path, name):
    write_problems([Problem(name, name, name, name, "kept")], tmp_path)
    table = read_frame(tmp_path / "problems.csv")
    assert table.loc[0].tolist() == [name, name, name, name, "kept"]


def test_pairs_have_names_truths_and_numbers(tmp_path):
    write_audit([PAIR, replace(PAIR, a="NA", b="8", similarity=1.0, across_split=False)], tmp_path)
    table = read_frame(tmp_path / "audit.csv")
    assert table[["a", "b"]].to_numpy().tolist() == [["007", "1e5"], ["NA", "8"]]
    assert table["similarity"].tolist() == [0.25, 1.0]
    assert table["across_split"].dtype == bool
    assert table["across_split"].tolist() == [True, False]


def test_an_empty_field_is_nan_among_numbers_and_empty_among_words(tmp_path):
    (tmp_path / "t.csv").write_text("case,value,remark\n01,,x\n02,2.5,\n")
    table = read_frame(tmp_path / "t.csv")
    assert table["case"].tolist() == ["01", "02"]
    np.testing.assert_array_equal(table["value"], [np.nan, 2.5])
    assert table["remark"].tolist() == ["x", ""]


def test_no_file_and_no_rows_are_empty_and_no_table_is_refused(tmp_path):
    assert read_frame(tmp_path / "missing.csv").empty
    write_problems([], tmp_path)
    empty = read_frame(tmp_path / "problems.csv")
    assert empty.empty
    assert list(empty.columns) == ["case", "file", "problem", "remedy", "action"]
    (tmp_path / "broken.csv").write_text("a,b\n1\n")
    with pytest.raises(BadInput, match=r"broken\.csv: row 2"):
        read_frame(tmp_path / "broken.csv")
