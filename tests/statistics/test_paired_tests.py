"""Tests of paired differences against textbook numbers and scipy."""

import numpy as np
import pytest
from scipy import stats

from spinelib.statistics.intervals import difference_interval
from spinelib.statistics.paired_tests import (
    permutation_test,
    t_test,
    wider_test,
    wilcoxon_test,
)

# Darwin's maize, eighths of an inch: Fisher's t = 2.148, and 863 of 32768 sign patterns at least as large, one-sided.
MAIZE = np.array([49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48], float)


def rng():
    return np.random.default_rng(3)


class TestPValues:
    def test_fishers_maize(self):
        assert t_test(MAIZE) == pytest.approx(0.0497, abs=1e-4)
        assert permutation_test(MAIZE, replicates=40_000) == pytest.approx(2 * 863 / 32768, abs=1e-12)
        assert wilcoxon_test(MAIZE) == pytest.approx(0.04126, abs=1e-5)

    def test_equal_scipys_in_every_column(self):
        d = rng().normal(0.3, 1, (12, 30))
        np.testing.assert_allclose(t_test(d), stats.ttest_1samp(d, 0, axis=0).pvalue)
        np.testing.assert_allclose(wilcoxon_test(d), [stats.wilcoxon(x).pvalue for x in d.T])

    def test_exact_permutation_equals_scipys(self):
        d = rng().normal(0.5, 1, 9)
        theirs = stats.permutation_test(
            (d, np.zeros(9)), lambda a, b, axis: (a - b).mean(axis), permutation_type="samples", n_resamples=np.inf
        )
        assert permutation_test(d) == pytest.approx(theirs.pvalue)

    def test_random_permutations_approach_the_exact_p(self):
        d = rng().normal(0.4, 1, 13)
        exact, sampled = (permutation_test(d, replicates=r) for r in (2**13, 5000))
        assert sampled == pytest.approx(exact, abs=4 * (exact * (1 - exact) / 5000) ** 0.5)

    @pytest.mark.parametrize("test", [t_test, wilcoxon_test, permutation_test])
    def test_no_difference_and_no_patients(self, test):
        assert test(np.zeros(6)) == 1
        assert np.isnan(test([0.3]))
        mixed = test(np.stack([np.zeros(8), np.arange(1.0, 9)], axis=1))
        assert mixed[0] == 1
        assert mixed[1] < 0.05

    def test_a_sampled_p_is_never_zero(self):
        assert permutation_test(np.full(40, 0.1), replicates=99) == pytest.approx(0.01)

    def test_wrong_input_is_refused(self):
        with pytest.raises(ValueError, match="finite"):
            t_test([1.0, np.nan])


class TestWider:
    def test_it_rejects_just_where_the_interval_leaves_out_zero(self):
        rng = np.random.default_rng(0)
        for n in (3, 8, 30):
            d = rng.exponential(size=(n, 400)) - 0.5
            found = difference_interval(d)
            outside = (found.low > 0) | (found.high < 0)
            assert (outside == (wider_test(d) < 0.05)).all()
            assert 0 < outside.sum() < 400
            assert (wider_test(d) >= t_test(d)).all()

    def test_one_column_two_patients_and_none_that_differ(self):
        d = np.random.default_rng(1).exponential(size=(9, 2))
        assert wider_test(d[:, 0]) == pytest.approx(wider_test(d)[0])
        assert wider_test([1.0, 2.0]) == t_test([1.0, 2.0])
        assert (wider_test([0.0] * 5), wider_test([1.0] * 5)) == (1, t_test([1.0] * 5))
