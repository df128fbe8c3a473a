"""Intervals of ranks and of tau: which hold the truth."""

import pytest

from spinelib.statistics.calibration import COLUMNS
from spinelib.statistics.calibration_ranks import calibrate_ranks


@pytest.fixture(scope="module")
def table():
    return calibrate_ranks([20], repetitions=30)


def share(table, tool, shape):
    return table.query("tool == @tool and shape == @shape")["value"].item()


def test_drawing_patients_alone_forgets_the_training(table):
    assert share(table, "patients and seeds", "near") > 0.97
    assert share(table, "patients alone", "near") < share(table, "patients and seeds", "near")
    widths = table[table["of"] == "ranks"].set_index(["shape", "tool"])["width"]
    assert widths["near", "patients alone"] < widths["near", "patients and seeds"]


def test_percentiles_of_tau_leave_out_an_order_that_is_the_same(table):
    assert share(table, "percentile", "near, same order") < 0.6
    assert share(table, "tau", "near, same order") > 0.9
    assert share(table, "tau", "far, swapped order") > 0.9


def test_columns_and_wrong_input(table):
    assert list(table.columns) == COLUMNS
    assert set(table["of"]) == {"ranks", "tau"}
    with pytest.raises(ValueError, match="2 or more"):
        calibrate_ranks([1])
