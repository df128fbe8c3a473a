import numpy as np
import pandas as pd
import pytest

from spinelib.sources.repeat import COLUMNS, boundary_facts, summarise_repeats


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


def test_boundaries_of_two_outlines_are_compared_in_per_cent_of_the_length():
    first = np.zeros((60, 70), np.uint8)
    first[10:40, 10:50] = 1  # 30 x 40: the diagonal is 50
    assert boundary_facts(first, first) == (0, 0)
    assert boundary_facts(first, np.roll(first, 1, axis=0))[1] == pytest.approx(100 / 50)
    assert np.isnan(boundary_facts(first, 0 * first)).all()
