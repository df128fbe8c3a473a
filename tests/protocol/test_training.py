"""The common recipe and the papers' own: what each takes from the parameters, and never at another length."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from spinelib import protocol
from spinelib.core.errors import BadInput
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.protocol import RunConfig
from spinelib.protocol import data as data_module
from spinelib.protocol.data import on_grid
from spinelib.runs import machine
from spinelib.training import LADDER, paper_recipes
from tests.protocol.made import a_run, arrays


@pytest.fixture
def square(monkeypatch, tmp_path):
    """A run of the paper's recipe cut down to one epoch on a square grid, and what it was trained with."""
    films = arrays(h=32, w=32)
    films = replace(films, frames=np.tile(np.float32([1, 0, 8, 32, 16]), (len(films), 1)))
    short = replace(paper_recipes.MDWCNET.recipe, epochs=1.0, precision="float32")
    monkeypatch.setattr(paper_recipes, "MDWCNET", replace(paper_recipes.MDWCNET, recipe=short, grid=(32, 32)))
    monkeypatch.setattr(data_module, "load_arrays", lambda folder, grid: films)
    return a_run(tmp_path, recipe="published", epochs=50, learning_rate=0.0)


def test_the_published_recipe_is_the_paper_s():
    recipe = paper_recipes.MDWCNET.recipe
    assert (recipe.batch, recipe.optimiser, recipe.length(196)) == (8, "sgd", 2500)
    rates = [recipe.learning_rate_at(step, 2500) for step in (0, 499, 500, 1000, 1500, 2499)]
    np.testing.assert_allclose(rates, [1e-3, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7])
    assert paper_recipes.MDWCNET.grid == (256, 256)


def test_a_published_recipe_keeps_its_length_rate_and_grid(square):
    data = arrays()
    assert RunConfig.of(square).input_grid == (32, 32)
    network = protocol.model(square, data)
    assert protocol.input_shape(square, data) == (1, 32, 32)
    protocol.train(square, network, data, protocol.divide(data, 0, 3))
    noted = square.facts["recipe"]
    assert (noted["name"], noted["epochs"], noted["learning_rate"]) == ("published", 1.0, 1e-3)
    assert square.facts["training"]["steps"] == 2
    predictor, seen = Predictor.from_folder(square.folder, "cpu"), on_grid(data, square.folder / "a", (32, 32))
    assert predictor.angles(seen) is None
    assert predictor.labels(seen).shape == (len(data), 32, 16)


def test_a_published_network_of_two_channels_is_read_back_bit_for_bit(square):
    data = arrays()
    network = protocol.model(square, data)
    assert network.built_as["out_channels"] == 2
    protocol.train(square, network, data, protocol.divide(data, 0, 3))
    assert Card.read(square.folder).options == {"two_channels": True}
    predictor, seen = Predictor.from_folder(square.folder, "cpu"), on_grid(data, square.folder / "a", (32, 32))
    images = torch.randn(2, 1, 32, 32)
    with torch.no_grad():
        assert network(images).shape == (2, 1, 32, 32)
        assert torch.equal(predictor.network(images), network(images))
    outline = predictor.film(seen.images[0], (32, 16))
    assert outline.logits.shape == (1, 32, 32)
    np.testing.assert_array_equal(outline.labels, predictor.labels(seen, [0])[0])


def test_a_common_network_has_one_channel_and_its_card_is_as_before(tmp_path):
    data = arrays()
    run = a_run(tmp_path, method="mdwcnet", width=0.125)
    assert protocol.model(run, data).head.out_channels == 1
    assert RunConfig.of(run).lasting_options == {}


def test_the_card_says_how_the_trained_network_predicts(tmp_path):
    data = arrays()
    run = a_run(tmp_path, epochs=1, flip=True)
    network = protocol.model(run, data)
    protocol.train(run, network, data, protocol.divide(data, 0, 3))
    card = Card.read(tmp_path)
    assert (card.method, card.variant, card.width, card.name) == ("unet", "full", 0.0625, "unet/full_flip_float32")
    assert (card.channels, card.classes, card.local, card.flip) == (1, ("spine",), True, True)
    assert card.input_grid == card.evaluation_grid == (32, 16)
    assert card.precision == run.facts["precision"]
    assert card.data["a"] == data.digest
    assert card.data["seen"] == run.facts["seen"]
    assert card.code["commit"] == run.trained["commit"]
    assert card.scores == {name: value for name, value in run.facts["training"].items() if name.startswith("best_")}
    assert card.scores
    found = Predictor.from_folder(tmp_path, "cpu").network.state_dict()
    assert all(torch.equal(value, found[name]) for name, value in network.state_dict().items())


def test_weights_that_are_scored_again_keep_the_commit_that_trained_them(tmp_path, monkeypatch):
    data, code, trained = arrays(), machine.code(), []
    for commit in ("first", "second"):
        monkeypatch.setattr(machine, "code", lambda commit=commit: {**code, "commit": commit})
        run = a_run(tmp_path, epochs=1)
        protocol.train(run, protocol.model(run, data), data, protocol.divide(data, 0, 3))
        trained.append((run.trained, Card.read(tmp_path).code))
    assert trained[0] == trained[1]
    assert trained[1][0]["commit"] == trained[1][1]["commit"] == "first"
    assert {"ended", "versions", "hardware", "device", "threads"} <= trained[1][0].keys()


def test_a_film_that_fits_one_grid_only_is_named(square, monkeypatch):
    data = arrays()
    some = data_module.load_arrays(None, None).subset(np.arange(3))
    monkeypatch.setattr(data_module, "load_arrays", lambda folder, grid: some)
    with pytest.raises(BadInput, match=r"a: p1_left_bending cannot be put on the grid \[32, 32\]"):
        on_grid(data, square.folder / "a", RunConfig.of(square).input_grid)


def test_the_common_recipe_follows_the_parameters_and_picks_its_rate(tmp_path):
    run = a_run(tmp_path, learning_rate=0.0, epochs=1)
    data = arrays()
    protocol.train(run, protocol.model(run, data), data, protocol.divide(data, 0, 3))
    assert run.facts["recipe"]["learning_rate"] in LADDER
    assert run.facts["recipe"]["epochs"] == 1
    assert {1e-3, 3e-3} < {trial["learning_rate"] for trial in run.facts["pilots"]}


@pytest.mark.parametrize("batch", [13, 4000])
def test_a_batch_of_more_than_the_usual_and_than_all_films_is_refused_before_anything_is_written(tmp_path, batch):
    data = arrays()
    run = a_run(tmp_path, batch=batch)
    with pytest.raises(BadInput, match=f"batch: is {batch}, of 12 training cases. Give 12 or less"):
        protocol.train(run, protocol.model(run, data), data, protocol.divide(data, 0, 3))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("method", "recipe"), [("r2mfnet", "published"), ("unet", "mine")])
def test_only_recipes_that_exist_run(tmp_path, method, recipe):
    run = SimpleNamespace(parameters={"method": method, "recipe": recipe, "grid": [32, 16]})
    with pytest.raises(BadInput, match=f"no recipe called '{recipe}'"):
        _ = RunConfig.of(run).input_grid
