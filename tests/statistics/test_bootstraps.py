"""Bootstrap intervals by direct resampling, and what they do where resamples hardly spread."""

import numpy as np
import pytest
from scipy import stats as reference

from spinelib.statistics import bootstraps
from spinelib.statistics.intervals import mean_interval


def rng():
    return np.random.default_rng(0)


class TestBootstraps:
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

    def test_a_sample_that_hardly_spreads_falls_back_on_the_expanded(self):
        d = np.r_[np.zeros(19), 1.0]
        assert mean_interval(d, method="bootstrap_t") == mean_interval(d, method="expanded")
