"""Friedman's test, the critical difference and its groups against Demšar and scipy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spinelib.statistics import friedman
from spinelib.statistics.friedman_test import chi2_of_ranks, critical_difference, groups, iman_davenport


class TestFriedman:
    def test_demsars_example(self):
        """Four classifiers on 14 data sets: chi2 9.28, F 3.69, critical difference 1.25 (q 2.569)."""
        ranks = [3.143, 2.000, 2.893, 1.964]
        assert chi2_of_ranks(ranks, 14) == pytest.approx(9.28, abs=0.01)
        assert iman_davenport(9.28, 4, 14)[0] == pytest.approx(3.69, abs=0.005)
        assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
        assert critical_difference(10, 1) / (10 * 11 / 6) ** 0.5 == pytest.approx(3.164, abs=0.001)

    def test_equals_scipy_and_the_formula(self):
        values = pd.DataFrame(np.random.default_rng(0).normal([0, 0.4, 0.8, 1], 1, (20, 4)), columns=list("abcd"))
        found = friedman(values)
        assert found.chi2 == pytest.approx(stats.friedmanchisquare(*values.to_numpy().T).statistic)
        assert found.chi2 == pytest.approx(chi2_of_ranks(found.ranks, 20))
        assert found.ranks.sum() == pytest.approx(10)
        assert friedman(-values, higher_is_better=False).ranks.to_dict() == pytest.approx(found.ranks.to_dict())

    def test_best_first_and_incomplete_patients_left_out(self):
        values = pd.DataFrame({"good": [3.0, 4, 5, np.nan], "fair": [2.0, 3, 4, 9], "bad": [1.0, 2, 3, 9]})
        found = friedman(values)
        assert list(found.ranks.index) == ["good", "fair", "bad"]
        assert found.ranks.tolist() == [1, 2, 3]
        assert found.n == 3
        assert found.f == np.inf

    def test_nothing_differs(self):
        found = friedman(pd.DataFrame(np.ones((5, 3)), columns=list("abc")))
        assert (found.p, found.p_f, found.groups) == (1, 1, [["a", "b", "c"]])

    def test_groups_are_the_longest_runs(self):
        ranks = pd.Series({"a": 1.0, "b": 1.9, "c": 2.4, "d": 4.0})
        assert groups(ranks, 1.0) == [["a", "b"], ["b", "c"]]
        assert groups(ranks, 1.5) == [["a", "b", "c"]]
        assert groups(ranks, 0.4) == []

    def test_two_methods_are_refused(self):
        with pytest.raises(ValueError, match="three methods"):
            friedman(pd.DataFrame(np.ones((5, 2))))
