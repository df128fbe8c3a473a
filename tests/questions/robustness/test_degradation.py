"""How much is lost, whether the order holds, where entries break."""

import matplotlib as mpl
import numpy as np
import pytest

mpl.use("Agg")
from spinelib.questions.robustness import degradation
from tests.questions.robustness.made import HIT, THREE, made


def test_losses_and_their_intervals():
    table = degradation.losses(made(THREE | HIT)).set_index(["name", "severity"])
    assert table.loc[("a", 3), "loss"] == pytest.approx(0.5)
    assert table.loc[("b", 3), "loss"] == pytest.approx(0.1)
    assert (table["low"] <= table["loss"]).all()
    assert (table["loss"] <= table["high"]).all()
    assert (table["n"] == 6).all()
    words = degradation.loss_words(degradation.losses(made(THREE | HIT)), 3)
    assert words.loc["blur", "a"].startswith("50.0% [")


def test_an_entry_without_clean_dice_loses_nothing_that_can_be_told():
    table = degradation.losses(made({("a", "none", 0): 0.0, ("a", "blur", 1): 0.0}))
    assert np.isnan(table["loss"].iloc[0])


def test_the_breaking_severity_is_the_first_beyond_the_share():
    table = degradation.losses(made(THREE | HIT))
    assert degradation.breaking(table, 0.11)["blur"].to_dict() == {"a": "3", "b": "-", "c": "-"}
    assert degradation.breaking(table, 0.01)["blur"].to_dict() == {"a": "1", "b": "1", "c": "1"}
    assert degradation.breaking(table, 0.11)["broken"].tolist() == [1, 0, 0]


def test_the_order_turns_where_it_should():
    line = degradation.rank_stability(made(THREE | HIT), 3).iloc[0]
    assert line["tau"] == pytest.approx(-1 / 3)
    assert (line["best"], line["best_clean"], line["entries"]) == ("b", "a", 3)
    assert line["low"] - 1e-9 <= line["tau"] <= line["high"] + 1e-9
    assert degradation.rank_stability(made(THREE | HIT), 1).iloc[0]["tau"] == 1
    two = {key: value for key, value in (THREE | HIT).items() if key[0] != "c"}
    assert degradation.rank_stability(made(two), 3).empty


def test_the_interval_of_tau_redraws_the_same_patients_on_both_sides():
    rng = np.random.default_rng(0)
    values = rng.normal(size=(30, 4))
    assert degradation.tau_interval(values, values) == (1.0, 1.0)
    assert degradation.tau_interval(values, -values) == (-1.0, -1.0)


def test_the_worst_case_lost_most_over_all_entries():
    rows = made(THREE | HIT)
    rows.loc[(rows["case"] == "c4") & (rows["severity"] == 3) & (rows["name"] == "b"), "value"] = 0.0
    worst = degradation.worst_cases(rows, 3).iloc[0]
    assert (worst["case"], worst["name"], worst["value"]) == ("c4", "b", 0.0)


def test_curves_begin_at_the_clean_score():
    table = degradation.severity_means(made(THREE | HIT))
    own = table[(table["name"] == "a") & (table["condition"] == "blur")]
    assert own["severity"].tolist() == [0, 1, 3]
    assert own["mean"].tolist() == pytest.approx([0.9, 0.88, 0.45])


def test_no_more_than_all_is_lost():
    rows = made({("a", "none", 0): 0.6, ("a", "blur", 3): 0.3}, patients=3)
    rows.loc[(rows["severity"] == 3) & (rows["case"] != "c0"), "value"] = 0.0
    line = degradation.losses(rows).iloc[0]
    assert line["high"] == 1.0
    assert line["low"] >= 1 - 1 / line["clean"]
