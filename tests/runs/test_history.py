"""Histories of trainings, and that nobody else reads them."""

import re
from pathlib import Path

import pandas as pd

import spinelib
from spinelib.runs.history import read_history


def test_a_history_has_a_row_for_each_validation(tmp_path):
    path = tmp_path / "history.csv"
    assert read_history(path).empty
    table = pd.DataFrame({"epoch": [1.0, 2.0], "validation_loss": [0.5, 0.4]})
    table.to_csv(path, index=False)
    assert read_history(path).equals(table)
    table.assign(stage="detector").to_csv(path, index=False)
    assert read_history(path).empty
    path.write_text("stage\n")
    assert read_history(path).empty


def test_there_is_one_reader():
    package = Path(spinelib.__file__).parent
    read = re.compile(r"read_csv\([^)]*history")
    assert [path for path in package.rglob("*.py") if read.search(path.read_text("utf-8"))] == []
