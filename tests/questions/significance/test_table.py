"""Rows of one metric, and the pairs of which both sides have some."""

import pandas as pd
import pytest

from spinelib.questions.significance.table import differences, firm_ranks, rank_table, ready_pairs, rows_of_metric
from tests.questions.significance.made import PAIRS, cases


class TestRows:
    def test_pairs_without_runs_and_unknown_names(self):
        rows = rows_of_metric(cases(), "dice")
        found, left = ready_pairs(rows, [*PAIRS, ("good/full", "nobody/full")])
        assert (found, left) == (PAIRS, ["good/full - nobody/full"])
        with pytest.raises(ValueError, match="nobody/full"):
            differences(rows, "good/full", "nobody/full")

    def test_mixed_rows_are_refused(self):
        table = cases()
        with pytest.raises(ValueError, match="dataset"):
            rows_of_metric(pd.concat([table, table.assign(dataset="aasce")]), "dice")
        with pytest.raises(ValueError, match="viwe"):
            rows_of_metric(table, "dice", viwe="all")


def test_the_ranks_of_resamples_are_those_of_the_ranked_entries():
    rows = rows_of_metric(cases(), "dice")
    firm = firm_ranks(rows, "dice")
    assert set(firm.ranks.index) == set(rank_table(rows).columns)
    assert firm.ranks["rank"].iloc[0] == 1
    names = list(firm.ranks.index[:2])
    assert firm_ranks(rows, "dice", names).ranks.index.tolist() == names
