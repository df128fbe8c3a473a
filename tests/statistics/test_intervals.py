"""Intervals of a mean against scipy, direct resampling and simulation."""

import numpy as np
import pytest
from scipy import stats as reference

from spinelib.statistics import intervals
from spinelib.statistics.intervals import difference_interval, mean_interval


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

    @pytest.mark.parametrize("method", intervals.INTERVAL_METHODS)
    def test_columns_equal_one_at_a_time(self, method):
        d = rng().normal(size=(9, 70))
        together = mean_interval(d, method=method, replicates=499)
        for k in (0, 63, 64, 69):
            alone = mean_interval(d[:, k], method=method, replicates=499)
            assert [x[k] for x in together] == pytest.approx(list(alone))

    def test_hall_by_hand(self):
        """The cubic inverted by hand: 3 / g ((1 + g (x - g / 6n))^(1/3) - 1) with x = t / sqrt(n)."""
        d, n = np.array([1.0, 2.0, 3.0, 10.0, 4.0, 1.5]), 6
        g, t = reference.skew(d, bias=False), reference.t.ppf(0.975, n - 1) / np.sqrt(n)
        ends = [d.mean() - d.std(ddof=1) * 3 / g * (np.cbrt(1 + g * (x - g / (6 * n))) - 1) for x in (t, -t)]
        assert intervals.skewed_ends(d[:, None], 0.95).ravel() == pytest.approx(ends)
        student = mean_interval(d, method="t")
        assert mean_interval(d)[1:] == pytest.approx((min(student.low, ends[0]), max(student.high, ends[1])))

    def test_symmetric_samples_have_students_interval(self):
        d = np.r_[-2.0, -1.0, 0.0, 1.0, 2.0]
        assert mean_interval(d) == pytest.approx(mean_interval(d, method="t"), rel=1e-6, abs=1e-12)
        assert mean_interval([1.0, 3.0]) == mean_interval([1.0, 3.0], method="t")

    def test_swapped_sides_swap_the_ends(self):
        d = rng().exponential(size=15) - 0.4
        one, other = difference_interval(d), difference_interval(-d)
        assert (one.low, one.high) == (-other.high, -other.low)

    @pytest.mark.parametrize("method", intervals.INTERVAL_METHODS)
    def test_no_interval_leaves_the_limits(self, method):
        scores = rng().beta(0.5, 0.1, size=(3, 40))
        found = mean_interval(scores, method=method, limits=(0, 1))
        assert (found.low >= 0).all()
        assert (found.high <= 1).all()
        assert mean_interval([1.0, 1.0, 1.0], method=method, limits=(0, 1))[1:] == (1, 1)
        small = difference_interval([1.0, 0.9, -0.9], span=1.0)
        assert (small.low, small.high) == (-1.0, 1.0)

    def test_skewed_and_symmetric_samples_are_covered(self):
        """Student's alone falls short for skewed differences; the interval in use covers both from 8 patients on."""
        for n in (8, 20):
            skewed, normal = rng().exponential(size=(n, 3000)) - 1, rng().normal(size=(n, 3000))
            found = [difference_interval(d) for d in (skewed, normal)]
            covered = [np.mean((i.low <= 0) & (i.high >= 0)) for i in found]
            assert min(covered) >= 0.93
            assert max(covered) <= 0.97
            student = mean_interval(skewed, method="t")
            assert np.mean((student.low <= 0) & (student.high >= 0)) < 0.93
