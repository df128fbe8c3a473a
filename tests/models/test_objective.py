"""The objective of most methods: a criterion on the answer to the image alone, validated by Dice."""

import pytest
import torch
from torch import nn

from spinelib.models import NETWORKS
from spinelib.models.objective import Objective, dice_by_class, main_logits
from spinelib.training.losses import weighted_heads


def test_it_is_the_criterion_of_what_the_network_answers():
    seen = []

    def forward(*arguments):
        seen.append(arguments)
        return {"logits": arguments[0], "coarse": -arguments[0]}

    inputs, labels = torch.randn(2, 1, 4, 4), torch.randint(0, 2, (2, 4, 4), dtype=torch.uint8)
    aim, targets = Objective(weighted_heads), {"labels": labels}
    outputs = aim.run(forward, inputs, targets)
    assert [len(arguments) for arguments in seen] == [1]
    expected = weighted_heads({"logits": inputs, "coarse": -inputs}, labels)
    assert all(torch.equal(aim.loss(outputs, targets, done), expected) for done in (0.0, 0.5, 1.0))
    measures = aim.measures(outputs, targets)
    assert measures.keys() == {"dice"}
    assert aim.score({"dice": 0.7}) == 0.7
    assert main_logits(inputs) is inputs is main_logits(outputs)


def test_a_method_without_one_of_its_own_has_this_one():
    aims = {name: NETWORKS[name].make_objective(None) for name in NETWORKS if name != "seg4regplus"}
    assert {type(aim) for aim in aims.values()} == {Objective}
    assert aims["unet"].criterion is weighted_heads
    assert NETWORKS["unet"].make_objective(None, torch.add).criterion is torch.add


def test_dice_of_what_a_case_does_not_label_is_left_open():
    labels = torch.tensor([[[0, 1, 2, 2]], [[0, 0, 1, 0]]], dtype=torch.uint8)
    logits = torch.nn.functional.one_hot(labels.long(), 4).movedim(-1, 1) * 9.0
    logits[1, 2, 0, 0] = 20.0
    known = torch.tensor([[True, True, True], [True, False, True]])
    torch.testing.assert_close(
        dice_by_class(logits, labels), torch.tensor([[1.0, 1, torch.nan], [1, 0, torch.nan]]), equal_nan=True
    )
    expected = torch.tensor([[1.0, 1, torch.nan], [1, torch.nan, torch.nan]])
    torch.testing.assert_close(dice_by_class(logits, labels, known), expected, equal_nan=True)
    targets = {"labels": labels, "known": known}
    measured = Objective(weighted_heads).measures(logits, targets)["dice"]
    torch.testing.assert_close(measured, expected, equal_nan=True)


def test_the_criterion_hears_what_is_known_only_where_something_is_not():
    seen = []

    def criterion(outputs, labels, **others):
        seen.append(others)
        return outputs.sum()

    aim, known = Objective(criterion), torch.ones(2, 1, dtype=torch.bool)
    outputs, labels = torch.zeros(2, 2, 4), torch.zeros(2, 4)
    aim.loss(outputs, {"labels": labels}, 0.0)
    aim.loss(outputs, {"labels": labels, "known": known}, 0.0)
    assert seen[0] == {}
    assert list(seen[1]) == ["known"]
    assert seen[1]["known"] is known


def test_dice_counts_foreground_classes_that_are_there():
    labels = torch.tensor([[[0, 1, 2, 2]], [[0, 0, 1, 1]]], dtype=torch.uint8)
    guess = torch.tensor([[[0, 1, 2, 0]], [[0, 0, 1, 0]]])
    output = nn.functional.one_hot(guess, 4).movedim(-1, 1).float()
    expected = torch.tensor([[1, 2 / 3, torch.nan], [2 / 3, torch.nan, torch.nan]])
    torch.testing.assert_close(dice_by_class(output, labels), expected, equal_nan=True)
    binary = torch.tensor([[[[1.0, -1, 1, 1]]]])
    assert dice_by_class(binary, torch.tensor([[[1, 0, 0, 1]]])).item() == pytest.approx(0.8)
