"""Stages of a run: built as parameters say, trained once, taken from another run, refused when they do not fit."""

import math
from types import SimpleNamespace

import pytest
import torch

from spinelib.core.errors import BadInput
from spinelib.core.files import digest
from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import read_weights
from spinelib.models import METHODS, NETWORKS, build_model
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor
from spinelib.questions.inside_spinefm.look import reading_size
from spinelib.spinefm import train, train_stages
from spinelib.spinefm.build import switches_of
from spinelib.spinefm.recipe import PUBLISHED
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.train import stage_recipe
from tests.spinefm.films import column
from tests.spinefm.made_runs import start


@pytest.fixture(scope="module")
def films():
    return column(8)


@pytest.fixture(scope="module")
def done(films, tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    run, built = start(folder, films)
    return SimpleNamespace(folder=folder, run=run, built=built, histories=train_stages(run, built, "split"))


def test_a_pipeline_is_a_method_but_is_no_network():
    entry = METHODS["spinefm"]
    assert entry.name == "spinefm"
    assert set(METHODS) - set(NETWORKS) == {"spinefm", "released", "masks", "nnunet"}
    with pytest.raises(BadInput, match="pipeline of several networks"):
        entry.build(1, 1, 1.0)
    with pytest.raises(BadInput, match="not a known method"):
        build_model("spinefm")
    stages = {name: switches_of(name).stages for name in entry.variants}
    assert stages["full"] == ("detector", "segmenter", "predictor", "ends")
    assert stages["no_predictor"] == ("detector", "segmenter", "ends")
    assert stages["detector_only"] == ("detector",)


def test_all_stages_leave_weights_histories_and_facts(done):
    assert list(done.histories) == ["detector", "segmenter", "predictor", "ends"]
    names = {name.partition(".")[0] for name in read_weights(done.folder / "model.safetensors")}
    assert names == set(done.histories)
    facts = done.run.facts
    assert facts["training"]["steps"] == sum(one["steps"] for one in facts["training"]["stages"].values())
    assert facts["split_digest"] == "split"
    assert (done.folder / "history.csv").exists()
    assert reading_size(done.folder, column(8).images[0])["flops"] > 1e6


def test_the_card_says_how_the_trained_pipeline_reads(done):
    card = Card.read(done.folder)
    assert (card.name, card.width, card.local, card.flip) == ("spinefm/full", 0.125, False, False)
    assert card.data == {"d": done.built.films.digest, "seen": done.run.facts["seen"]}
    assert card.code["commit"] == done.run.trained["commit"]
    assert card.scores == {"best_dice": done.run.facts["training"]["best_dice"]}
    assert card.pipeline["named"]
    read = Predictor.from_folder(done.folder, "cpu").network.pipeline
    for name, stage in done.built.pipeline.stages.items():
        torch.testing.assert_close(read.stages[name].state_dict(), stage.state_dict())
    assert card.weights == digest(done.folder / WEIGHTS)


def test_a_run_that_is_started_again_trains_nothing_anew(done, films):
    before = {path: path.stat().st_mtime_ns for path in done.folder.glob("stages/*/model.safetensors")}
    run, built = start(done.folder, films)
    again = train_stages(run, built, "split")
    assert {path: path.stat().st_mtime_ns for path in before} == before
    assert again["segmenter"].equals(done.histories["segmenter"])
    trained = done.built.pipeline.segmenter.state_dict()
    assert all(torch.equal(value, trained[name]) for name, value in built.pipeline.segmenter.state_dict().items())


def test_stages_of_another_run_are_taken_as_they_are(done, films, tmp_path):
    given = {"variant": "no_predictor", "pretrained": str(done.folder), "length": 0.0}
    run, built = start(tmp_path, films, **given)
    assert train_stages(run, built, "split") == {}
    for name in ("detector", "segmenter", "ends"):
        own, theirs = (pipe.stages[name].state_dict() for pipe in (built.pipeline, done.built.pipeline))
        assert all(torch.equal(value, theirs[key]) for key, value in own.items())
    points = torch.tensor([[[0.0, 0.0], [1.0, 4.0], [2.0, 9.0]]])
    assert built.pipeline.predictor.predict(points, (64, 64)).tolist() == [[3.0, 14.0]]
    assert (tmp_path / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"method": "unet"}, "method of this notebook"),
        ({"variant": "no_adapter"}, "no_adapters"),
        ({"size": "tny"}, "tiny"),
        ({"detector": "huge"}, "size of the detector"),
        ({"checkpoint": "nowhere.pth"}, "no such file"),
        ({"recipe": "publishd"}, "published"),
        ({"length": 0.0}, "no weights to take"),
        ({"recipe": "published"}, "at its published length alone"),
        ({"recipe": "published", "length": 4.0}, "at its published length alone"),
        ({"recipe": "published", "length": 0.5, "train_films": 2}, "at its published length alone"),
        ({"lengths": [1.0]}, "number above 0 for each"),
        ({"pretrained": "."}, "holds no finished training"),
        ({"pretrained": "nowhere.safetensors"}, "no weights here"),
    ],
)
def test_what_cannot_be_is_refused_in_words(films, tmp_path, monkeypatch, changes, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match=words):
        train_stages(*start(tmp_path / "run", films, **changes), "split")


def test_weights_of_another_size_are_refused(done, films, tmp_path):
    run, built = start(tmp_path, films, width=0.25, pretrained=str(done.folder / "model.safetensors"))
    with pytest.raises(BadInput, match="does not hold the weights of this detector"):
        train_stages(run, built, "split")


def test_the_published_program_trains_and_reads_by_the_same_code(films, tmp_path, monkeypatch):
    short = {name: stage_recipe("published", name, 0.02) for name in PUBLISHED}
    monkeypatch.setattr(train, "RECIPES", {**train.RECIPES, "published": short})
    given = {"recipe": "published", "options": ["patch=34"], "length": 1.0}
    run, built = start(tmp_path, films, **given)
    histories = train_stages(run, built, "split")
    assert list(histories) == ["detector", "segmenter", "predictor", "ends"]
    read = Predictor.from_folder(tmp_path, "cpu").network
    assert read.pipeline.rules == built.pipeline.rules
    assert (read.pipeline.gap_ratio, read.pipeline.line, read.pipeline.ends.doubt) == (math.inf, "fit", 0.0)
    assert read.pipeline.segmenter.geometry.patch == 34
    assert Card.read(tmp_path).entry == "spinefm/full_patch34"
    rough = [Detection(0.9, tuple(point), films.labels[0] > 0) for point in built.films.centres[0][1:4]]
    (found,) = read.pipeline.follow(torch.from_numpy(built.films.films[:1]).float() / 255, [rough])
    assert len(found.walk.steps) >= 5


def test_a_recipe_is_stretched_with_its_steps():
    full, half = stage_recipe("common", "detector", 1.0), stage_recipe("common", "detector", 0.5)
    assert half.epochs == full.epochs / 2
    assert half.every == full.every / 2
    assert half.rate == full.rate


def test_a_length_makes_up_for_fewer_films_where_there_are_several_steps_to_an_epoch():
    longer = {name: stage_recipe("published", name, 4.0).length(96) for name in PUBLISHED}
    usual = {name: stage_recipe("published", name, 1.0).length(384) for name in PUBLISHED}
    assert longer == usual
    assert usual["predictor"] == 10_000
