"""One loop for every task: what holds of a training of films holds of volumes and of each stage of SpineFM."""

import itertools
import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from benchmarks.synthetic import cases
from spinelib.core.weights import load_state, save_state
from spinelib.models import METHODS, build_model
from spinelib.spinefm.detector import Detector
from spinelib.spinefm.ends import EndClassifier
from spinelib.spinefm.predictor import PointPredictor
from spinelib.spinefm.recipe import StageRecipe
from spinelib.spinefm.segmenter import Segmenter
from spinelib.spinefm.stage_ends import EndsStage
from spinelib.spinefm.stages import DetectorStage, PredictorStage, SegmenterStage
from spinelib.training import Diverged, Recipe, Training, fit, for_volumes
from spinelib.training.code import reached
from tests.spinefm.films import films, geometry

QUIET = {"device": "cpu", "progress": False}
GRIDS = {"unet": (32, 16), "unet3d": (8, 16, 16)}
STAGES = {
    "detector": (lambda side: Detector(side, width=0.125), DetectorStage, StageRecipe("sgd", 1e-3, 2, 2, checks=2)),
    "segmenter": (lambda side: Segmenter(side, "tiny"), SegmenterStage, StageRecipe("adam", 1e-3, 4, 0.7, checks=2)),
    "predictor": (lambda side: PointPredictor(), PredictorStage, StageRecipe("adam", 1e-3, 0, 6, checks=2)),
    "ends": (lambda side: EndClassifier(side, width=0.125), EndsStage, StageRecipe("adam", 1e-3, 8, 1.3, warmup=2)),
}
KINDS = (*GRIDS, *STAGES)
BOTH = ("unet", "predictor")  # one task of each kind, where more would say no more


class KilledError(Exception):
    pass


@pytest.fixture(scope="module")
def labelled():
    return films(8)


@pytest.fixture
def make(labelled):
    """make(kind) is a small task of it with fresh weights, six steps long."""

    def network(kind, seed):
        data = cases(6, GRIDS[kind], "train")
        recipe = Recipe(batch=2, steps=6, precision="float32", ema=0.8, validations=2)
        model = build_model(kind, in_channels=1, classes=len(data.classes), width=0.125)
        recipe = for_volumes(recipe) if len(GRIDS[kind]) == 3 else recipe
        return Training(model, METHODS[kind].make_objective(model), data, np.arange(2, 6), np.arange(2), recipe, seed)

    def stage(kind, seed):
        model, task, recipe = STAGES[kind]
        return task(model(geometry(labelled)), labelled, np.arange(6), np.arange(6, 8), recipe, seed)

    def task(kind, seed=0, **recipe):
        with torch.random.fork_rng():
            torch.manual_seed(7)
            made = network(kind, seed) if kind in GRIDS else stage(kind, seed)
        made.recipe = replace(made.recipe, **recipe)
        return made

    return task


def killed(task, steps):
    """The task, which dies at the forward pass of its step `steps` (from 0)."""
    left = itertools.count(-steps)

    def count(module, _):
        if module.training and next(left) == 0:
            raise KilledError

    task.model.register_forward_pre_hook(count)
    return task


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_training_ends_with_the_weights_of_an_unbroken_one(kind, make, tmp_path):
    whole = make(kind)
    expected = fit(whole, tmp_path / "whole", **QUIET)
    with pytest.raises(KilledError):
        fit(killed(make(kind), 4), tmp_path / "cut", save_every=0, **QUIET)
    assert (tmp_path / "cut" / "checkpoint" / "state.pt").exists()
    again = make(kind)
    history = fit(again, tmp_path / "cut", **QUIET)
    assert (history.facts["resumed"], expected.facts["resumed"]) == (1, 0)
    assert same(again.model.state_dict(), whole.model.state_dict())
    columns = [name for name in expected.table if "second" not in name]
    pd.testing.assert_frame_equal(history.table[columns], expected.table[columns], check_exact=True)
    assert not (tmp_path / "cut" / "checkpoint").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_task_leaves_the_same_files_and_facts(kind, make, tmp_path):
    task = make(kind)
    before = torch.get_rng_state()
    history = fit(task, tmp_path, **QUIET)
    assert torch.equal(before, torch.get_rng_state()), "random numbers of the caller"
    assert {path.name for path in tmp_path.iterdir()} == {"model.safetensors", "history.csv", "training.json"}
    assert same(load_file(tmp_path / "model.safetensors"), task.model.state_dict())
    assert not task.model.training
    record = json.loads((tmp_path / "training.json").read_text())
    assert record["identity"] == task.identity
    assert {"network", "seed", "data", "training cases", "starting weights", "code"} < record["identity"].keys()
    assert record["facts"] == history.facts
    assert history.facts["steps"] == history.facts["length"]
    assert history.table["step"].iloc[-1] == history.facts["steps"]
    assert history.facts["best_score"] == history.table["validation_score"].max()
    assert history.table["lr"].notna().all()


