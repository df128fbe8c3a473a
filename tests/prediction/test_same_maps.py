"""A case has one map, bit for bit, wherever a network predicts it: evaluation, applied runs, clean robustness."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib import protocol, spinefm
from spinelib.apply.film import outline_film
from spinelib.apply.volume import outline_volume
from spinelib.cases import load_arrays, read_manifest
from spinelib.models import METHODS, NETWORKS
from spinelib.prediction.predictor import Predictor
from spinelib.questions.robustness.predict import CLEAN, Conditions
from spinelib.runs.predictions import load_predictions
from spinelib.runs.run import Run
from spinelib.spinefm import pipeline
from spinelib.spinefm import read as reading
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.segmenter import Segmenter
from spinelib.training import paper_recipes

FILMS = {"dataset": "phantom", "patients": 6, "seed": 3, "size": [64, 32], "views": ["coronal"], "test_fraction": 0.4}
VOLUMES = {"dataset": "phantom_mr", "patients": 6, "seed": 3, "size": [128, 128], "slices": 6, "test_fraction": 0.4}
USUAL = {"method": "unet", "variant": "full", "width": 0.0625, "trained_on": "a", "tested_on": ["a"], "options": []}
SHORT = {"recipe": "common", "epochs": 4, "batch": 4, "learning_rate": 0.01, "precision": "float32", "folds": 3}
STAGES = {"size": "tiny", "detector": "small", "ends": "small", "checkpoint": "", "detector_checkpoint": ""}
OPTIONS = {
    "plain": {},
    "mirrored": {"flip": True},
    "an input grid of its own": {"own_grid": [96, 48]},
    "mirrored, on a grid of its own": {"flip": True, "own_grid": [96, 48]},
    "without local contrast": {"local": False},
    "bfloat16": {"precision": "bfloat16+channels_last"},
    "the grid of a paper": {"recipe": "published", "method": "mdwcnet"},
    "a network that answers angles": {"method": "seg4regplus"},
    "mirrored, with angles": {"method": "seg4regplus", "flip": True},
}
WINDOWS = {"volumes": {}, "windows of volumes": {"window": [4, 24, 16]}}


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """Films and volumes, prepared once for all runs."""
    return tmp_path_factory.mktemp("same")


def a_run(shared, name, grid, data, **changes):
    """A run of its own folder on the data `a` prepared beside it, as a notebook that is run by hand has them."""
    given = {**USUAL, **SHORT, "grid": grid, **changes}
    folder = shared / f"{data['dataset']}" / name
    folder.mkdir(parents=True)
    run = Run(folder, given, 0, "cpu", 1)
    run.manifest("a", **data)
    return run


def clean_maps(run, cases):
    """What the question of robustness sees of all `cases` before it corrupts them."""
    predictor = Predictor.from_folder(run.folder, "cpu")
    conditions = Conditions(cases, run.manifest("a").parent, 0, "cpu")
    assert conditions.under(None, 0).condition == CLEAN
    return conditions.outlines(predictor, None, 0, np.arange(len(cases)))


def files(run, cases):
    """The file of each case, in their order."""
    folder = run.manifest("a").parent
    images = {case.case: folder / case.image for case in read_manifest(folder)}
    return [images[name] for name in cases.table["case"]]


def held(run, grid):
    arrays = load_arrays(run.manifest("a").parent, tuple(grid))
    return arrays.subset(arrays.table["split"].to_numpy() == "test")


def learn(run, grid):
    arrays = load_arrays(run.manifest("a").parent, tuple(grid))
    network = protocol.model(run, arrays)
    protocol.train(run, network, arrays, protocol.divide(arrays, 0, run.parameters["folds"]))
    return arrays


@pytest.mark.parametrize("name", OPTIONS)
def test_films(shared, monkeypatch, name):
    short = replace(paper_recipes.MDWCNET.recipe, epochs=2.0, learning_rate=0.01)
    monkeypatch.setattr(paper_recipes, "MDWCNET", replace(paper_recipes.MDWCNET, recipe=short, grid=(64, 64)))
    run = a_run(shared, name.replace(" ", "_"), [64, 32], FILMS, **OPTIONS[name])
    arrays = learn(run, [64, 32])
    scored = protocol.evaluate(run, {"a": arrays})
    cases, saved = held(run, [64, 32]), load_predictions(run.folder / "predictions" / "a.npz")
    assert saved.cases == tuple(cases.table["case"])
    # A map of nothing, or of everything, would be the same however it was made.
    assert 0.001 < saved.labels.mean() < 0.999
    np.testing.assert_array_equal(saved.labels, clean_maps(run, cases))
    predictor = Predictor.from_folder(run.folder, "cpu")
    applied = [outline_film(predictor, path) for path in files(run, cases)]
    np.testing.assert_array_equal(saved.labels, np.stack([one.on_grid for one in applied]))
    answered = [one.answers for one in applied]
    if run.parameters["method"] == "seg4regplus":
        np.testing.assert_array_equal(scored.results["a"].angles, np.stack(answered))
    else:
        assert answered == [None] * len(cases)


@pytest.mark.parametrize("name", WINDOWS)
def test_volumes(shared, name):
    grid = [6, 32, 16]
    given = {"method": "unet3d", "width": 0.25, "epochs": 10, **WINDOWS[name]}
    run = a_run(shared, name.replace(" ", "_"), grid, VOLUMES, **given)
    protocol.evaluate(run, {"a": learn(run, grid)})
    cases, saved = held(run, grid), load_predictions(run.folder / "predictions" / "a.npz")
    assert saved.labels.any()
    np.testing.assert_array_equal(saved.labels, clean_maps(run, cases))
    predictor = Predictor.from_folder(run.folder, "cpu")
    for i, path in enumerate(files(run, cases)):
        np.testing.assert_array_equal(outline_volume(predictor, path).labels, predictor.native_labels(cases, i))


def middle(self, films):
    """Three vertebrae in the middle of every film, where a detector that has hardly learned anything finds none."""
    height, width = films.shape[-2:]
    masks = np.zeros((3, height, width), bool)
    for k, mask in enumerate(masks):
        mask[height // 2 + 4 * k - 6 : height // 2 + 4 * k - 3, width // 2 - 3 : width // 2 + 3] = True
    found = [Detection(0.9, tuple(np.argwhere(mask).mean(0)[::-1]), mask) for mask in masks]
    return [found] * len(films)


def near(segment):
    """A segmenter's own logits, raised until their highest is 3 and lowered by 1 for each px away from the prompt."""

    def raised(self, films, which, points):
        found = segment(self, films, which, points)
        rows, columns = (torch.arange(size, device=found.device) for size in found.shape[-2:])
        away = torch.hypot(rows[:, None] - points[:, None, None, 1], columns - points[:, None, None, 0])
        return found - found.amax((1, 2), keepdim=True) + 3 - away

    return raised


