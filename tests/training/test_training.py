"""The task of networks that outline: what it reads of the cases, what decides it, and its loss by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from spinelib.models.objective import Objective
from spinelib.prediction.normalisation import normalise
from spinelib.training import Recipe, Training
from spinelib.training.losses import cross_entropy_heads, weighted_heads

PLAIN = Recipe(batch=4, steps=3, geometry=None, intensity=None, precision="float32")


def make(cases, recipe=PLAIN, criterion=weighted_heads, train=range(8), **how):
    torch.manual_seed(0)
    return Training(nn.Conv2d(1, 1, 3, padding=1), Objective(criterion), cases, train, range(8, 12), recipe, **how)


def at_work(training, out, saved=None):
    return training.start(torch.device("cpu"), out, None, saved or {})


def test_what_a_case_labels_is_read_only_where_one_leaves_something_out(toy_cases):
    assert set(make(toy_cases).targets) == {"labels"}
    known = np.ones((12, 2), bool)
    known[11, 1] = False
    partly = replace(toy_cases, classes=("upper", "lower"), known=known)
    targets = make(partly).targets
    assert set(targets) == {"labels", "known"}
    np.testing.assert_array_equal(targets["known"], known)


def test_data_criterion_and_starting_weights_are_part_of_the_identity(toy_cases):
    usual, other = make(toy_cases), make(toy_cases, criterion=cross_entropy_heads)
    assert usual.identity["data"] == toy_cases.digest
    assert (usual.described["objective"], usual.described["criterion"]) == ("Objective", "weighted_heads")
    assert {key for key in usual.described if usual.described[key] != other.described[key]} == {"criterion"}
    nn.init.zeros_(other.model.weight)
    assert other.described["starting weights"] != usual.described["starting weights"]


def test_the_loss_is_the_criterion_of_what_the_network_answers_to_normalised_images(toy_cases, tmp_path):
    training = make(toy_cases)
    running = at_work(training, tmp_path)
    batch = next(running.batches(range(1)))
    index = running.order.batch(0).numpy()
    images, labels = (torch.from_numpy(part[index]) for part in (toy_cases.images, toy_cases.labels))
    assert torch.equal(batch[0], images)
    expected = weighted_heads(training.model(normalise(images, False)), labels)
    torch.testing.assert_close(running.loss(batch, 0.5), expected, rtol=1e-4, atol=1e-5)


def test_validation_sees_the_validation_cases_as_they_are(toy_cases, tmp_path):
    training = make(toy_cases, replace(PLAIN, geometry=Recipe().geometry, intensity=Recipe().intensity))
    loss, score, measures = at_work(training, tmp_path).validate()
    with torch.no_grad():
        logits = training.model(normalise(torch.from_numpy(toy_cases.images[8:]), False))
    truth = torch.from_numpy(toy_cases.labels[8:]) > 0
    guess = logits[:, 0] > 0
    dice = 2 * (guess & truth).sum((1, 2)) / (guess.sum((1, 2)) + truth.sum((1, 2)))
    assert score == measures["dice"] == pytest.approx(float(dice.mean()), abs=1e-5)
    assert loss == pytest.approx(float(weighted_heads(logits, truth.to(torch.uint8))), rel=1e-4)


def test_precision_and_random_numbers_go_on_from_a_checkpoint(toy_cases, tmp_path):
    moving = replace(PLAIN, geometry=Recipe().geometry, intensity=Recipe().intensity)
    first = at_work(make(toy_cases, moving), tmp_path)
    first.loss(next(first.batches(range(1))), 0.0)
    saved = first.state()
    assert (saved["precision"], saved["milliseconds"]) == ("float32", {})
    later = at_work(make(toy_cases, replace(moving, precision="auto")), tmp_path, saved)
    assert later.facts()["precision"] == "float32"
    batch = next(first.batches(range(1, 2)))
    torch.testing.assert_close(first.loss(batch, 0.5), later.loss(batch, 0.5), rtol=0, atol=0)
    anew = at_work(make(toy_cases, moving), tmp_path)
    assert anew.loss(batch, 0.5) != later.loss(batch, 0.5)
