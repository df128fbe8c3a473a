"""Rates of misses against Jeffreys' formula; means with penalties in simulation, at the ends of their range."""

import numpy as np
import pytest
from scipy import stats

from spinelib.statistics.intervals import mean_interval
from spinelib.statistics.missed import Penalty, mean_with_misses, rate_interval

DICE = Penalty(0.0, 0.0, 1.0)


def rng():
    return np.random.default_rng(0)


class TestRate:
    @pytest.mark.parametrize("missed", [1, 5, 30])
    def test_jeffreys_interval(self, missed):
        shares = np.r_[np.ones(missed), np.zeros(40 - missed)]
        ends = stats.beta.ppf([0.025, 0.975], missed + 0.5, 40 - missed + 0.5)
        assert rate_interval(shares) == pytest.approx((missed / 40, *ends))

    def test_none_and_all_missed_are_one_sided(self):
        assert rate_interval(np.zeros(64))[:2] == (0, 0)
        assert rate_interval(np.zeros(64)).high == pytest.approx(stats.beta.ppf(0.975, 0.5, 64.5))
        assert rate_interval(np.ones(5))[::2] == (1, 1)
        assert np.isnan(rate_interval([])).all()

    def test_films_that_miss_apart_tell_more_than_films_that_miss_together(self):
        apart, together = np.tile([0.0, 0.5], 20), np.tile([0.0, 0.0, 0.0, 1.0], 10)
        one, other = rate_interval(apart), rate_interval(together)
        assert one.mean == other.mean
        assert one.high - one.low < other.high - other.low
        columns = rate_interval(np.stack([apart, together], axis=1))
        assert columns.high == pytest.approx([one.high, other.high])


def scores(n, columns, rate, noise):
    found = noise.beta(36, 4, (n, columns))
    missed = noise.random((n, columns)) < rate
    return np.where(missed, 0.0, found), np.where(missed, np.nan, found), missed.astype(float)


class TestMeanWithMisses:
    @pytest.mark.parametrize(("n", "rate"), [(8, 0.1), (20, 0.03), (64, 0.01), (128, 0.1)])
    def test_it_covers_where_others_do_not(self, n, rate):
        values, found, missed = scores(n, 2000, rate, rng())
        truth = 0.9 * (1 - rate)
        ours = mean_with_misses(values, found, missed, DICE, limits=(0, 1))
        covered = np.mean((ours.low <= truth) & (truth <= ours.high))
        assert 0.93 <= covered <= 0.98
        old = mean_interval(values, method="t")
        if n < 128:
            assert np.mean((old.low <= truth) & (truth <= old.high)) < 0.9
        assert ((ours.low >= 0) & (ours.low <= ours.mean) & (ours.mean <= ours.high) & (ours.high <= 1)).all()

    def test_without_a_miss_the_far_end_is_that_of_what_was_found(self):
        values, found, missed = scores(64, 1, 0.0, rng())
        ours, plain = mean_with_misses(values, found, missed, DICE), mean_interval(values)
        assert ours.high == pytest.approx(plain.high)
        # As far as Jeffreys' 3.8 % of 64 patients could pull it, and a little more for the interval of what was found.
        assert ours.low[0] == pytest.approx(plain.mean[0] * (1 - rate_interval(np.zeros(64)).high), abs=0.01)

    def test_a_distance_is_pulled_up(self):
        values = rng().exponential(size=20)
        ours = mean_with_misses(values, values, np.zeros(20), Penalty(100.0, 0.0, 0.0), limits=(0, np.inf))
        assert ours.low == pytest.approx(mean_interval(values).low)
        assert ours.high > mean_interval(values).high + 1

    def test_all_missed_and_one_found(self):
        none = np.full(10, np.nan)
        ours = mean_with_misses(np.zeros(10), none, np.ones(10), DICE, limits=(0, 1))
        assert (ours.mean, ours.low) == (0, 0)
        assert ours.high == pytest.approx(1 - rate_interval(np.ones(10)).low)
        one = np.r_[0.8, np.zeros(9)]
        found = mean_with_misses(one, np.r_[0.8, none[1:]], np.r_[0.0, np.ones(9)], DICE, limits=(0, 1))
        assert 0 <= found.low < 0.08 < found.high < 1

    def test_penalties_that_vary_add_their_spread(self):
        values, missed = np.r_[np.full(18, 5.0), 20.0, 50.0] + np.linspace(0, 1, 20), np.r_[np.zeros(18), 1, 1]
        found = np.where(missed > 0, np.nan, values)
        fixed, varied = (mean_with_misses(values, found, missed, Penalty(35.0, sd, 0.0)) for sd in (0.0, 15.0))
        assert varied.high - varied.low > fixed.high - fixed.low

    def test_one_patient_and_wrong_shapes(self):
        assert np.isnan(mean_with_misses([0.5], [0.5], [0.0], DICE)[1:]).all()
        with pytest.raises(ValueError, match="one shape"):
            mean_with_misses([0.5, 0.6], [0.5], [0.0], DICE)