def test_vertebra_by_vertebra(shared, monkeypatch):
    monkeypatch.setattr(Detector, "detect", middle)
    monkeypatch.setattr(pipeline, "choose_start", lambda found, **_: np.arange(3))
    # Stages that have hardly learned anything take most vertebrae for ends, and are certain of no pixel.
    monkeypatch.setattr(reading, "ENDS", ())
    monkeypatch.setattr(Segmenter, "segment", near(Segmenter.segment))
    given = {
        "method": "spinefm",
        "length": 0.02,
        "lengths": [1.0] * 4,
        "pretrained": "",
        "development": [],
        "hours": 0.0,
    }
    run = a_run(shared, "spinefm", [64, 32], FILMS, **STAGES, **given)
    arrays = load_arrays(run.manifest("a").parent, (64, 32))
    division = protocol.divide(arrays, 0, 3)
    spinefm.train_stages(run, spinefm.build_pipeline(run, arrays, division), division.digest)
    spinefm.evaluate_pipeline(run, {"a": arrays})
    cases, saved = held(run, [64, 32]), load_predictions(run.folder / "predictions" / "a.npz")
    assert 0.001 < saved.labels.mean() < 0.999
    np.testing.assert_array_equal(saved.labels, clean_maps(run, cases))
    predictor = Predictor.from_folder(run.folder, "cpu")
    applied = np.stack([outline_film(predictor, path).on_grid for path in files(run, cases)])
    np.testing.assert_array_equal(saved.labels, applied)


def test_every_method_has_a_way_back_from_its_weights():
    """What the tests above hold of a few is asked of all: each entry of the catalogue names a loader."""
    assert set(NETWORKS) < set(METHODS)
    assert {method.loader for method in METHODS.values()} == {
        "spinelib.prediction.loading:load_network",
        "spinelib.spinefm.loading:load_reader",
    }
