"""The mixed model of several views against its closed form, simulation and a repeated-measures analysis."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.anova import AnovaRM

from spinelib.statistics.mixed import view_model


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
