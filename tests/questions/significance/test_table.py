"""Comparisons of a case table: patients as units, Holm over the named pairs, views and folds."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats as reference

from spinelib.questions.significance.summary import fold_tests, plan, tost_table, view_table
from spinelib.questions.significance.table import (
    all_tests,
    differences,
    fold_differences,
    interval_table,
    rank_table,
    ready_pairs,
    rows_of_metric,
)
from spinelib.statistics.comparison import compare, holm

GAINS = {"good": 0.05, "fair": 0.01, "base": 0.0}


def cases(patients=16, seeds=(0, 1), views=("coronal", "left"), fold=lambda p, seed: 0):
    noise = np.random.default_rng(0)
    level = noise.normal(0.8, 0.03, patients)
    rows = [
        {
            **{"run": f"{method}-{seed}", "method": method, "seed": seed, "fold": fold(p, seed), "case": f"{p}-{view}"},
            **{"patient": f"p{p}", "view": view, "value": level[p] + gain + 0.01 * noise.normal()},
        }
        for method, gain in GAINS.items()
        for seed in seeds
        for p in range(patients)
        for view in views
    ]
    facts = {"dataset": "phantom", "trained_on": "phantom", "variant": "full", "recipe": "common", "width": 1.0}
    more = {"split": "test", "condition": "none", "severity": 0, "near_duplicate": "", "structure": "spine"}
    return pd.DataFrame(rows).assign(**facts, **more, study="s", metric="dice", unit="1", status="ok")


PAIRS = [("good/full", "base/full"), ("fair/full", "base/full")]


class TestAllTests:
    def test_agrees_with_the_study_statistics(self):
        table, ours = compare(cases(), PAIRS, "dice"), all_tests(rows_of_metric(cases(), "dice"), PAIRS)
        for column in ("mean", "effect", "n", "p_t", "p_wilcoxon"):
            np.testing.assert_allclose(ours[column], table[column])
        np.testing.assert_allclose(ours[["low", "high"]], table[["low", "high"]], atol=5e-4)
        np.testing.assert_allclose(ours["holm_t"], table["p_holm"])

    def test_the_paper_counts_films(self):
        table = cases()
        ours = all_tests(rows_of_metric(table, "dice"), PAIRS).iloc[0]
        films = table.groupby(["case", "method"])["value"].mean().unstack()
        assert ours["n"] == 16
        assert ours["p_paper"] == pytest.approx(reference.ttest_rel(films["good"], films["base"]).pvalue)

    def test_holm_over_the_pairs(self):
        table = all_tests(rows_of_metric(cases(), "dice"), PAIRS)
        for name in ("t", "wilcoxon", "permutation"):
            np.testing.assert_allclose(table[f"holm_{name}"], holm(table[f"p_{name}"]))

    def test_pairs_without_runs_and_unknown_names(self):
        rows = rows_of_metric(cases(), "dice")
        found, left = ready_pairs(rows, [*PAIRS, ("good/full", "nobody/full")])
        assert (found, left) == (PAIRS, ["good/full - nobody/full"])
        with pytest.raises(ValueError, match="nobody/full"):
            differences(rows, "good/full", "nobody/full")

    def test_mixed_rows_are_refused(self):
        table = cases()
        with pytest.raises(ValueError, match="dataset"):
            rows_of_metric(pd.concat([table, table.assign(dataset="aasce")]), "dice")
        with pytest.raises(ValueError, match="viwe"):
            rows_of_metric(table, "dice", viwe="all")


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
