import pandas as pd
import pytest

from spinelib.sources.repeat import COLUMNS, summarise_repeats


def test_pairs_within_one_side_do_not_count_unless_asked_for():
    row = dict.fromkeys(COLUMNS, 0.0)
    rows = [
        {**row, "across_split": True, "level_shift": 0, "dice": 0.9, "smape": 4.0},
        {**row, "across_split": True, "level_shift": 1, "dice": 0.5, "smape": 8.0},
        {**row, "across_split": False, "level_shift": 0, "dice": 0.1, "smape": 90.0},
    ]
    facts = summarise_repeats(pd.DataFrame(rows))
    assert facts["pairs"] == 2
    assert facts["shifted"] == pytest.approx(0.5)
    assert facts["dice"] == pytest.approx(0.7)
    assert facts["smape"] == pytest.approx(6.0)
    assert summarise_repeats(pd.DataFrame(rows), across_split=False)["pairs"] == 3
