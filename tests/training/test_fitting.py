import itertools
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from spinelib.core.errors import BadInput
from spinelib.core.seals import read_sealed, sealed
from spinelib.training import Diverged, Recipe
from spinelib.training.history import COLUMNS
from spinelib.training.losses import weighted_heads
from tests.training.net import fit, make_net

TRAIN, VALIDATION = range(9), range(9, 12)
# Nine cases in batches of four: passes, batches and rows (three steps) all end at different steps.
RECIPE = Recipe(batch=4, steps=13, learning_rate=1e-2, precision="float32", ema=0.8)
QUIET = {"progress": False, "device": "cpu"}


class KilledError(Exception):
    pass


class KillAt:
    """The loss, until its n-th call."""

    def __init__(self, calls):
        self.calls = calls

    def __call__(self, outputs, target):
        self.calls -= 1
        if self.calls == 0:
            raise KilledError
        return weighted_heads(outputs, target)


def weights(folder):
    return load_file(folder / "model.safetensors")


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def whole(toy_cases, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, folder, **QUIET)
    return folder, history


def test_learns_and_leaves_the_stated_files(toy_cases, tmp_path, capsys):
    model, recipe = make_net(), replace(RECIPE, steps=60, ema=0.0)
    history = fit(model, weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, device="cpu")
    assert {path.name for path in tmp_path.iterdir()} == {"model.safetensors", "history.csv", "training.json"}
    table = pd.read_csv(tmp_path / "history.csv")
    assert tuple(table.columns) == COLUMNS
    assert table.notna().all(axis=None)
    assert table["validation_dice"].max() > 0.9
    assert table["train_loss"].iloc[-1] < 0.5 * table["train_loss"].iloc[0]
    assert table["step"].iloc[-1] == 60
    assert history.facts["best_dice"] == table["validation_dice"].max()
    assert (history.facts["stopped"], history.facts["epochs"]) == ("length", pytest.approx(60 * 4 / 9, abs=0.01))
    assert same(weights(tmp_path), model.state_dict()), "the model has the best weights"
    assert "best validation Dice" in capsys.readouterr().out


def test_same_seed_same_bits_another_seed_others(toy_cases, whole, tmp_path):
    for seed in (0, 1):
        torch.manual_seed(100 + seed)
        fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path / str(seed), seed=seed, **QUIET)
    assert same(weights(tmp_path / "0"), weights(whole[0]))
    assert not same(weights(tmp_path / "1"), weights(whole[0]))


def test_memory_map_gives_the_same_bits(toy_cases, whole, tmp_path):
    history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path, memory_mb=0, **QUIET)
    assert not history.facts["resident"]
    assert whole[1].facts["resident"]
    assert same(weights(tmp_path), weights(whole[0]))


def test_random_numbers_of_the_caller_are_left_alone(toy_cases, tmp_path):
    before = torch.get_rng_state()
    fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, replace(RECIPE, steps=2), tmp_path, **QUIET)
    assert torch.equal(before, torch.get_rng_state())


# Calls of the loss: one per step and one per validation batch; 2, 5 and 12 lie within rows, 4 in a validation.
@pytest.mark.parametrize("calls", [1, 2, 4, 5, 12])
def test_killed_and_resumed_ends_with_the_same_bits(toy_cases, whole, tmp_path, calls):
    arguments = (toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path)
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(calls), *arguments, save_every=0, **QUIET)
    model = make_net()
    history = fit(model, weighted_heads, *arguments, save_every=0, **QUIET)
    assert history.facts["resumed"] == (1 if calls > 1 else 0)
    assert same(weights(tmp_path), weights(whole[0]))
    columns = [name for name in COLUMNS if "second" not in name]
    pd.testing.assert_frame_equal(history.table[columns], whole[1].table[columns], check_exact=True)
    assert not (tmp_path / "checkpoint").exists()


@pytest.mark.parametrize("precision", ["float32", "bfloat16+channels_last"])
def test_last_weights_too_are_the_same_bits(toy_cases, tmp_path, precision):
    """The best weights could hide a late difference: without validation in between, they are the last."""
    recipe = replace(RECIPE, validations=1, ema=0.0, precision=precision)
    fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path / "a", **QUIET)
    for calls in (4, 5):
        with pytest.raises(KilledError):
            fit(make_net(), KillAt(calls), toy_cases, TRAIN, VALIDATION, recipe, tmp_path / "b", save_every=0, **QUIET)
    history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path / "b", **QUIET)
    assert history.facts["resumed"] == 2
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))


