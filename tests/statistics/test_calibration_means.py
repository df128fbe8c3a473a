"""Intervals of means with penalties: which hold the truth."""

import pytest

from spinelib.statistics.calibration import COLUMNS, broken_promises, with_verdicts
from spinelib.statistics.calibration_means import MEAN_TITLES, calibrate_means


@pytest.fixture(scope="module")
def table():
    return calibrate_means([20, 64], ["Dice 0%", "Dice 1%", "HD95 3%", "Dice of films 3%"], 1000, replicates=99)


def share(table, tool, shape, n):
    return table.query("tool == @tool and shape == @shape and n == @n")["value"].item()


def test_only_what_takes_misses_apart_holds(table):
    for shape in ("Dice 1%", "HD95 3%", "Dice of films 3%"):
        assert 0.93 <= share(table, "misses", shape, 20) <= 0.985
        assert share(table, "bootstrap_t", shape, 20) < 0.93
    assert share(table, "t", "HD95 3%", 20) < 0.6


def test_where_nothing_is_missed_the_plain_interval_holds(table):
    assert 0.93 <= share(table, "wider", "Dice 0%", 64) <= 0.97
    assert share(table, "misses", "Dice 0%", 64) > 0.97


def test_where_one_entry_shows_no_miss_its_interval_knows_of_none(table):
    """What a board of one entry uses is too short, and the table of what is not kept says so."""
    for shape in ("Dice 1%", "HD95 3%"):
        alone, plain = share(table, "misses, one entry", shape, 20), share(table, "wider", shape, 20)
        assert alone < 0.9 < share(table, "misses", shape, 20)
        assert alone == pytest.approx(plain, abs=0.06)
    off = broken_promises(with_verdicts(table))
    assert {"Dice 1%", "HD95 3%"} <= set(off.loc[off["tool"] == "misses, one entry", "shape"])


def test_columns_and_tools_in_use(table):
    assert list(table.columns) == COLUMNS
    assert set(table["tool"]) == set(MEAN_TITLES)
    used = table[table["used"]].groupby("shape")["tool"].unique()
    assert used["Dice 0%"].tolist() == ["wider"]
    assert used["Dice 1%"].tolist() == ["misses", "misses, one entry"]
    with pytest.raises(ValueError, match="shapes among"):
        calibrate_means([10], ["odd"])
