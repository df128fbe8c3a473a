"""Parameters of a run that the zero-shot study switches: each reaches training or prediction, and is off by itself."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.core.names import entry
from spinelib.models import NETWORKS
from spinelib.protocol import RunConfig, training
from spinelib.sources.aasce_patients import development_names
from spinelib.training import Recipe
from spinelib.training.augmentation.geometry import Geometry
from tests.protocol.made import a_run, arrays

NAMES = ("zeroshot", "aasce")


def common(run):
    return training._common(RunConfig.of(run))


def test_without_them_the_recipe_is_the_common_one(tmp_path):
    run = a_run(tmp_path, epochs=3, learning_rate=1e-3)
    usual = Recipe(local=True, epochs=3, learning_rate=1e-3, batch=4, precision="float32")
    assert common(run) == usual
    off = a_run(tmp_path, epochs=3, learning_rate=1e-3, ema=0.0, augmentation_strength=1.0, own_grid=[])
    assert common(off) == usual
    assert RunConfig.of(off).input_grid == tuple(run.parameters["grid"])


def test_average_and_augmentation_strength_reach_the_recipe(tmp_path):
    recipe = common(a_run(tmp_path, ema=0.99, augmentation_strength=0.5))
    usual = Geometry()
    assert recipe.ema == 0.99
    assert recipe.geometry.rotation == usual.rotation / 2
    assert recipe.geometry.shift == usual.shift / 2
    np.testing.assert_allclose(np.square(recipe.geometry.scale), usual.scale)
    assert recipe.geometry.flip == usual.flip
    still = common(a_run(tmp_path, augmentation_strength=0)).geometry
    assert (still.rotation, still.scale, still.shift) == (0, (1, 1), 0)


def test_a_run_may_ask_for_a_compiled_network(tmp_path):
    run = a_run(tmp_path, epochs=1, learning_rate=1e-3, compiled="graphs")
    cases = arrays()
    with pytest.raises(BadInput, match="graphs needs a graphics card"):
        protocol.train(run, protocol.model(run, cases), cases, protocol.divide(cases, 0, 3))


@pytest.mark.parametrize("share", [-1, 2.5])
def test_augmentation_strength_out_of_range_are_refused(tmp_path, share):
    with pytest.raises(BadInput, match="augmentation_strength"):
        common(a_run(tmp_path, augmentation_strength=share))


def test_an_ingredient_is_part_of_a_run_s_name():
    given = {"method": "unet", "variant": "resnet18"}
    off = {"own_grid": [], "ema": 0.0, "augmentation_strength": 1.0, "flip": False}
    assert entry(given | off) == entry(given) == ("unet", "resnet18")
    on = {"own_grid": [320, 128], "ema": 0.99, "augmentation_strength": 0.0, "flip": True}
    assert entry(given | on) == ("unet", "resnet18_grid_320x128_ema0p99_moves0_flip")


def test_the_study_scores_its_ingredients_on_the_development_films_alone():
    studies = Path(__file__).parents[2] / "studies"
    ours, theirs = (yaml.safe_load((studies / f"{name}.yaml").read_text(encoding="utf-8")) for name in NAMES)
    listed = theirs["phantom_development"]
    assert ours["data"]["development"]["only"] == ours["data"]["aasce"]["without"] == "development"
    assert development_names() == listed
    assert ours["grid"] == theirs["grid"]
    *ingredients, last = ours["runs"]
    assert all(run["tested_on"] == ["development"] for run in ingredients)
    assert last["tested_on"] == ["development", "aasce"]
    assert all(ours["data"][run["trained_on"]]["dataset"] == "phantom" for run in ours["runs"])


@pytest.mark.parametrize("grid", [[32, 16], [6, 32, 16]])
def test_the_common_recipe_is_one_for_all_methods(tmp_path, grid):
    methods = [name for name, found in NETWORKS.items() if found.dims == len(grid)]
    recipes = [common(a_run(tmp_path, method=name, variant="full", grid=grid)) for name in methods]
    assert len(recipes) > 3
    assert all(recipe == recipes[0] for recipe in recipes)
