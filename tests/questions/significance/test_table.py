"""Comparisons of a case table: patients as units, Holm over the named pairs, views and folds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from spinelib.questions.significance.table import (
    all_tests,
    differences,
    firm_ranks,
    rank_table,
    ready_pairs,
    rows_of_metric,
)
from spinelib.statistics.comparison import compare, holm
from tests.questions.significance.made import PAIRS, cases


class TestAllTests:
    def test_agrees_with_the_study_statistics(self):
        table, ours = compare(cases(), PAIRS, "dice"), all_tests(rows_of_metric(cases(), "dice"), PAIRS)
        for column in ("mean", "effect", "n", "p_t", "p_wilcoxon"):
            np.testing.assert_allclose(ours[column], table[column])
        np.testing.assert_allclose(ours[["low", "high"]], table[["low", "high"]], atol=5e-4)
        np.testing.assert_allclose(ours["holm_t"], table["p_holm"])

    def test_the_paper_counts_films(self):
        table = cases()
        ours = all_tests(rows_of_metric(table, "dice"), PAIRS).iloc[0]
        films = table.groupby(["case", "method"])["value"].mean().unstack()
        assert ours["n"] == 16
        assert ours["p_paper"] == pytest.approx(reference.ttest_rel(films["good"], films["base"]).pvalue)

    def test_holm_over_the_pairs(self):
        table = all_tests(rows_of_metric(cases(), "dice"), PAIRS)
        for name in ("t", "wilcoxon", "permutation"):
            np.testing.assert_allclose(table[f"holm_{name}"], holm(table[f"p_{name}"]))

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