def test_process_killed_without_warning_resumes_to_the_same_bits(whole, toy_cases, tmp_path):
    code = """
import os, sys
sys.path.insert(0, sys.argv[2])
import torch; torch.set_num_threads(int(sys.argv[1]))
from tests.conftest import make_cases
from tests.training.net import make_net
from tests.training.test_fitting import *
class Die(KillAt):
    def __call__(self, outputs, target):
        self.calls -= 1
        if self.calls == 0: os._exit(9)
        return weighted_heads(outputs, target)
fit(make_net(), Die(8), make_cases(), TRAIN, VALIDATION, RECIPE, sys.argv[3], save_every=0, **QUIET)
"""
    arguments = [str(torch.get_num_threads()), str(Path(__file__).parents[2]), str(tmp_path)]
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 9, done.stderr
    assert (tmp_path / "checkpoint" / "state.pt").exists()
    history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path, **QUIET)
    assert history.facts["resumed"] == 1
    assert same(weights(tmp_path), weights(whole[0]))


def test_finished_training_is_read_back(toy_cases, whole, tmp_path):
    model = make_net()
    history = fit(model, KillAt(1), toy_cases, TRAIN, VALIDATION, RECIPE, whole[0], **QUIET)
    assert history.facts == whole[1].facts
    assert same(model.state_dict(), weights(whole[0]))
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(1), toy_cases, TRAIN, VALIDATION, RECIPE, whole[0], resume=False, **QUIET)


def test_weights_of_a_later_training_are_not_taken_for_the_finished_one(toy_cases, tmp_path):
    first, second = replace(RECIPE, steps=3), replace(RECIPE, steps=6)
    fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, first, tmp_path, **QUIET)
    expected = weights(tmp_path)
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(6), toy_cases, TRAIN, VALIDATION, second, tmp_path, **QUIET)
    assert not same(weights(tmp_path), expected)
    fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, first, tmp_path, **QUIET)
    assert same(weights(tmp_path), expected)


def test_compiled_step_trains_and_saves_the_plain_model(toy_cases, tmp_path, monkeypatch):
    calls = []

    def wrap(model, **options):
        calls.append(options["mode"])
        return torch.nn.Sequential(model)

    monkeypatch.setattr(torch, "compile", wrap)
    recipe = replace(RECIPE, compile=True)
    fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    assert calls == ["default"]
    assert weights(tmp_path).keys() == make_net().state_dict().keys()


def test_other_code_does_not_read_a_finished_training_back(toy_cases, tmp_path):
    recipe = replace(RECIPE, steps=2)
    fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    record = read_sealed(tmp_path / "training.json")
    record["identity"]["code"] = "other"
    (tmp_path / "training.json").write_text(json.dumps(sealed(record)))
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(1), toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)


def test_checkpoint_of_another_training_is_not_gone_on_from(toy_cases, tmp_path):
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(3), toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path, save_every=0, **QUIET)
    other, rest = replace(RECIPE, weight_decay=0.5), (toy_cases, TRAIN, VALIDATION)
    with pytest.warns(UserWarning, match=r"other recipe\.weight_decay, seed\. The training begins again"):
        history = fit(make_net(), weighted_heads, *rest, other, tmp_path, seed=5, **QUIET)
    assert history.facts["resumed"] == 0
    fit(make_net(), weighted_heads, *rest, other, tmp_path / "alone", seed=5, **QUIET)
    assert same(weights(tmp_path), weights(tmp_path / "alone"))


def test_time_budget_stops_cleanly_and_more_time_goes_on(toy_cases, whole, tmp_path, monkeypatch):
    calls = itertools.count()  # a clock of one second a look: a busy machine stops no sooner than an idle one
    monkeypatch.setattr("spinelib.training.loop.time", SimpleNamespace(perf_counter=lambda: float(next(calls))))
    arguments = (weighted_heads, toy_cases, TRAIN, VALIDATION, RECIPE, tmp_path)
    history = fit(make_net(), *arguments, hours=1e-9, **QUIET)
    assert (history.facts["stopped"], history.facts["steps"]) == ("hours", 0)
    assert (tmp_path / "model.safetensors").exists()
    history = fit(make_net(), *arguments, hours=15 / 3600, **QUIET)
    assert history.facts["stopped"] == "hours"
    assert 0 < history.facts["steps"] < 13
    history = fit(make_net(), *arguments, hours=1.0, **QUIET)
    assert history.facts["stopped"] == "length"
    assert same(weights(tmp_path), weights(whole[0]))


