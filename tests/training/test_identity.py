"""What makes a training this one and no other."""

import json

import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.training import Recipe
from spinelib.training.identity import check_same, identify, weights_digest


def net(value=1.0):
    model = nn.Linear(2, 1)
    nn.init.constant_(model.weight, value)
    nn.init.zeros_(model.bias)
    return model


def test_everything_that_decides_the_weights_is_in_it_as_json():
    found = identify(net(), Recipe(batch=3), 5, {"data": "abc", "grid": (8, 4)}, ())
    assert found == json.loads(json.dumps(found))
    assert found["network"] == "Linear"
    assert (found["recipe.batch"], found["seed"], found["data"], found["grid"]) == (3, 5, "abc", [8, 4])
    assert found["recipe.geometry"]["rotation"] == Recipe().geometry.rotation
    assert len(found["code"]) == 16


def test_options_that_leave_the_weights_as_they_are_tell_trainings_apart():
    model = net()
    model.built_as = {"method": "unet", "dropout": 0.2}
    assert identify(model, Recipe(), 0, {}, ())["network"] == model.built_as


def test_weights_are_told_apart_by_value_name_and_what_is_added():
    assert weights_digest(net()) == weights_digest(net())
    assert len({weights_digest(net()), weights_digest(net(2.0)), weights_digest(net(), "x")}) == 3
    assert weights_digest(nn.Sequential(net())) != weights_digest(net())


def test_a_transposed_weight_counts_by_its_values_and_not_by_its_memory():
    model, other = nn.Conv2d(2, 2, 3), nn.Conv2d(2, 2, 3)
    other.load_state_dict(model.state_dict())
    other.to(memory_format=torch.channels_last)
    assert weights_digest(model) == weights_digest(other)


def test_other_code_is_said_and_anything_else_is_refused_by_name(tmp_path):
    saved = {"seed": 0, "data": "abc", "code": "1"}
    assert check_same(tmp_path, saved, dict(saved)) is True
    assert check_same(tmp_path, saved, {**saved, "code": "2"}) is False
    with pytest.raises(BadInput, match=r"a training with other seed, data\. Give another folder"):
        check_same(tmp_path, saved, {"seed": 1, "data": "d", "code": "2"})
    with pytest.raises(BadInput, match=r"other recipe\.ema"):
        check_same(tmp_path, saved, {**saved, "recipe.ema": 0.0})
