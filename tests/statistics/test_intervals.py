"""Intervals of a mean against scipy, direct resampling and simulation."""

import numpy as np
import pytest
from scipy import stats as reference

from spinelib.statistics import bootstraps, intervals
from spinelib.statistics.intervals import mean_interval


def rng():
    return np.random.default_rng(0)


class TestIntervals:
    @pytest.mark.parametrize("method", ["bca", "percentile"])
    @pytest.mark.parametrize("skewed", [False, True])
    def test_bounds_equal_scipys(self, method, skewed):
        values = rng().exponential(size=25) if skewed else rng().normal(size=25)
        ours = mean_interval(values, method=method, replicates=100_000)
        options = {"n_resamples": 100_000, "method": method, "rng": np.random.default_rng(1)}
        theirs = reference.bootstrap((values,), np.mean, **options).confidence_interval
        # Each end has a simulation error of about 0.01 standard errors of the mean.
        error = values.std() / 5
        assert ours.mean == pytest.approx(values.mean())
        assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], abs=0.06 * error)

    @pytest.mark.parametrize(("draw", "truth"), [("normal", 0.0), ("exponential", 1.0)])
    def test_coverage_in_simulation(self, draw, truth):
        samples = getattr(rng(), draw)(size=(40, 600))
        found = mean_interval(samples, replicates=2000)
        coverage = np.mean((found.low <= truth) & (truth <= found.high))
        # Known to fall a little short for 40 skewed values; binomial noise is one point.
        assert 0.90 < coverage < 0.975

    def test_groups_equal_one_at_a_time(self):
        values = rng().normal(size=(12, 130))
        together = mean_interval(values, replicates=500)
        for k in (0, 63, 64, 129):
            alone = mean_interval(values[:, k], replicates=500)
            assert [x[k] for x in together] == pytest.approx(list(alone))

    def test_the_same_seed_gives_the_same_bits(self):
        values = rng().normal(size=9)
        found = [mean_interval(values, method="percentile", seed=seed) for seed in (3, 3, 4)]
        assert found[0] == found[1] != found[2]
        assert mean_interval(values, seed=3) == mean_interval(values, seed=4)  # the default draws nothing

    def test_degenerate_samples(self):
        assert mean_interval([0.7] * 8) == pytest.approx((0.7, 0.7, 0.7))
        mean, low, high = mean_interval([0.7])
        assert mean == 0.7
        assert np.isnan([low, high]).all()
        assert np.isnan(mean_interval([])).all()

    @pytest.mark.parametrize("method", ["bca", "percentile", "expanded", "bootstrap_t"])
    def test_one_sided_samples_stay_inside_the_data(self, method):
        values = [0.0] * 19 + [1.0]
        found = mean_interval(values, method=method)
        assert 0 <= found.low < found.mean < found.high < 1

    def test_wrong_input_is_refused(self):
        with pytest.raises(ValueError, match="finite"):
            mean_interval([1.0, np.nan])
        with pytest.raises(ValueError, match="basic"):
            mean_interval([1.0, 2.0], method="basic")

    def test_students_equals_scipys(self):
        d = rng().normal(size=(11, 4))
        found, theirs = mean_interval(d, method="t"), reference.ttest_1samp(d, 0, axis=0).confidence_interval()
        np.testing.assert_allclose([found.low, found.high], [theirs.low, theirs.high])

    def test_bootstrap_t_by_direct_resampling(self):
        d = rng().exponential(size=25)
        draws = np.random.default_rng(9).choice(d, (20_000, 25))
        t = (draws.mean(1) - d.mean()) / (draws.std(1, ddof=1) / 5)
        upper, lower = np.quantile(t, [0.025, 0.975])
        found = mean_interval(d, method="bootstrap_t", replicates=19_999)
        error = d.std(ddof=1) / 5
        assert [found.low, found.high] == pytest.approx(
            [d.mean() - lower * error, d.mean() - upper * error], abs=0.1 * error
        )

    @pytest.mark.parametrize("n", [5, 10, 64])
    def test_expanded_tails_reach_as_far_as_student(self, n):
        """A resampled mean spreads by sqrt((n - 1) / n) of the standard error; the wider tail makes up for it."""
        reach = reference.norm.ppf(bootstraps.expanded_tail(n)) * np.sqrt((n - 1) / n)
        assert reach == pytest.approx(reference.t.ppf(0.025, n - 1))

    def test_the_bootstrap_leans_to_the_long_tail(self):
        d = rng().exponential(size=40)
        found = mean_interval(d, method="bootstrap_t")
        assert found.high - found.mean > found.mean - found.low

    @pytest.mark.parametrize("method", intervals.INTERVAL_METHODS)
    def test_columns_equal_one_at_a_time(self, method):
        d = rng().normal(size=(9, 70))
        together = mean_interval(d, method=method, replicates=499)
        for k in (0, 63, 64, 69):
            alone = mean_interval(d[:, k], method=method, replicates=499)
            assert [x[k] for x in together] == pytest.approx(list(alone))

    def test_a_sample_that_hardly_spreads_falls_back_on_the_expanded(self):
        d = np.r_[np.zeros(19), 1.0]
        assert mean_interval(d, method="bootstrap_t") == mean_interval(d, method="expanded")