def test_patience_stops_when_validation_no_longer_improves(toy_cases, tmp_path):
    recipe = replace(RECIPE, steps=200, learning_rate=1e-12, weight_decay=0, ema=0, validations=200, patience=3)
    model = make_net()
    model.body[1].momentum = 0.0
    history = fit(model, weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    assert history.facts["stopped"] == "patience"
    assert len(history.rows) < 20
    table = history.table
    waited = table.index[-1] - table["validation_dice"].idxmax()
    assert waited <= 3


def test_non_finite_loss_halts_and_keeps_good_weights(toy_cases, tmp_path):
    calls = iter(range(100))

    def loss(outputs, target):
        return weighted_heads(outputs, target) * (float("nan") if next(calls) == 9 else 1.0)

    recipe = replace(RECIPE, steps=40, validations=1)
    with pytest.raises(Diverged) as caught:
        fit(make_net(), loss, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, save_every=0.0, **QUIET)
    message = str(caught.value)
    assert "the loss is nan at step 10 of 40, learning rate 0.0092" in message
    assert "Lower the learning rate" in message
    kept = load_file(tmp_path / "last_good.safetensors")
    assert all(value.isfinite().all() for value in kept.values())
    assert not same(kept, make_net().state_dict())
    assert not (tmp_path / "checkpoint").exists()


def test_exploding_training_halts(toy_cases, tmp_path):
    recipe = replace(RECIPE, optimiser="sgd", learning_rate=1e30, clip=0.0, warmup=0.0)
    with pytest.raises(Diverged, match=r"no longer finite|loss is (nan|inf)"):
        fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)


@pytest.mark.parametrize(
    ("train", "validation", "named"),
    [([], [1], "training cases: there are none"), ([0, 1], [1, 2], "1 also serve"), ([0], [12], "outside 0..11")],
)
def test_unusable_splits_are_named(toy_cases, tmp_path, train, validation, named):
    with pytest.raises(BadInput, match=named):
        fit(make_net(), weighted_heads, toy_cases, train, validation, RECIPE, tmp_path, **QUIET)


def test_options_of_the_recipe_reach_the_loop(toy_cases, tmp_path):
    seen = []

    def loss(outputs, target):
        seen.append(outputs["logits"].dtype if isinstance(outputs, dict) else outputs.dtype)
        return weighted_heads(outputs, target)

    model = torch.nn.Conv2d(2, 1, 3, padding=1)
    recipe = replace(
        RECIPE, steps=4, local=True, precision="bfloat16+channels_last", geometry=None, intensity=None, ema=0.0
    )
    history = fit(model, loss, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    assert history.facts["precision"] == "bfloat16+channels_last"
    assert set(seen) == {torch.float32}


def test_probed_precision_is_kept_on_resume(toy_cases, tmp_path, monkeypatch):
    recipe = replace(RECIPE, steps=60, precision="auto", validations=1)
    monkeypatch.setattr("spinelib.prediction.precision._probe", lambda *_: {"float32": 9.0, "bfloat16": 1.0})
    with pytest.raises(KilledError):
        fit(make_net(), KillAt(5), toy_cases, TRAIN, VALIDATION, recipe, tmp_path, save_every=0, **QUIET)
    (tmp_path / "precision.json").unlink()
    monkeypatch.setattr("spinelib.prediction.precision._probe", lambda *_: {"float32": 1.0, "bfloat16": 9.0})
    history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    assert history.facts["precision"] == "bfloat16"
    assert history.facts["milliseconds"] == {"float32": 9.0, "bfloat16": 1.0}


def test_short_trainings_are_not_probed(toy_cases, tmp_path, monkeypatch):
    monkeypatch.setattr("spinelib.prediction.precision._probe", lambda *_: pytest.fail("probed"))
    recipe = replace(RECIPE, precision="auto")
    history = fit(make_net(), weighted_heads, toy_cases, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    assert history.facts["precision"] == "float32"


def test_volumes_train_in_the_same_loop(toy_cases, tmp_path):
    stack = [np.stack([part] * 3, axis=-3) for part in (toy_cases.images, toy_cases.labels)]
    volumes = type(toy_cases)(**{**vars(toy_cases), "images": stack[0], "labels": stack[1]})
    model = torch.nn.Conv3d(1, 1, 3, padding=1)
    recipe = replace(RECIPE, steps=3, precision="float32+channels_last")
    history = fit(model, weighted_heads, volumes, TRAIN, VALIDATION, recipe, tmp_path, **QUIET)
    assert history.facts["steps"] == 3
