"""Friedman, critical difference, mixed model and power against Demšar, Cohen, scipy and statsmodels."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.anova import AnovaRM
from statsmodels.stats.power import TTestPower

from spinelib.statistics import friedman
from spinelib.statistics.friedman_test import chi2_of_ranks, critical_difference, groups, iman_davenport
from spinelib.statistics.mixed import view_model
from spinelib.statistics.power import (
    equivalence_power,
    patients_for_equivalence,
    patients_needed,
    power_of,
    smallest_effect,
)


class TestFriedman:
    def test_demsars_example(self):
        """Four classifiers on 14 data sets: chi2 9.28, F 3.69, critical difference 1.25 (q 2.569)."""
        ranks = [3.143, 2.000, 2.893, 1.964]
        assert chi2_of_ranks(ranks, 14) == pytest.approx(9.28, abs=0.01)
        assert iman_davenport(9.28, 4, 14)[0] == pytest.approx(3.69, abs=0.005)
        assert critical_difference(4, 14) == pytest.approx(1.25, abs=0.005)
        assert critical_difference(10, 1) / (10 * 11 / 6) ** 0.5 == pytest.approx(3.164, abs=0.001)

    def test_equals_scipy_and_the_formula(self):
        values = pd.DataFrame(np.random.default_rng(0).normal([0, 0.4, 0.8, 1], 1, (20, 4)), columns=list("abcd"))
        found = friedman(values)
        assert found.chi2 == pytest.approx(stats.friedmanchisquare(*values.to_numpy().T).statistic)
        assert found.chi2 == pytest.approx(chi2_of_ranks(found.ranks, 20))
        assert found.ranks.sum() == pytest.approx(10)
        assert friedman(-values, higher_is_better=False).ranks.to_dict() == pytest.approx(found.ranks.to_dict())

    def test_best_first_and_incomplete_patients_left_out(self):
        values = pd.DataFrame({"good": [3.0, 4, 5, np.nan], "fair": [2.0, 3, 4, 9], "bad": [1.0, 2, 3, 9]})
        found = friedman(values)
        assert list(found.ranks.index) == ["good", "fair", "bad"]
        assert found.ranks.tolist() == [1, 2, 3]
        assert found.n == 3
        assert found.f == np.inf

    def test_nothing_differs(self):
        found = friedman(pd.DataFrame(np.ones((5, 3)), columns=list("abc")))
        assert (found.p, found.p_f, found.groups) == (1, 1, [["a", "b", "c"]])

    def test_groups_are_the_longest_runs(self):
        ranks = pd.Series({"a": 1.0, "b": 1.9, "c": 2.4, "d": 4.0})
        assert groups(ranks, 1.0) == [["a", "b"], ["b", "c"]]
        assert groups(ranks, 1.5) == [["a", "b", "c"]]
        assert groups(ranks, 0.4) == []

    def test_two_methods_are_refused(self):
        with pytest.raises(ValueError, match="three methods"):
            friedman(pd.DataFrame(np.ones((5, 2))))


def views(patients=40, between=0.02, within=0.01, means=(0.0, 0.02, 0.04), seed=0):
    noise = np.random.default_rng(seed)
    shared = noise.normal(0, between, patients)
    rows = [
        {"patient": f"p{i}", "view": v, "value": shared[i] + mean + noise.normal(0, within)}
        for i in range(patients)
        for v, mean in zip("abc", means, strict=True)
    ]
    return pd.DataFrame(rows)


class TestMixed:
    def test_balanced_data_have_a_closed_form(self):
        """The mean over the views is the mean of the patient means, with their standard error."""
        table = views()
        model, means = view_model(table), table.groupby("patient")["value"].mean()
        row, theirs = model.table.loc["all"], stats.ttest_1samp(means, 0)
        assert row["mean"] == pytest.approx(means.mean())
        assert row["p"] == pytest.approx(theirs.pvalue, rel=1e-3)
        interval = theirs.confidence_interval()
        assert [row["low"], row["high"]] == pytest.approx([interval.low, interval.high], rel=1e-3)
        by_name = table.groupby("view")["value"].mean()
        assert model.table["mean"].loc[list("abc")].tolist() == pytest.approx(by_name.tolist())

    def test_it_finds_the_simulated_truth(self):
        model = view_model(views(400))
        assert model.correlation == pytest.approx(0.8, abs=0.05)
        assert model.table["mean"].loc[["a", "b", "c"]].tolist() == pytest.approx([0, 0.02, 0.04], abs=0.004)
        assert model.p_views < 1e-6

    def test_equal_views_are_tested_by_the_f_of_a_repeated_measures_analysis(self):
        table = views(means=(0.01, 0.012, 0.015))
        f = AnovaRM(table, "value", "patient", within=["view"]).fit().anova_table["F Value"].item()
        assert view_model(table).p_views == pytest.approx(stats.f.sf(f, 2, 40 - 3), rel=1e-2)

    def test_a_patient_may_lack_a_view(self):
        model = view_model(views().iloc[1:])
        assert model.table["n"].to_dict() == {"a": 39, "b": 40, "c": 40, "all": 40}

    def test_wrong_tables_are_refused(self):
        with pytest.raises(ValueError, match="one finite value"):
            view_model(pd.concat([views(), views()]))
        with pytest.raises(ValueError, match="two views"):
            view_model(views().query("view == 'a'"))


class TestPower:
    @pytest.mark.parametrize(("effect", "patients"), [(0.2, 199), (0.5, 34), (0.8, 15)])
    def test_cohens_effects(self, effect, patients):
        assert patients_needed(effect) == patients
        assert patients_needed(-effect) == patients

    @pytest.mark.parametrize(("effect", "n"), [(0.1, 20), (0.5, 10), (0.3, 150)])
    def test_equals_statsmodels(self, effect, n):
        assert power_of(effect, n) == pytest.approx(TTestPower().power(effect, n, 0.05), abs=1e-9)

    def test_smallest_effect_inverts_it(self):
        assert power_of(smallest_effect(64), 64) == pytest.approx(0.8)
        assert smallest_effect(64, comparisons=10) > smallest_effect(64)
        assert smallest_effect(1) == patients_needed(0) == np.inf

    def test_equivalence_power_in_simulation(self):
        noise = np.random.default_rng(1)
        d = noise.normal(0.1, 1, (50, 4000))
        error = d.std(0, ddof=1) / 50**0.5
        shown = np.abs(d.mean(0)) + stats.t.isf(0.05, 49) * error < 0.5
        assert equivalence_power(0.5, 50, 0.1) == pytest.approx(shown.mean(), abs=0.025)
        n = patients_for_equivalence(0.5, 0.1)
        assert equivalence_power(0.5, int(n), 0.1) >= 0.8 > equivalence_power(0.5, int(n) - 1, 0.1)
        assert patients_for_equivalence(0.5, 0.5) == np.inf
