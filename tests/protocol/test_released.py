import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch

from spinelib import protocol
from spinelib.cases import load_arrays
from spinelib.core.errors import BadInput
from spinelib.core.layout import RunFolder
from spinelib.core.weights import read_weights
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.protocol.division import divide
from spinelib.protocol.release import release_network
from spinelib.protocol.released import released_size, stretch_table, take_released

from ..apply.made import finished

# The films of the made data that one half of its patients leaves to train on.
LEARNED = 2
OPTIONS = {"dataset": "phantom", "patients": 40, "seed": 7}


def trained(folder, name="own-run", seed=7, **parameters):
    """A finished run of a study with what a training leaves in its record."""
    run = finished(folder, folds=2, **parameters)
    run = run.rename(run.with_name(name))
    (folder / "data" / "own" / "options.json").write_text(json.dumps({**OPTIONS, "seed": seed}), encoding="utf-8")
    record = json.loads((run / "run.json").read_text())
    training = {"best_dice": 0.5, "steps": 10, "epochs": 2.0, "seconds": 720.0, "threads": 1}
    division = divide(load_arrays(folder / "data" / "own", (64, 32)), 0, 2)
    assert len(division.train) == LEARNED
    facts = {"training": training, "recipe": {"batch": 8, "learning_rate": 0.001}, "split_digest": division.digest}
    record |= {"run": name, "facts": facts, "commit": "abc", "status": "finished"}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return run


def a_run(folder, network, grid=(64, 32)):
    folder.mkdir()
    given = {"method": "released", "variant": "film", "network": str(network), "grid": list(grid)}
    run = SimpleNamespace(folder=folder, files=RunFolder(folder), parameters=given, facts={}, device="cpu")
    run.note = run.facts.update
    return run


def test_a_release_has_half_precision_and_says_what_it_learned_from(tmp_path):
    run = trained(tmp_path / "study")
    card = release_network(run, tmp_path / "film")
    assert card == Card.read(tmp_path / "film")
    assert card.name == "released/film"
    assert card.data["cases"] == LEARNED
    (stretch,) = card.data["stretches"]
    assert (stretch["seed"], stretch["cases"], stretch["views"], stretch["core-hours"]) == (7, LEARNED, 80, 0.2)
    assert stretch["data"] == OPTIONS
    whole, half = (read_weights(RunFolder(folder).weights) for folder in (run, tmp_path / "film"))
    floats = [name for name, value in whole.items() if value.is_floating_point()]
    assert all(half[name].dtype == torch.float16 for name in floats)
    assert all(torch.equal(half[name], whole[name].half()) for name in floats)


def test_a_released_network_predicts_in_full_precision_nearly_what_its_run_does(tmp_path):
    run = trained(tmp_path / "study")
    release_network(run, tmp_path / "film")
    films = load_arrays(tmp_path / "study" / "data" / "own", (64, 32))
    before, after = (Predictor.from_folder(folder, "cpu") for folder in (run, tmp_path / "film"))
    assert {value.dtype for value in after.network.parameters()} == {torch.float32}
    assert (before.labels(films) == after.labels(films)).mean() > 0.98


def test_stretches_that_started_from_others_come_after_them(tmp_path, monkeypatch):
    first = trained(tmp_path / "study")
    second = trained(tmp_path / "other", "second", seed=8, pretrained=str(first))
    card = release_network(second, tmp_path / "film")
    assert [part["seed"] for part in card.data["stretches"]] == [7, 8]
    assert card.data["cases"] == 2 * LEARNED
    table = stretch_table(card)
    assert table.index.tolist() == [1, 2]
    assert table["seed"].tolist() == [7, 8]
    assert stretch_table(Card.read(first)).empty
    # A stretch that starts from a release has all of its stretches before it.
    monkeypatch.setattr("spinelib.protocol.release.find_weights", lambda name: tmp_path / name)
    third = trained(tmp_path / "third", "third", seed=9, pretrained="film")
    assert [part["seed"] for part in release_network(third, tmp_path / "film").data["stretches"]] == [7, 8, 9]


def test_what_is_not_finished_too_large_or_without_its_data_is_not_released(tmp_path, monkeypatch):
    run = trained(tmp_path / "study")
    monkeypatch.setattr("spinelib.protocol.release.LARGEST", 1e-6)
    with pytest.raises(BadInput, match="a release holds"):
        release_network(run, tmp_path / "film")
    record = json.loads((run / "run.json").read_text())
    other = record | {"facts": record["facts"] | {"split_digest": "another"}}
    (run / "run.json").write_text(json.dumps(other), encoding="utf-8")
    with pytest.raises(BadInput, match="are not the data that the run was trained on"):
        release_network(run, tmp_path / "film")
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    (tmp_path / "study" / "data" / "own" / "options.json").unlink()
    with pytest.raises(BadInput, match="does not say what the run was trained on"):
        release_network(run, tmp_path / "film")
    (run / "run.json").unlink()
    with pytest.raises(BadInput, match="no finished run"):
        release_network(run, tmp_path / "film")


def test_a_run_of_a_study_takes_the_network_as_it_is_and_is_scored_on_its_own_grid(tmp_path):
    release_network(trained(tmp_path / "study"), tmp_path / "film")
    run = a_run(tmp_path / "run", tmp_path / "film", (48, 48))
    card = take_released(run)
    assert card == Card.read(run.folder)
    assert (card.name, card.evaluation_grid, card.input_grid) == ("released/film", (48, 48), (64, 32))
    assert run.facts["released"]["cases"] == LEARNED
    films = load_arrays(tmp_path / "study" / "data" / "own", (64, 32))
    assert Predictor.from_folder(run.folder, "cpu").labels(films).shape == (6, 48, 48)
    size = released_size(card, run.folder)
    assert size["params"] > 1000 < size["flops"]


def test_a_network_of_films_is_none_for_volumes(tmp_path):
    release_network(trained(tmp_path / "study"), tmp_path / "film")
    with pytest.raises(BadInput, match="reads films, and these data are volumes"):
        take_released(a_run(tmp_path / "run", tmp_path / "film", (8, 64, 32)))
    assert protocol.take_released is take_released


def test_a_pipeline_of_single_vertebrae_reads_films_on_its_own_grid_only(tmp_path):
    card = release_network(trained(tmp_path / "study"), tmp_path / "lateral")
    replace(card, pipeline={"named": True}).write(tmp_path / "lateral")
    with pytest.raises(BadInput, match=r"these have \[48, 48\]"):
        take_released(a_run(tmp_path / "other", tmp_path / "lateral", (48, 48)))
    assert take_released(a_run(tmp_path / "own", tmp_path / "lateral")).pipeline == {"named": True}
