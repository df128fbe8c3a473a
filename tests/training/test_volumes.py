"""Trainings of volumes with partial labels: what is known decides, and a killed one goes on to the same bits."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from torch import nn

from spinelib import training
from spinelib.cases import CaseArrays
from spinelib.core.devices import Store
from spinelib.core.errors import BadInput
from spinelib.models.method import resolve
from spinelib.models.objective import Objective
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision
from spinelib.training import Recipe, Training, for_volumes, paper_recipes
from spinelib.training.losses import cross_entropy_dice, one_hot_bce, weighted_heads
from spinelib.training.plateau import Plateau
from spinelib.training.validation import validate

TRAIN, VALIDATION = range(6), range(6, 8)
SIZE = (3, 24, 12)
# Every epoch is validated and the rate falls, so that all of the state is in play.
RECIPE = for_volumes(Recipe(batch=4, steps=11, learning_rate=1e-2, precision="float32", ema=0.8, stall=0, decay=0.5))


class Net(nn.Module):
    """Batch norm and dropout, one head more in training."""

    def __init__(self, classes=2):
        super().__init__()
        self.body = nn.Sequential(nn.Conv3d(1, 4, 3, padding=1), nn.BatchNorm3d(4), nn.ReLU(), nn.Dropout(0.2))
        self.head, self.coarse = (nn.Conv3d(4, classes + 1, 1) for _ in range(2))

    def forward(self, inputs):
        features = self.body(inputs)
        return (
            {"logits": self.head(features), "coarse": self.coarse(features)} if self.training else self.head(features)
        )


class Steady(Objective):
    """Its score never rises: with a stall of none the learning rate falls at every validation but the first."""

    def score(self, means):
        return 0.5


def net(seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Net()


def cases(known=None, digest="v", count=8):
    """A column of two structures, the lower half brighter; `known` [N,2]."""
    random = np.random.default_rng(0)
    labels = np.zeros((count, *SIZE), np.uint8)
    labels[:, :, 2:12, 4:8], labels[:, :, 12:22, 4:8] = 1, 2
    images = (
        random.integers(40, 80, (count, 1, *SIZE)) + 60 * (labels[:, None] > 0) + 60 * (labels[:, None] == 2)
    ).astype(np.uint8)
    known = np.ones((count, 2), bool) if known is None else known
    labels[(labels == 1) & ~known[:, 0, None, None, None]] = 0
    labels[(labels == 2) & ~known[:, 1, None, None, None]] = 0
    table = pd.DataFrame({"case": [f"v{i}" for i in range(count)]})
    parts = (np.zeros((count, 0, 4, 2)), np.zeros((count, 9)), np.ones((count, 3)))
    return CaseArrays(table, images, labels, ("low", "high"), {}, *(p.astype(np.float32) for p in parts), digest, known)


@pytest.fixture(scope="module")
def partly():
    known = np.ones((8, 2), bool)
    known[[1, 3, 7], 1] = False
    return cases(known)


def fit(model, data, recipe, out, *, criterion=weighted_heads, knows_all=False, aim=Objective, **options):
    aim = aim(criterion)
    problem = Training(model, aim, data, TRAIN, VALIDATION, recipe, knows_all=knows_all)
    return training.fit(problem, out, progress=False, device="cpu", **options)


def weights(folder):
    return load_file(folder / "model.safetensors")


def same(one, two):
    return one.keys() == two.keys() and all(torch.equal(one[name], two[name]) for name in one)


class KilledError(Exception):
    pass


def killing(model, calls):
    """The model, whose n-th forward pass ends the process's work."""
    left = [calls]

    def count(*_):
        left[0] -= 1
        if left[0] == 0:
            raise KilledError

    model.register_forward_pre_hook(count)
    return model


@pytest.mark.parametrize("calls", [2, 4, 9, 13])
@pytest.mark.parametrize("validations", [20, 1])
def test_killed_and_resumed_ends_with_the_same_bits(partly, tmp_path, calls, validations):
    """With one validation the best weights are the last ones, which hide no late difference."""
    recipe = replace(RECIPE, validations=validations)
    whole = fit(net(), partly, recipe, tmp_path / "whole", aim=Steady)
    with pytest.raises(KilledError):
        fit(
            killing(net(), min(calls, whole.facts["steps"])), partly, recipe, tmp_path / "cut", aim=Steady, save_every=0
        )
    history = fit(net(), partly, recipe, tmp_path / "cut", aim=Steady, save_every=0)
    assert history.facts["resumed"] == 1
    assert same(weights(tmp_path / "whole"), weights(tmp_path / "cut"))
    columns = [name for name in whole.table if "second" not in name]
    pd.testing.assert_frame_equal(history.table[columns], whole.table[columns], check_exact=True)


def test_the_rate_falls_with_the_score_and_deformation_is_in_force(partly, tmp_path):
    history = fit(net(), partly, RECIPE, tmp_path / "a", aim=Steady)
    plateau, expected = Plateau(0.5, 0), []
    for step, score in zip(history.table["step"], history.table["validation_score"], strict=True):
        expected.append(RECIPE.learning_rate_at(int(step) - 1, 11) * plateau.factor)
        plateau.note(score)
    assert history.table["lr"].tolist() == expected
    assert plateau.factor == 0.5 ** (len(expected) - 1) < 1
    fit(net(), partly, replace(RECIPE, elastic=None), tmp_path / "b", aim=Steady)
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "b"))


