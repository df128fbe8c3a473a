"""A run's parameters are read in one place, typed; everything that trains or evaluates asks there."""

import ast
from pathlib import Path

import pytest

import spinelib
from spinelib.core.errors import BadInput
from spinelib.protocol import RunConfig
from spinelib.study.schema import load_study_file
from spinelib.training import paper_recipes
from spinelib.training.recipe import Recipe
from tests.protocol.made import a_run

PACKAGE = Path(spinelib.__file__).parent
ROOMS = ("prediction", "training", "protocol", "spinefm", "apply")
GIVEN = {"method": "unet", "grid": [64, 32], "options": ["steps=3", "gate = exp"], "tested_on": ["a", "b"]}


def reads_parameters(path):
    """Whether a module looks at the attribute `parameters` of something, other than to call it, as of a network."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    found = (node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and id(node) not in called)
    return any(node.attr == "parameters" for node in found)


@pytest.mark.parametrize("room", ROOMS)
def test_nothing_else_reads_raw_parameters(room):
    readers = {path.name for path in (PACKAGE / room).rglob("*.py") if reads_parameters(path)}
    assert readers == ({"config.py"} if room == "protocol" else set())


def test_what_a_notebook_declares_is_taken_and_the_rest_is_as_usual():
    config = RunConfig.of(GIVEN)
    assert (config.method, config.grid, config.tested_on, config.dims) == ("unet", (64, 32), ("a", "b"), 2)
    assert config.keywords == {"steps": 3, "gate": "exp"}
    assert (config.recipe, config.flip, config.local_contrast, config.input_grid) == ("common", False, True, (64, 32))
    assert RunConfig.of({**GIVEN, "grid": [6, 32, 16]}).local_contrast is False
    assert RunConfig.of({**GIVEN, "own_grid": [96, 48]}).input_grid == (96, 48)


def test_records_of_earlier_runs_are_read_by_their_former_names():
    assert RunConfig.of({**GIVEN, "moves": 0.4}) == RunConfig.of({**GIVEN, "augmentation_strength": 0.4})


def test_the_entry_is_what_tables_call_the_run():
    config = RunConfig.of({"method": "unet", "flip": True, "own_grid": [96, 48]})
    assert config.entry == ("unet", "full_grid_96x48_flip")


def test_a_published_recipe_s_two_channels_are_an_option_that_a_run_may_decline():
    given = {**GIVEN, "method": "mdwcnet", "recipe": "published", "options": []}
    assert RunConfig.of(given).lasting_options == {"two_channels": True}
    assert RunConfig.of({**given, "options": ["two_channels=false"]}).lasting_options == {"two_channels": False}
    assert RunConfig.of({**given, "method": "safnet", "grid": [6, 32, 16]}).lasting_options == {"gate": "sigmoid_conv"}


def test_a_published_recipe_brings_its_grid_and_channels():
    config = RunConfig.of({**GIVEN, "method": "mdwcnet", "recipe": "published", "own_grid": [96, 48]})
    assert config.input_grid == tuple(paper_recipes.MDWCNET.grid)
    assert config.local_contrast == paper_recipes.MDWCNET.recipe.local
    with pytest.raises(BadInput, match="no recipe called 'published'"):
        _ = RunConfig.of({**GIVEN, "method": "r2mfnet", "recipe": "published"}).input_grid


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"window": [8, 20]}, "is no window"),
        ({"window": [8, 0, 4]}, "is no window"),
        ({"options": ["steps"]}, "option"),
    ],
)
def test_what_cannot_be_meant_is_refused(changes, words):
    with pytest.raises(BadInput, match=words):
        _ = RunConfig.of({**GIVEN, **changes}).keywords


def test_fewer_films_and_earlier_weights_name_the_variant(tmp_path):
    run = a_run(tmp_path, train_films=54, pretrained="../runs/a", options=["steps=3"])
    assert RunConfig.of(run).entry == ("unet", "full_steps3_films54_pretrained_float32")


def test_a_published_recipe_makes_up_for_fewer_films_with_more_epochs_and_never_with_fewer():
    given = {**GIVEN, "method": "mdwcnet", "recipe": "published", "options": []}

    def epochs(**more):
        return RunConfig.of({**given, **more}).paper_recipe.recipe.epochs

    assert [epochs(epochs=400), epochs(train_films=95), epochs(train_films=95, epochs=16)] == [100, 100, 100]
    assert epochs(train_films=95, epochs=400) == 400


@pytest.mark.parametrize("text", ["steps", "=3", "a b=1"])
def test_a_malformed_option_is_refused(tmp_path, text):
    with pytest.raises(BadInput, match="is no option"):
        _ = RunConfig.of(a_run(tmp_path, options=[text])).keywords


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["steps=["], "has no value that can be read"),
        (["steps=2024-99-99"], "has no value that can be read"),
        (["steps=3", "steps=4"], "'steps' is given twice"),
    ],
)
def test_an_option_that_cannot_be_read_or_is_given_twice_is_refused(tmp_path, options, words):
    with pytest.raises(BadInput, match=words):
        _ = RunConfig.of(a_run(tmp_path, options=options)).keywords


def test_the_input_grid_has_as_many_numbers_as_the_one_that_is_scored(tmp_path):
    with pytest.raises(BadInput, match=r"own_grid: is \[64\], and all is scored on \[32, 16\]"):
        RunConfig.of(a_run(tmp_path, own_grid=[64]))


def test_a_shortened_recipe_keeps_the_papers_loss_and_augmentation_alone():
    given = {**GIVEN, "recipe": "shortened", "epochs": 20, "batch": 4, "options": []}
    config = RunConfig.of({**given, "learning_rate": 0.01})
    recipe, paper = config.paper_recipe.recipe, paper_recipes.MDWCNET.recipe
    assert (recipe.name, recipe.epochs, recipe.batch, recipe.learning_rate) == ("shortened", 20, 4, 0.01)
    common = Recipe()
    assert (recipe.geometry, recipe.intensity) == (paper.geometry, paper.intensity)
    assert (recipe.optimiser, recipe.schedule, recipe.clip) == (common.optimiser, common.schedule, common.clip)
    assert config.paper_recipe.loss is paper_recipes.MDWCNET.loss
    assert config.input_grid == (64, 32)
    usual = RunConfig.of({**given, "epochs": 0, "batch": 0, "learning_rate": 0.0}).paper_recipe.recipe
    assert (usual.epochs, usual.batch, usual.learning_rate) == (paper.epochs, paper.batch, common.learning_rate)
    with pytest.raises(BadInput, match="no recipe called 'shortened'"):
        _ = RunConfig.of({**given, "method": "r2mfnet"}).paper_recipe


@pytest.mark.parametrize(("name", "own"), [("mdwc_paper", "MDWCNET"), ("safnet_paper", "SAFNET")])
def test_the_study_of_a_paper_says_the_length_of_its_recipe(name, own):
    usual = load_study_file(PACKAGE.parent / "studies" / f"{name}.yaml")["defaults"]
    recipe = getattr(paper_recipes, own).recipe
    assert (usual["epochs"], usual["batch"]) == (recipe.epochs, recipe.batch)
