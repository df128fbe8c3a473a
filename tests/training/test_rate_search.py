from dataclasses import replace

import pandas as pd
import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.training import LEARNING_RATES, Recipe
from spinelib.training.losses import weighted_heads
from tests.training.net import make_net, pick_learning_rate

TRAIN, VALIDATION = range(9), range(9, 12)
RECIPE = Recipe(batch=4, steps=80, precision="float32")
QUIET = {"progress": False, "device": "cpu"}


def test_tries_the_same_three_and_takes_the_best_on_validation(toy_cases, tmp_path):
    model = make_net()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    arguments = (toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path)
    rate = pick_learning_rate(model, weighted_heads, *arguments, fraction=0.2, **QUIET)
    table = pd.read_csv(tmp_path / "learning_rates.csv")
    assert tuple(table["learning_rate"]) == LEARNING_RATES == (3e-4, 1e-3, 3e-3)
    assert set(table["steps"]) == {16}
    assert table.loc[table["chosen"], "learning_rate"].tolist() == [rate]
    assert table.loc[table["chosen"], "validation_dice"].item() == table["validation_dice"].max()
    assert table["validation_dice"].nunique() > 1
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert [path.name for path in tmp_path.iterdir()] == ["learning_rates.csv"]

    def fail(outputs, target):
        pytest.fail("trained again")

    assert pick_learning_rate(model, fail, *arguments, fraction=0.2, **QUIET) == rate
    with pytest.raises(pytest.fail.Exception):
        pick_learning_rate(model, fail, *arguments, fraction=0.3, **QUIET)


def test_a_damaged_table_is_searched_again_and_folders_of_others_stay(toy_cases, tmp_path):
    arguments = (toy_cases, TRAIN, VALIDATION, replace(RECIPE, steps=20), tmp_path)
    theirs = tmp_path / "trials" / "mine.txt"
    theirs.parent.mkdir()
    theirs.write_text("mine")
    rate, path = pick_learning_rate(make_net(), weighted_heads, *arguments, **QUIET), tmp_path / "learning_rates.csv"
    once = path.read_text()
    path.write_text(once.replace(",False,", ",True,"))
    with pytest.warns(UserWarning, match="is damaged, or was edited. The learning rate is searched again"):
        assert pick_learning_rate(make_net(), weighted_heads, *arguments, **QUIET) == rate
    assert pd.read_csv(path)["chosen"].sum() == 1
    assert theirs.read_text() == "mine"


def test_a_pilot_that_diverges_is_passed_over(toy_cases, tmp_path):
    count = iter(range(1000))

    def loss(outputs, target):
        # The first pilot takes the first calls.
        return weighted_heads(outputs, target) * (float("inf") if next(count) == 2 else 1.0)

    rate = pick_learning_rate(
        make_net(), loss, toy_cases, TRAIN, VALIDATION, replace(RECIPE, steps=50), tmp_path, **QUIET
    )
    table = pd.read_csv(tmp_path / "learning_rates.csv")
    assert rate in LEARNING_RATES[1:]
    assert table["validation_dice"].isna().tolist() == [True, False, False]


def test_when_all_diverge_it_says_so(toy_cases, tmp_path):
    def loss(outputs, target):
        return weighted_heads(outputs, target) * float("nan")

    with pytest.raises(BadInput, match="diverged with every learning rate"):
        pick_learning_rate(make_net(), loss, toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path, **QUIET)


def test_published_recipe_brings_its_own(toy_cases, tmp_path):
    recipe = replace(RECIPE, name="published")
    with pytest.raises(BadInput, match="published"):
        pick_learning_rate(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