@pytest.mark.parametrize("kind", BOTH)
def test_a_finished_training_is_read_back_and_another_one_is_not(kind, make, tmp_path):
    first = make(kind)
    history = fit(first, tmp_path, **QUIET)
    again = killed(make(kind), 0)
    assert fit(again, tmp_path, **QUIET).facts == history.facts
    assert same(again.model.state_dict(), first.model.state_dict())
    assert not again.model.training
    assert make(kind, seed=1).identity != first.identity
    with pytest.raises(KilledError):
        fit(killed(make(kind, seed=1), 0), tmp_path, **QUIET)
    with pytest.raises(KilledError):
        fit(killed(make(kind), 0), tmp_path, resume=False, **QUIET)


@pytest.mark.parametrize("kind", BOTH)
def test_time_that_is_up_stops_cleanly_and_more_time_goes_on(kind, make, tmp_path, monkeypatch):
    whole = make(kind)
    fit(whole, tmp_path / "whole", **QUIET)
    ticks = itertools.count()  # a clock of one second a look
    monkeypatch.setattr("spinelib.training.loop.time", SimpleNamespace(perf_counter=lambda: float(next(ticks))))
    cut = tmp_path / "cut"
    first = fit(make(kind), cut, hours=1e-9, **QUIET)
    assert (first.facts["stopped"], first.facts["steps"]) == ("hours", 0)
    assert (cut / "model.safetensors").exists()
    assert not (cut / "training.json").exists()
    second = fit(make(kind), cut, hours=12 / 3600, **QUIET)
    assert second.facts["stopped"] == "hours"
    assert 0 < second.facts["steps"] < 6
    other = shutil.copytree(cut, tmp_path / "other")
    with pytest.warns(UserWarning, match=r"is of a training with other seed\. The training begins again"):
        assert fit(make(kind, seed=1), other, **QUIET).facts["resumed"] == 0
    last = make(kind)
    assert fit(last, cut, **QUIET).facts["stopped"] == "length"
    assert same(last.model.state_dict(), whole.model.state_dict())


@pytest.mark.parametrize("kind", ["unet", "unet3d", "predictor", "ends"])
def test_a_loss_that_is_no_number_halts_and_keeps_good_weights(kind, make, tmp_path):
    task = make(kind)
    # Spoilt from the third step on: what is learnt until then is read with it and lost.
    left = itertools.count(-2)

    def spoil(module, inputs, outputs):
        if module.training and next(left) >= 0:
            return torch.utils._pytree.tree_map(lambda value: value * torch.nan, outputs)
        return outputs

    task.model.register_forward_hook(spoil)
    with pytest.raises(Diverged, match=r"the loss is nan at step 3 of \d+") as caught:
        fit(task, tmp_path, save_every=0, **QUIET)
    assert (f"of the {kind}, learning rate" in str(caught.value)) == (kind in STAGES)
    assert "Lower the learning rate" in str(caught.value)
    kept = load_file(tmp_path / "last_good.safetensors")
    assert all(value.isfinite().all() for value in kept.values())
    assert not (tmp_path / "checkpoint").exists()
    assert not (tmp_path / "training.json").exists()


@pytest.mark.parametrize("kind", BOTH)
def test_a_checkpoint_of_other_code_goes_on_and_says_so(kind, make, tmp_path):
    with pytest.raises(KilledError):
        fit(killed(make(kind), 3), tmp_path, save_every=0, **QUIET)
    path = tmp_path / "checkpoint" / "state.pt"
    saved = load_state(path)
    saved["identity"]["code"] = "other"
    save_state(saved, path)
    assert fit(make(kind), tmp_path, **QUIET).facts["mixed_code"]


def test_the_code_of_a_stage_is_what_it_learns_by_and_not_what_reads_it():
    names = set(reached(["spinelib.training.fitting", "spinelib.spinefm.stages", "spinelib.spinefm.segmenter"]))
    assert {
        "spinelib.training.loop",
        "spinelib.spinefm.stage",
        "spinelib.spinefm.recipe",
        "spinelib.spinefm.sam",
    } < names
    aside = ("walk", "evaluate", "read", "score", "train", "build", "pipeline", "outline", "stage_ends")
    assert not names & {f"spinelib.spinefm.{name}" for name in aside}


def test_the_code_of_a_network_knows_no_stage(make):
    names = set(reached(["spinelib.training.fitting", "spinelib.training.training", "spinelib.models.unet"]))
    assert "spinelib.training.augmentation.augment" in names
    assert not any(name.startswith("spinelib.spinefm") for name in names)
