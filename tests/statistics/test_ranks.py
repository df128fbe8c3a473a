"""Ranks over resamples, and an interval of tau that holds 1 where orders agree."""

import numpy as np
import pandas as pd
import pytest

from spinelib.statistics.ranks import mean_replicates, rank_shares, tau_ends


def rows(means, patients=20, seeds=3, training=0.0, noise=0.05):
    rng = np.random.default_rng(0)
    lines = []
    for name, mean in means.items():
        for seed in range(seeds):
            shift = training * rng.normal()
            scores = mean + shift + noise * rng.normal(size=patients)
            lines += [{"name": name, "seed": seed, "patient": p, "value": v} for p, v in enumerate(scores)]
    return pd.DataFrame(lines)


class TestShares:
    def test_entries_far_apart_keep_their_rank(self):
        found = rank_shares(rows({"a": 0.5, "b": 0.9, "c": 0.7}))
        assert found.ranks.index.tolist() == ["b", "c", "a"]
        assert found.ranks[["rank", "low", "high"]].to_numpy().tolist() == [[k, k, k] for k in (1, 2, 3)]
        np.testing.assert_array_equal(found.shares.to_numpy(), np.eye(3))
        assert rank_shares(rows({"a": 0.5, "b": 0.9}), higher_is_better=False).ranks.index[0] == "a"

    def test_near_entries_share_ranks_and_shares_sum_to_one(self):
        found = rank_shares(rows({"a": 0.8, "b": 0.8, "c": 0.2}))
        assert found.shares.sum(axis=1).to_numpy() == pytest.approx(1)
        assert 0.02 < found.shares.loc["a", 1] < 0.98
        assert found.shares.loc["c", 3] == 1
        assert found.patients == 20

    def test_trainings_that_differ_widen_the_ranks(self):
        table = rows({"a": 0.80, "b": 0.82, "c": 0.84, "d": 0.86}, training=0.05, noise=0.005)
        several = rank_shares(table).ranks
        once = table.assign(value=table.groupby(["name", "patient"])["value"].transform("mean")).query("seed == 0")
        single = rank_shares(once).ranks
        assert (several["high"] - several["low"]).sum() > (single["high"] - single["low"]).sum()
        assert (several["seeds"].eq(3).all(), single["seeds"].eq(1).all()) == (True, True)

    def test_only_patients_that_all_have_count(self):
        table = rows({"a": 0.5, "b": 0.9})
        assert rank_shares(table[(table["name"] != "b") | (table["patient"] > 4)]).patients == 15
        with pytest.raises(ValueError, match="two entries"):
            rank_shares(table[table["name"] == "a"])

    def test_drawn_means_spread_as_means_of_other_patients_do(self):
        values = np.random.default_rng(1).normal(size=(5, 1))
        drawn = mean_replicates(values, [np.array([0])], 20_000)
        assert drawn.std() == pytest.approx(values.std(ddof=1) / 5**0.5, rel=0.03)


def drawn(means, spread, seed):
    return np.asarray(means) + spread * np.random.default_rng(seed).normal(size=(1000, len(means)))


class TestTau:
    def test_orders_that_agree_hold_one_even_where_resamples_do_not(self):
        means = np.arange(6) * 0.1
        replicates = drawn(means, 0.2, 0), drawn(means, 0.2, 1)
        low, high = tau_ends(1.0, *replicates)
        assert high == 1
        assert low < 0.5
        assert tau_ends(-1.0, *replicates)[0] == -1

    def test_pairs_that_are_settled_the_other_way_count(self):
        means = np.arange(4.0)
        low, high = tau_ends(2 / 3, drawn(means, 0.01, 0), drawn(means[[1, 0, 2, 3]], 0.01, 1))
        assert (low, high) == pytest.approx((2 / 3, 2 / 3))
        low, high = tau_ends(2 / 3, drawn(means, 0.01, 0), drawn([0.02, 0.0, 2.0, 3.0], 0.1, 1))
        assert high == 1

    def test_no_order_has_no_interval(self):
        assert np.isnan(tau_ends(np.nan, drawn([0, 0], 0, 0), drawn([0, 0], 0, 0))).all()
