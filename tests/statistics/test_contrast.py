"""Patients and trainings as random effects: parts, interval, p, and what one training cannot say."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from spinelib.statistics.contrast import TrainingPart, added, crossed_contrast, joint_p, training_part
from spinelib.statistics.intervals import difference_interval
from spinelib.statistics.paired_tests import t_test


def table(patients=200, seeds=2, training=0.02, rest=0.01, seed=0, gain=0.0):
    rng = np.random.default_rng(seed)
    level = np.random.default_rng(99).normal(0.8, 0.05, (patients, 1))
    return pd.DataFrame(gain + level + rng.normal(0, training, seeds) + rng.normal(0, rest, (patients, seeds)))


def test_mean_squares_find_the_training_part():
    found = [training_part(table(seeds=40, seed=k)).sd for k in range(5)]
    assert np.mean(found) == pytest.approx(0.02, rel=0.15)
    part = training_part(table(seeds=40))
    assert part.variance == pytest.approx(part.sd**2 / 40)
    assert (part.df, part.trainings) == (39, 40)
    assert training_part(table(training=0, seeds=3)).sd < 0.002


def test_one_training_has_the_interval_of_its_patients_and_no_p():
    one, other = table(gain=0.03).iloc[:, :1], table(seed=1)
    found = crossed_contrast(one, other)
    usual = difference_interval(one.mean(axis=1) - other.mean(axis=1))
    assert (found.seeds, found.n) == (1, 200)
    assert np.isnan(found.p)
    assert np.isnan(found.training_sd)
    assert (found.low, found.high) == pytest.approx((usual.low, usual.high))


def test_two_trainings_widen_the_interval_by_their_own_part():
    one, other = table(gain=0.03), table(seed=1)
    found = crossed_contrast(one, other, method="t")
    d = one.mean(axis=1) - other.mean(axis=1)
    usual = difference_interval(d, method="t")
    assert found.mean == pytest.approx(usual.mean)
    parts = [training_part(side) for side in (one, other)]
    joined = added(parts)
    reach = stats.t.ppf(0.975, joined.df) ** 2 * joined.variance
    assert (found.mean - found.low) ** 2 == pytest.approx((usual.mean - usual.low) ** 2 + reach)
    assert found.high - found.low > 3 * (usual.high - usual.low)
    assert found.p > 0.05 > t_test(d)


def test_p_is_the_level_at_which_the_interval_reaches_zero():
    one, other = table(seeds=4, gain=0.05), table(seeds=3, seed=1)
    found = crossed_contrast(one, other, method="t")
    edge = crossed_contrast(one, other, level=1 - found.p, method="t")
    assert 0 < found.p < 0.05
    assert edge.low == pytest.approx(0, abs=1e-6)
    # Without a training part it is the paired t-test.
    none = TrainingPart(0.0, 3, 0.0, 4)
    assert joint_p(2.1, 1.0, 9, none) == pytest.approx(2 * stats.t.sf(2.1, 9))
    assert joint_p(0.0, 1.0, 9, none) == 1
    assert joint_p(1.0, 0.0, 9, none) == 0


def test_satterthwaite_counts_what_varies():
    steady, wild = TrainingPart(0.0, 1, 0.0, 2), TrainingPart(1.0, 1, 1.4, 2)
    assert added([steady, wild]).df == pytest.approx(1)
    assert added([wild, wild]).df == pytest.approx(2)
    assert added([steady, steady]).df == 1


def test_only_patients_of_both_sides_count_and_a_single_side_is_a_mean():
    one, other = table(gain=0.1), table(seed=1)
    found = crossed_contrast(one.iloc[:150], other.iloc[100:])
    assert found.n == 50
    alone = crossed_contrast(one)
    assert alone.mean == pytest.approx(float(one.to_numpy().mean()))
    assert alone.seeds == 2
    few = crossed_contrast(one.iloc[:1], other.iloc[:1])
    assert np.isnan([few.low, few.high, few.p]).all()


def test_no_bound_lies_beyond_what_a_difference_or_a_mean_can_be():
    one, other = (pd.DataFrame([[0.99, 0.2], [0.98, 0.25], [0.97, 0.2]], dtype=float) - k for k in (0.0, 0.15))
    free, held = crossed_contrast(one, other), crossed_contrast(one, other, limits=(0, 1))
    assert free.low < -1 < 1 < free.high
    assert (held.low, held.high) == (-1, 1)
    assert held.p == free.p
    alone = crossed_contrast(one, limits=(0, 1))
    assert (alone.low, alone.high) == (0, 1)


def test_two_trainings_beside_ten_reject_no_more_than_the_level_says():
    """Of the same network: with Satterthwaite's degrees of freedom alone it is one in ten."""
    rng, found = np.random.default_rng(0), []
    for _ in range(400):
        one, other = (pd.DataFrame(rng.normal(0, 1, k) + rng.normal(0, 1, (12, k))) for k in (2, 10))
        found.append(crossed_contrast(one, other, method="t").p <= 0.05)
    assert np.mean(found) <= stats.binom.ppf(0.975, len(found), 0.05) / len(found)


def test_sides_of_as_many_trainings_keep_satterthwaites_degrees_of_freedom():
    sides = [training_part(table(seeds=3, seed=k)) for k in range(2)]
    variances = np.array([side.variance for side in sides])
    assert added(sides).df == pytest.approx(variances.sum() ** 2 / (variances**2 / 2).sum())
