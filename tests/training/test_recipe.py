import math

import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.training import Recipe


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"optimiser": "lion"}, "optimiser: 'lion'"),
        ({"schedule": "sawtooth"}, "adamw|cosine, linear"),
        ({"batch": 0}, "batch"),
        ({"learning_rate": -1.0}, "learning_rate"),
        ({"clip": -1.0}, "clip"),
        ({"ema": 1.0}, "ema"),
        ({"precision": "float8"}, "float8"),
        ({"name": "published", "budget": 0.5}, "must be 1 for a published recipe"),
    ],
)
def test_values_that_cannot_be_used_are_named(change, named):
    with pytest.raises(BadInput, match=named):
        Recipe(**change)


def test_length_in_epochs_steps_and_budget():
    assert Recipe(epochs=10, batch=8).length(20) == 30
    assert Recipe(epochs=10, batch=8, budget=0.1).length(20) == 3
    assert Recipe(steps=77, budget=2.0).length(20) == 154
    assert Recipe(epochs=1, budget=1e-6).length(8) == 1


def test_validations_fall_on_whole_epochs():
    recipe = Recipe(epochs=100, batch=8, validations=20)
    assert recipe.interval(20) == 5 * 3
    assert Recipe(epochs=4, batch=8, validations=20).interval(20) == 3


@pytest.mark.parametrize("schedule", ["cosine", "linear", "poly", "step", "constant"])
def test_schedules_warm_up_then_never_rise(schedule):
    recipe = Recipe(schedule=schedule, warmup=0.1, floor=0.01, learning_rate=2.0)
    rates = [recipe.learning_rate_at(step, 200) for step in range(200)]
    assert rates[:20] == sorted(rates[:20])
    assert rates[0] == pytest.approx(2 / 21)
    assert max(rates) == rates[20] == 2.0
    assert rates[20:] == sorted(rates[20:], reverse=True)
    end = {"step": 0.02, "constant": 2.0}.get(schedule, 0.02)
    assert rates[-1] == pytest.approx(end, abs=0.02)


def test_schedule_is_a_fraction_of_the_length():
    recipe = Recipe(warmup=0.1)
    for length in (50, 500):
        half = recipe.learning_rate_at(round(0.55 * length), length)
        assert half == pytest.approx(recipe.learning_rate * (1 + math.cos(math.pi / 2)) / 2, rel=0.05)


def test_step_schedule_of_a_paper():
    recipe = Recipe(schedule="step", warmup=0, floor=0, milestones=(0.2, 0.4, 0.6, 0.8), learning_rate=1e-3)
    rates = [recipe.learning_rate_at(step, 100) for step in (0, 19, 20, 45, 99)]
    assert rates == pytest.approx([1e-3, 1e-3, 1e-4, 1e-5, 1e-7])


@pytest.mark.parametrize("name", ["adamw", "adam", "sgd"])
def test_only_weights_decay(name):
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2))
    optimiser = Recipe(optimiser=name, weight_decay=0.5).make_optimiser(model)
    decays = {id(p): group["weight_decay"] for group in optimiser.param_groups for p in group["params"]}
    assert [decays[id(p)] for p in model.parameters()] == [0.5, 0, 0, 0]
    model(torch.randn(1, 1, 8, 8)).sum().backward()
    optimiser.step()
