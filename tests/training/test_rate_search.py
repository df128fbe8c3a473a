from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.training import LADDER, Recipe, rate_search
from spinelib.training.losses import weighted_heads
from spinelib.training.rate_search import best_rate, is_stable, next_rates
from tests.training.net import make_net, pick_learning_rate

TRAIN, VALIDATION = range(9), range(9, 12)
RECIPE = Recipe(batch=4, steps=80, precision="float32")
QUIET = {"progress": False, "device": "cpu"}


def fail(outputs, target):
    pytest.fail("trained again")


def trials(scores, losses=None):
    """A table of trials from {rate: the scores of its seeds}."""
    rows = [(rate, seed, score) for rate, both in scores.items() for seed, score in enumerate(both)]
    table = pd.DataFrame(rows, columns=["learning_rate", "pilot", "validation_score"])
    return table.assign(validation_loss=table["learning_rate"].map(losses or {}).fillna(1.0))


def scored(monkeypatch, score):
    """Let the trials score what `score` says of rate, seed and share of the length, without training anything."""
    monkeypatch.setattr(
        rate_search.Search,
        "_trial",
        lambda self, rate, seed, fraction: {
            **{"learning_rate": rate, "pilot": seed, "fraction": fraction, "steps": 1, "validation_loss": 1.0},
            "validation_score": score(rate, seed, fraction),
        },
    )


def picked(toy_cases, out):
    rate = pick_learning_rate(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, out, **QUIET)
    return rate, pd.read_csv(out / "learning_rates.csv")


def test_tries_every_rate_with_two_seeds_and_takes_the_best_on_validation(toy_cases, tmp_path):
    model = make_net()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    arguments = (toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path)
    rate = pick_learning_rate(model, weighted_heads, *arguments, fraction=0.2, **QUIET)
    table = pd.read_csv(tmp_path / "learning_rates.csv")
    assert {1e-3, 3e-3} < set(table["learning_rate"]) <= set(LADDER)
    assert set(table.groupby("learning_rate")["pilot"].agg(tuple)) == {(0, 1)}
    assert set(table["steps"]) == {16}
    assert set(table.loc[table["chosen"], "learning_rate"]) == {rate}
    means = table.groupby("learning_rate")["validation_dice"].mean()
    assert means[rate] == means.max()
    assert table["validation_dice"].nunique() > 1
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [path.name for path in tmp_path.iterdir()] == ["learning_rates.csv"]
    assert pick_learning_rate(model, fail, *arguments, fraction=0.2, **QUIET) == rate
    with pytest.raises(pytest.fail.Exception):
        pick_learning_rate(model, fail, *arguments, fraction=0.3, **QUIET)


@pytest.mark.parametrize(
    ("peak", "tried"),
    [
        (3e-3, {1e-3, 3e-3, 1e-2}),
        (1e-3, {3e-4, 1e-3, 3e-3}),
        (1e-2, {1e-3, 3e-3, 1e-2, 3e-2}),
        (3e-4, {1e-4, 3e-4, 1e-3, 3e-3}),
    ],
)
def test_the_best_rate_has_a_worse_one_on_either_side(toy_cases, tmp_path, monkeypatch, peak, tried):
    scored(monkeypatch, lambda rate, seed, fraction: 1 - 0.1 * abs(np.log10(rate / peak)))
    rate, table = picked(toy_cases, tmp_path)
    assert rate == peak
    assert set(table["learning_rate"]) == tried
    assert set(table["fraction"]) == {0.1}
    assert table["stable"].all()


def test_where_the_seeds_disagree_trials_of_twice_the_length_decide(toy_cases, tmp_path, monkeypatch):
    def score(rate, seed, fraction):
        if fraction == 0.1:
            return 0.5 if rate == (1e-3, 3e-3)[seed] else 0.1
        return 0.8 if rate == 1e-2 else 0.3 if rate == 3e-3 else 0.1

    scored(monkeypatch, score)
    rate, table = picked(toy_cases, tmp_path)
    assert rate == 1e-2
    assert table["stable"].all()
    assert set(table.loc[table["chosen"], "fraction"]) == {0.2}
    assert set(table["fraction"]) == {0.1, 0.2}


