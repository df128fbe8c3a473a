"""What every recipe tells the loop, on the smallest recipe there can be."""

from dataclasses import dataclass

import pytest
import torch
from torch import nn

from spinelib.training.base_recipe import OPTIMISERS, BaseRecipe


@dataclass(frozen=True)
class Plain(BaseRecipe):
    """A recipe of one learning rate."""

    optimiser: str = "sgd"
    rate: float = 0.5
    momentum: float = 0.0
    weight_decay: float = 0.0
    clip: float = 0.0

    @property
    def learning_rate(self):
        return self.rate

    def size(self, items):
        return items

    def length(self, items):
        return 3

    def interval(self, items):
        return 1

    def rate_at(self, step, items):
        return self.rate


def step(recipe, gradient=4.0):
    """The weight of 1 after one step of `recipe` against `gradient`."""
    model = nn.Linear(1, 1, bias=False)
    nn.init.ones_(model.weight)
    model.weight.grad = torch.full((1, 1), gradient)
    recipe.make_optimiser(model).step()
    return model.weight.item()


def test_a_recipe_must_say_length_size_and_rate():
    with pytest.raises(TypeError, match="abstract"):
        BaseRecipe()


@pytest.mark.parametrize("name", OPTIMISERS)
def test_the_first_step_of_each_optimiser_by_hand(name):
    # Adam's first step is the learning rate against the gradient's sign.
    expected = {"sgd": 1 - 0.5 * 4.0, "adam": 0.5, "adamw": 0.5}[name]
    assert step(Plain(optimiser=name)) == pytest.approx(expected)


def test_weights_decay_by_their_share_of_the_rate():
    assert step(Plain(optimiser="adamw", weight_decay=0.1), gradient=0.0) == pytest.approx(1 - 0.5 * 0.1)
    assert step(Plain(optimiser="sgd", weight_decay=0.1), gradient=0.0) == pytest.approx(1 - 0.5 * 0.1)


def test_frozen_weights_are_not_handed_to_the_optimiser():
    model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 1))
    model[0].requires_grad_(False)
    groups = Plain().make_optimiser(model).param_groups
    assert [id(value) for group in groups for value in group["params"]] == [id(v) for v in model[1].parameters()]


def test_the_identity_holds_every_field_and_nothing_that_the_recipe_does_not_have():
    own = {"optimiser": "sgd", "rate": 0.25, "momentum": 0.0, "weight_decay": 0.0, "clip": 0.0}
    assert Plain(rate=0.25).described == own
    assert (Plain().ema, Plain().patience, Plain().stall) == (0.0, 0, None)
