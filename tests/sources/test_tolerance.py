"""The table of tolerances, from the repeat labels of prepared data."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.core.layout import DataFolder
from spinelib.sources.repeat import COLUMNS
from spinelib.sources.tolerance import main, tolerance_row


@pytest.fixture
def prepared(tmp_path):
    pairs = [{**dict.fromkeys(COLUMNS, 0.0), "a": "x", "b": "y", "boundary_p95": p95} for p95 in (0.5, 0.9, 4.0)]
    table = pd.DataFrame(pairs).assign(level_shift=[0, 0, 1], dice=[0.9, 0.8, 0.3])
    table.to_csv(DataFolder(tmp_path).repeat, index=False)
    return tmp_path


def test_it_is_the_median_over_the_pairs(prepared):
    row = tolerance_row("d", prepared)
    assert (row["pairs"], row["shifted"], row["dice"], row["boundary_p95"]) == ("3", "1", "0.8", "0.9")


def test_the_command_writes_one_row_and_keeps_the_others(prepared, tmp_path, capsys):
    table = tmp_path / "table.csv"
    table.write_text("dataset,pairs,shifted,dice,boundary_median,boundary_p95\nd,1,1,1,1,1\nother,2,0,0.9,0.1,0.7\n")
    assert main(["d", str(prepared), "--into", str(table)]) == 0
    assert table.read_text().splitlines()[1:] == ["other,2,0,0.9,0.1,0.7", "d,3,1,0.8,0,0.9"]
    assert "0.9" in capsys.readouterr().out


def test_data_that_nobody_labelled_twice_have_none(tmp_path, capsys):
    with pytest.raises(BadInput, match="names no two outlines of one film"):
        tolerance_row("d", tmp_path)
    assert main(["d", str(tmp_path), "--into", str(tmp_path / "t.csv")]) == 2
    assert capsys.readouterr().err.startswith("error: ")
    assert not (tmp_path / "t.csv").exists()