def test_seeds_that_never_agree_are_said(toy_cases, tmp_path, monkeypatch):
    scored(monkeypatch, lambda rate, seed, fraction: 0.5 if rate == (1e-3, 3e-3)[seed] else 0.1)
    _, table = picked(toy_cases, tmp_path)
    assert not table["stable"].any()
    assert table["fraction"].max() == 0.2


def test_stable_is_what_no_seed_contradicts_by_more_than_a_tie():
    near = trials({1e-3: (0.500, 0.604), 3e-3: (0.502, 0.600)})
    assert best_rate(near) == 1e-3
    assert is_stable(near, 1e-3)
    far = trials({1e-3: (0.500, 0.620), 3e-3: (0.510, 0.600)})
    assert not is_stable(far, 1e-3)
    assert not is_stable(trials({1e-3: (0.0, 0.0), 3e-3: (0.0, 0.0)}), 1e-3)


def test_ties_go_to_the_lowest_loss_and_what_diverged_once_comes_last():
    assert best_rate(trials({1e-3: (0.5, 0.5), 3e-3: (0.5, 0.5)}, {1e-3: 0.4, 3e-3: 0.3})) == 3e-3
    assert best_rate(trials({1e-3: (0.1, 0.1), 3e-3: (0.9, np.nan)})) == 1e-3
    assert best_rate(trials({1e-3: (np.nan, np.nan), 3e-3: (np.nan, np.nan)})) == 1e-3
    assert not is_stable(trials({1e-3: (0.5, np.nan), 3e-3: (0.1, 0.1)}), 1e-3)


def test_next_to_a_rate_stand_its_neighbours_of_the_ladder():
    assert list(next_rates(3e-3)) == [1e-2, 1e-3]
    assert list(next_rates(LADDER[0])) == [LADDER[1]]
    assert list(next_rates(LADDER[-1])) == [LADDER[-2]]


def test_an_equal_search_beside_it_is_taken_and_another_is_not(toy_cases, tmp_path):
    first, second, third = (tmp_path / name for name in ("s0", "s1", "other"))
    recipe = replace(RECIPE, steps=20)
    common = {"fresh": make_net, **QUIET}
    sides = (toy_cases, TRAIN, VALIDATION)
    rate = pick_learning_rate(make_net(0), weighted_heads, *sides, recipe, first, **common)
    known = {"known": [first / "learning_rates.csv"], **common}
    assert pick_learning_rate(make_net(1), fail, *sides, recipe, second, seed=1, **known) == rate
    assert set(pd.read_csv(second / "learning_rates.csv")["searched_in"]) == {"s0"}
    with pytest.raises(pytest.fail.Exception):
        pick_learning_rate(make_net(1), fail, *sides, replace(recipe, batch=3), third, **known)
    # Weights that are given are part of the search.
    with pytest.raises(pytest.fail.Exception):
        pick_learning_rate(make_net(1), fail, *sides, recipe, third, **{**known, "fresh": None})


def test_a_rate_at_which_a_trial_diverges_is_passed_over(toy_cases, tmp_path):
    count = iter(range(1000))

    def loss(outputs, target):
        # The first trial takes the first calls.
        return weighted_heads(outputs, target) * (float("inf") if next(count) == 2 else 1.0)

    rate = pick_learning_rate(
        make_net(), loss, toy_cases, TRAIN, VALIDATION, replace(RECIPE, steps=50), tmp_path, **QUIET
    )
    table = pd.read_csv(tmp_path / "learning_rates.csv")
    first = table["fraction"] == 0.1
    assert table.loc[first & (table["learning_rate"] == 1e-3), "validation_dice"].isna().tolist() == [True, False]
    assert set(table.loc[table["chosen"] & first, "learning_rate"]) != {1e-3}
    assert rate in LADDER


def test_when_all_diverge_it_says_so(toy_cases, tmp_path):
    def loss(outputs, target):
        return weighted_heads(outputs, target) * float("nan")

    with pytest.raises(BadInput, match="diverged with every learning rate"):
        pick_learning_rate(make_net(), loss, toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path, **QUIET)


def test_published_recipe_brings_its_own(toy_cases, tmp_path):
    recipe = replace(RECIPE, name="published")
    with pytest.raises(BadInput, match="published"):
        pick_learning_rate(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
