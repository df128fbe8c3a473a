"""Equivalence, patients needed, views and folds of all named pairs."""

import numpy as np
import pytest

from spinelib.questions.significance.summary import fold_tests, plan, tost_table, view_table
from spinelib.questions.significance.table import (
    fold_differences,
    interval_table,
    rank_table,
    rows_of_metric,
)
from tests.questions.significance.made import PAIRS, cases


class TestOtherTables:
    def test_intervals_equivalence_plan_and_ranks(self):
        rows = rows_of_metric(cases(), "dice")
        assert len(interval_table(rows, PAIRS)) == 10
        assert tost_table(rows, PAIRS, 0.03)["verdict"].tolist() == ["different", "equivalent and different"]
        needs = plan(rows, PAIRS, 0.01)
        assert (needs["detectable"] < needs["detectable_all"]).all()
        assert needs["needed"].iloc[0] < 16
        assert rank_table(rows, ["good/full", "base/full"]).shape == (16, 2)

    def test_views_with_the_patient_as_random_effect(self):
        table = view_table(rows_of_metric(cases(), "dice"), PAIRS)
        first = table[table["one"] == "good/full"].set_index("view")
        assert list(first.index) == ["coronal", "left", "all"]
        assert (first["low"] > 0).all()
        assert first["p_views"].iloc[0] > 0.01
        assert view_table(rows_of_metric(cases(views=("coronal",)), "dice"), PAIRS).empty

    def test_folds_that_share_out_the_patients(self):
        crossed = rows_of_metric(cases(seeds=(0,), fold=lambda p, seed: p % 4), "dice")
        d, ratio = fold_differences(crossed, "good/full", "base/full")
        assert len(d) == 4
        assert ratio == pytest.approx(1 / 3)
        found = fold_tests(crossed, PAIRS).iloc[0]
        assert found["p"] > found["p_plain"]
        assert found["mean"] == pytest.approx(0.05, abs=0.01)

    def test_repeated_training_on_one_split_is_no_cross_validation(self):
        repeated = rows_of_metric(cases(fold=lambda p, seed: seed), "dice")
        assert np.isnan(fold_differences(repeated, "good/full", "base/full")[1])
        assert fold_tests(repeated, PAIRS).empty
