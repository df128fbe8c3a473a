"""Two one-sided tests against statsmodels and against their own interval."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.weightstats import ttost_paired

from spinelib.statistics.equivalence import tost


def rng():
    return np.random.default_rng(3)


class TestEquivalence:
    @pytest.mark.parametrize("shift", [0.0, 0.1, 0.6])
    def test_equals_statsmodels(self, shift):
        d = rng().normal(shift, 0.5, 30)
        found = tost(d, 0.3)
        theirs = ttost_paired(d, np.zeros(30), -0.3, 0.3)[0]
        assert found.p == pytest.approx(theirs)

    def test_verdicts(self):
        noise = rng().normal(0, 1, 50)
        noise = (noise - noise.mean()) / noise.std()
        verdicts = {shift: tost(shift + 0.05 * noise, 0.1).verdict for shift in (0.0, 0.05, 0.3)}
        assert verdicts == {0.0: "equivalent", 0.05: "equivalent and different", 0.3: "different"}
        assert tost(noise, 0.1).verdict == "undecided"
        with pytest.raises(ValueError, match="margin"):
            tost(noise, 0)

    def test_the_interval_is_that_of_twice_alpha_and_one_patient_decides_nothing(self):
        d = rng().normal(0.1, 0.5, 30)
        theirs = stats.ttest_1samp(d, 0).confidence_interval(0.9)
        assert tost(d, 0.3)[1:3] == pytest.approx((theirs.low, theirs.high))
        one = tost([0.0], 0.3)
        assert (one.n, one.verdict) == (1, "undecided")
        assert np.isnan(one.p)
