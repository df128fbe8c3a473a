"""The case table: columns, defaults, what breaks its contract, and that it is read as it was written."""

import pandas as pd
import pytest

from spinelib.core.errors import BadInput
from spinelib.runs.tables import CASE_COLUMNS, check_cases, complete, empty_cases, read_cases, write_cases

IDENTITY = {
    "study": "s",
    "run": "007",
    "trained_on": "d",
    "method": "unet",
    "variant": "full",
    "recipe": "common",
    "width": 1.0,
    "seed": 0,
    "fold": 0,
}
ROW = {
    "dataset": "d",
    "split": "test",
    "case": "01",
    "patient": "p",
    "view": "coronal",
    "structure": "spine",
    "metric": "dice",
    "value": 0.5,
}


def rows(*changes):
    return pd.DataFrame([ROW | change for change in changes])


def test_identity_and_defaults_are_filled_in_but_nothing_that_was_given_is_changed():
    given = rows({}, {"case": "02", "status": "empty_prediction", "seed": 4}, {"case": "03"})
    table = complete(given.assign(seed=given["seed"].fillna(9)), IDENTITY | {"note": "passed over"}, "cases.csv")
    assert list(table.columns) == CASE_COLUMNS
    assert table["seed"].tolist() == [9, 4, 9]
    assert table["status"].tolist() == ["ok", "empty_prediction", "ok"]
    assert table[["condition", "severity", "unit"]].drop_duplicates().to_numpy().tolist() == [["none", 0, ""]]
    assert set(table["run"]) == {"007"}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (rows({"vew": "x"}), "unknown column 'vew'. Did you mean 'view'"),
        (rows({}).drop(columns="patient"), "no column patient"),
        (rows({"status": "mising"}), "unknown status 'mising'"),
        (rows({"value": "good"}), "a value is not a number"),
        (rows({}, {"case": "02", "value": float("nan")}), "NaN without status 'absent' .case 02, spine, dice"),
        (rows({}, {}), "a row is given twice .case 01, spine, dice"),
    ],
)
def test_what_breaks_the_contract_is_refused_with_its_file(table, words):
    with pytest.raises(BadInput, match=words) as error:
        complete(table, IDENTITY, "folder/cases.csv")
    assert error.value.file == "folder/cases.csv"
    assert error.value.remedy


def test_a_table_is_read_as_it_was_written_and_equal_tables_are_equal_files(tmp_path):
    table = complete(rows({}, {"structure": "L5", "value": float("nan"), "status": "absent"}), IDENTITY, "cases.csv")
    for name in ("a.csv", "b.csv"):
        write_cases(table, tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    back = read_cases(tmp_path / "a.csv")
    # Names of digits stay text, an empty cell is an empty text.
    assert back.loc[0, ["run", "case", "near_duplicate", "value"]].tolist() == ["007", "01", "", 0.5]
    pd.testing.assert_frame_equal(back, table, check_dtype=False)
    (tmp_path / "a.csv").write_bytes(b"")
    with pytest.raises(BadInput, match="start the study again"):
        read_cases(tmp_path / "a.csv")


def test_an_empty_table_has_every_column_and_keeps_the_contract():
    assert check_cases(empty_cases(), "cases.csv").empty
    assert list(empty_cases().columns) == CASE_COLUMNS
