"""The one loop with an objective of several targets: angles reach it, both measures count, resuming stays exact."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file

from spinelib.core.errors import BadInput
from spinelib.models import METHODS, build_model
from spinelib.models.seg4reg_objective import JointObjective
from spinelib.prediction.precision import choose
from spinelib.training import Recipe, Training, fit, pick_learning_rate
from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.history import COLUMNS
from spinelib.training.seg4reg_recipe import SEG4REG
from spinelib.training.targets import targets_of

RECIPE = Recipe(batch=4, steps=7, learning_rate=3e-3, precision="float32", ema=0.8, geometry=Geometry(scale=(0.9, 1.1)))
QUIET = {"progress": False, "device": "cpu"}


class KilledError(Exception):
    pass


@pytest.fixture(scope="module")
def films(toy_cases):
    """The toy cases with vertebrae of random tilts; the last but one has none."""
    random = np.random.default_rng(0)
    turn = np.cumsum(random.normal(0, 0.05, (12, 17)), axis=1)
    right = np.stack([np.cos(turn), np.sin(turn)], -1)
    down = np.stack([-right[..., 1], right[..., 0]], -1)
    centre = np.array([8.0, 3.0]) + 1.6 * np.cumsum(down, 1)
    corners = np.stack([centre + a * right + 0.5 * b * down for b in (-1, 1) for a in (-1, 1)], 2)
    corners[10] = np.nan
    return replace(toy_cases, landmarks=corners.astype(np.float32), digest="with corners")


def make(films, recipe=RECIPE, variant="full", validation=range(9, 12), **options):
    torch.manual_seed(0)
    model = build_model("seg4regplus", variant, 1, 1, 0.0625, regressor="resnet18", encoder="resnet18", **options)
    return Training(model, METHODS["seg4regplus"].make_objective(model), films, range(9), validation, recipe)


def weights(folder):
    return load_file(folder / "model.safetensors")


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


@pytest.fixture(scope="module")
def whole(films, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return folder, fit(make(films), folder, **QUIET)


def test_history_and_facts_hold_both_measures(whole, capsys):
    folder, history = whole
    table = pd.read_csv(folder / "history.csv")
    assert tuple(table.columns) == (*COLUMNS, "validation_angle_error")
    assert table.notna().all(axis=None)
    np.testing.assert_allclose(
        table["validation_score"], table["validation_dice"] - 0.01 * table["validation_angle_error"], atol=1e-12
    )
    best = table.loc[table["validation_score"].idxmax()]
    for name in ("score", "dice", "angle_error"):
        assert history.facts[f"best_{name}"] == best[f"validation_{name}"]
    assert 0 < history.facts["best_angle_error"] < 90


def test_the_loop_says_how_far_it_is_and_moves_masks_but_not_angles(films, tmp_path, monkeypatch):
    seen = []
    plain = JointObjective.loss

    def loss(self, outputs, targets, done):
        seen.append((torch.is_inference_mode_enabled(), done, targets))
        return plain(self, outputs, targets, done)

    monkeypatch.setattr(JointObjective, "loss", loss)
    fit(make(films, replace(RECIPE, steps=4, validations=1)), tmp_path, **QUIET)
    assert [done for validating, done, _ in seen if not validating] == [0.0, 0.25, 0.5, 0.75]
    assert {done for validating, done, _ in seen if validating} == {1.0}
    truth = targets_of(films, ["angles"])["angles"]
    for _, _, targets in seen:
        assert all((row.numpy() == truth).all(1).any() or row.isnan().all() for row in targets["angles"])
    moved = seen[0][2]["labels"].numpy()
    assert not any((film == label).all() for film in moved for label in films.labels)


# Calls of the loss, one per step and one per validation batch: 3 lies within a row, 6 after the first validation.
@pytest.mark.parametrize("calls", [3, 6])
def test_killed_and_resumed_ends_with_the_same_bits(films, whole, tmp_path, monkeypatch, calls):
    plain, count = JointObjective.loss, iter(range(1, 100))

    def loss(self, *arguments):
        if next(count) == calls:
            raise KilledError
        return plain(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(JointObjective, "loss", loss)
        with pytest.raises(KilledError):
            fit(make(films), tmp_path, save_every=0, **QUIET)
    history = fit(make(films), tmp_path, **QUIET)
    assert history.facts["resumed"] == 1
    assert same(weights(tmp_path), weights(whole[0]))
    columns = [name for name in whole[1].table if "second" not in name]
    pd.testing.assert_frame_equal(history.table[columns], whole[1].table[columns], check_exact=True)


def test_streamed_cases_give_the_same_bits(films, whole, tmp_path):
    assert not fit(make(films), tmp_path, memory_mb=0, **QUIET).facts["resident"]
    assert same(weights(tmp_path), weights(whole[0]))


def test_a_finished_training_is_read_back_but_not_one_with_another_option(films, whole):
    again, other = make(films), make(films, triangle=0.5)
    assert same(again.model.state_dict(), other.model.state_dict()), "no weight tells them apart"
    assert again.identity != other.identity
    assert fit(again, whole[0], **QUIET).facts == whole[1].facts


def test_precisions_are_timed_with_every_term(films, monkeypatch):
    seen, plain = [], JointObjective.loss

    def loss(self, outputs, targets, done):
        seen.append((done, len(targets["angles"]), "angles_guess" in outputs))
        return plain(self, outputs, targets, done)

    monkeypatch.setattr(JointObjective, "loss", loss)
    training = make(films)
    targets = {name: torch.from_numpy(value[:4]) for name, value in training.targets.items()}
    _, milliseconds = choose(training.model, training.objective, torch.randn(4, 1, 32, 16), targets)
    assert milliseconds["float32"] > 0
    assert set(seen) == {(1.0, 2, True)}


def test_trials_choose_by_the_score(films, tmp_path, monkeypatch):
    # The highest rate has the best Dice, the lowest the best angles, the middle one the best of both together.
    scores = {1e-3: (0.85, 6.0), 3e-3: (0.86, 20.0), 3e-4: (0.80, 5.0)}
    facts = iter([pair for pair in scores.values() for _ in range(2)])

    def validate(*_):
        dice, error = next(facts)
        return 1.0, {"dice": dice, "angle_error": error}

    monkeypatch.setattr("spinelib.training.training.validate", validate)
    recipe = replace(RECIPE, steps=30, validations=1)
    assert pick_learning_rate(make(films, recipe), tmp_path, fraction=0.1, **QUIET) == 1e-3
    table = pd.read_csv(tmp_path / "learning_rates.csv").query("pilot == 0")
    assert table["learning_rate"].tolist() == list(scores)
    assert table["validation_angle_error"].tolist() == [6.0, 20.0, 5.0]
    assert table["validation_score"].round(6).tolist() == [0.79, 0.66, 0.75]


def test_films_without_angles_and_sheared_films_are_refused(films, toy_cases):
    with pytest.raises(BadInput, match="training cases: have no Cobb angles"):
        make(toy_cases)
    with pytest.raises(BadInput, match="validation cases: have no Cobb angles"):
        make(films, validation=[10])
    with pytest.raises(BadInput, match="shear changes the angles"):
        make(films, replace(RECIPE, geometry=Geometry(shear=2.0)))
    assert make(films, replace(RECIPE, geometry=None)).targets["angles"].shape == (12, 3)


@pytest.mark.parametrize("variant", ["seg4reg_released", "densenet169_released"])
def test_the_released_networks_train_by_their_recipe_shortened(films, tmp_path, variant):
    recipe = replace(SEG4REG.recipe, steps=3, batch=4, precision="float32")
    training = make(films, recipe, variant)
    before = training.model.regressor.linear.weight.detach().clone()
    history = fit(training, tmp_path, **QUIET)
    assert history.facts["steps"] == 3
    assert history.table["validation_angle_error"].notna().all()
    assert not torch.equal(training.model.regressor.linear.weight, before)