def test_without_the_labels_of_a_structure_its_voxels_teach_nothing_of_it(partly):
    """Voxels of an unlabelled structure, drawn as nothing, cost what the sum of both says."""
    problem = Training(net(), Objective(weighted_heads), partly, TRAIN, VALIDATION, RECIPE)
    assert problem.targets.keys() == {"labels", "known"}
    outputs = problem.model.eval()(torch.from_numpy(partly.images[1:2]).float() / 100)
    targets = {name: torch.from_numpy(values[1:2]) for name, values in problem.targets.items()}
    loss = problem.objective.loss(outputs, targets, 0.0)
    chances = torch.softmax(outputs, 1)
    merged = torch.stack([chances[:, 0] + chances[:, 2], chances[:, 1]], 1).log()
    torch.testing.assert_close(loss, cross_entropy_dice(merged, targets["labels"]))


def test_fully_labelled_data_train_by_the_plain_criterion():
    problem = Training(net(), Objective(weighted_heads), cases(), TRAIN, VALIDATION, RECIPE)
    assert problem.targets.keys() == {"labels"}


def test_validation_does_not_count_what_a_case_leaves_out(partly):
    problem = Training(net(), Objective(weighted_heads), partly, TRAIN, VALIDATION, RECIPE)
    store = Store(partly.images, problem.targets, torch.device("cpu"))
    order = (torch.tensor([6]), torch.tensor([7]))
    precision = Precision("float32")
    model = net()
    _, together = validate(model, problem.objective, store, order, precision, False)
    scores = []
    for case in order:
        images, targets = store.take(case)
        with torch.no_grad():
            outputs = model.eval()(normalise(images, False))
        scores += problem.objective.measures(outputs, targets)["dice"][0].tolist()
    assert np.isnan(scores[3])
    assert together["dice"] == pytest.approx(np.nanmean(scores))


def test_a_structure_that_no_training_case_labels_is_refused_unless_it_is_known_already():
    known = np.ones((8, 2), bool)
    known[:6, 1] = False
    data = cases(known)
    arguments = (net(), Objective(weighted_heads), data, TRAIN, VALIDATION, RECIPE)
    with pytest.raises(BadInput, match="none labels high") as error:
        Training(*arguments)
    assert "start from the weights" in str(error.value)
    problem = Training(*arguments, knows_all=True)
    assert replace(problem, seed=1).knows_all, "pilots keep it"
    # It changes no number, so it is no other training.
    whole = Training(net(), Objective(weighted_heads), cases(), TRAIN, VALIDATION, RECIPE)
    knowing = Training(net(), Objective(weighted_heads), cases(), TRAIN, VALIDATION, RECIPE, knows_all=True)
    assert whole.identity == knowing.identity
    known[0] = False
    for knows_all in (False, True):
        with pytest.raises(BadInput, match="1 of them label no structure"):
            Training(net(), Objective(weighted_heads), cases(known), TRAIN, VALIDATION, RECIPE, knows_all=knows_all)


@pytest.mark.parametrize("criterion", [weighted_heads, one_hot_bce])
def test_what_was_learnt_of_an_unlabelled_structure_stays(tmp_path, criterion):
    recipe = Recipe(batch=4, steps=80, learning_rate=3e-2, precision="float32", geometry=None, intensity=None)
    model = net()
    fit(model, cases(), recipe, tmp_path / "first")
    known = np.ones((8, 2), bool)
    known[:6, 1] = False
    more, plain = (net() for _ in range(2))
    for each in (more, plain):
        each.load_state_dict(model.state_dict())
    # One validation, at the end: the best weights are the last ones.
    again = replace(recipe, steps=40, learning_rate=2e-2, validations=1)
    fit(more, cases(known, "p"), again, tmp_path / "more", criterion=criterion, knows_all=True)
    whole = cases(known, "q")
    fit(plain, replace(whole, known=np.ones((8, 2), bool)), again, tmp_path / "plain", criterion=criterion)
    full = cases()
    truth = torch.from_numpy(full.labels[:6]).long()
    scores = []
    for each in (model, more, plain):
        with torch.no_grad():
            guess = each.eval()(normalise(torch.from_numpy(full.images[:6]), False)).argmax(1)
        both = ((guess == 2) & (truth == 2)).sum()
        scores.append(2 * both.item() / ((guess == 2).sum() + (truth == 2).sum()).item())
    assert scores[0] > 0.9
    assert scores[1] > 0.9
    assert scores[2] < scores[1] - 0.2, "labels taken for complete unteach it"


def test_safnet_s_own_recipe_is_usable_and_its_rivals_share_it(partly, tmp_path):
    own, rival = paper_recipes.SAFNET, paper_recipes.SAFNET_RIVALS
    assert rival == replace(own, loss=rival.loss)
    assert (own.recipe.length(138), own.recipe.interval(138)) == (50 * 18, 18)
    assert {own.recipe.learning_rate_at(step, 900) for step in (0, 450, 899)} == {1e-3}
    assert own.grid == (18, 256, 128)
    assert resolve("spinelib.training.paper_recipes:SAFNET") is own
    for name, each in (("own", own), ("rival", rival)):
        short = replace(each.recipe, epochs=2.0, precision="float32")
        history = fit(net(), partly, short, tmp_path / name, criterion=each.loss)
        assert history.facts["stopped"] == "length"
        assert np.isfinite(history.table["validation_loss"]).all()
    assert not same(weights(tmp_path / "own"), weights(tmp_path / "rival"))
