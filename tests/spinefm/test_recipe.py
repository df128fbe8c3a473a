"""Recipes of the stages: as published, and what cannot be used."""

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.spinefm.recipe import PUBLISHED, SCRATCH, StageRecipe


def test_an_unknown_optimiser_is_refused():
    with pytest.raises(BadInput, match="Use adam or sgd"):
        StageRecipe("adamw", 1e-3, 1, 1)


def test_published_recipes():
    rates = [PUBLISHED["detector"].rate_at(step, 400) for step in (0, 299, 300, 600, 999)]
    assert rates == pytest.approx([5e-3, 5e-3, 5e-4, 5e-5, 5e-6])
    assert PUBLISHED["detector"].length(400) == 1000
    assert PUBLISHED["predictor"].length(123) == 10_000
    assert PUBLISHED["segmenter"].rate_at(1000, 400) == pytest.approx(5e-5)
    sgd = PUBLISHED["detector"].make_optimiser(torch.nn.Linear(1, 1)).param_groups[0]
    assert (sgd["lr"], sgd["momentum"], sgd["weight_decay"]) == (0.005, 0.9, 5e-4)


def test_validations_are_spread_over_the_training_and_end_with_it():
    recipe = StageRecipe("adam", 1e-3, 4, 10, checks=3)
    assert (recipe.length(9), recipe.interval(9)) == (22, 8)
    assert SCRATCH["predictor"].size(5000) == 1024
    assert PUBLISHED["predictor"].size(5000) == 5000


def test_all_weights_of_a_stage_decay_alike():
    groups = PUBLISHED["detector"].make_optimiser(torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.BatchNorm1d(2)))
    assert [(len(group["params"]), group["weight_decay"]) for group in groups.param_groups] == [(4, 5e-4)]


def test_the_recipe_falls_along_half_a_wave():
    recipe = StageRecipe("adam", 1.0, 10, 10, cosine=True)
    rates = [recipe.rate_at(step, 100) for step in (0, 50, 100)]
    assert rates == pytest.approx([1.0, 0.5, 0.0])
