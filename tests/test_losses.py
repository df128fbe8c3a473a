"""Losses against hand-computed values and library functions."""

import math

import pytest
import torch

from spinelib.losses import cross_entropy, cross_entropy_dice, soft_dice, weighted_heads


def test_cross_entropy_of_undecided_logits():
    target = torch.randint(0, 2, (2, 4, 5), dtype=torch.uint8)
    assert cross_entropy(torch.zeros(2, 1, 4, 5), target).item() == pytest.approx(math.log(2))
    assert cross_entropy(torch.zeros(2, 3, 4, 5), target).item() == pytest.approx(math.log(3))


def test_binary_and_two_class_cross_entropy_agree():
    logits, target = torch.randn(2, 1, 4, 5), torch.randint(0, 2, (2, 4, 5))
    pair = torch.cat([torch.zeros_like(logits), logits], dim=1)
    torch.testing.assert_close(cross_entropy(logits, target), cross_entropy(pair, target))


def test_soft_dice_by_hand():
    # Probabilities 0.5 everywhere, 2 of 8 pixels true: (2 * 1 + 1) / (4 + 2 + 1)
    target = torch.zeros(1, 2, 4, dtype=torch.uint8)
    target[0, 0, :2] = 1
    assert soft_dice(torch.zeros(1, 1, 2, 4), target).item() == pytest.approx(1 - 3 / 7)


def test_soft_dice_at_the_ends():
    target = torch.zeros(2, 6, 6, dtype=torch.uint8)
    target[0, 2:4, 2:4] = 1
    sure = (target.float()[:, None] * 2 - 1) * 50
    assert soft_dice(sure, target).item() == pytest.approx(0, abs=1e-6)
    assert soft_dice(-sure, target).item() > 0.8


def test_soft_dice_ignores_the_background_class():
    target = torch.zeros(1, 4, 4, dtype=torch.long)
    target[0, 0] = 2
    sure = torch.nn.functional.one_hot(target, 3).movedim(-1, 1) * 50.0
    assert soft_dice(sure, target).item() == pytest.approx(0, abs=1e-6)


def test_heads_are_weighted():
    target = torch.randint(0, 2, (2, 8, 8), dtype=torch.uint8)
    names = ("logits", "coarse", "aux_1", "aux_2")
    outputs = {name: torch.randn(2, 1, 8, 8) for name in names}
    one = {name: cross_entropy_dice(y, target).item() for name, y in outputs.items()}
    expected = one["logits"] + 0.5 * one["coarse"] + 0.25 * (one["aux_1"] + one["aux_2"])
    assert weighted_heads(outputs, target).item() == pytest.approx(expected, rel=1e-5)
    assert weighted_heads(outputs["logits"], target).item() == pytest.approx(one["logits"])
    with pytest.raises(KeyError):
        weighted_heads({"other": outputs["coarse"]}, target)


def test_bfloat16_logits_give_a_float32_loss_with_gradient():
    logits = torch.randn(1, 1, 8, 8, dtype=torch.bfloat16, requires_grad=True)
    loss = cross_entropy_dice(logits, torch.ones(1, 8, 8, dtype=torch.uint8))
    loss.backward()
    assert loss.dtype == torch.float32
    assert torch.isfinite(logits.grad).all()


@pytest.mark.parametrize("value", [-1e4, 1e4])
def test_extreme_logits_stay_finite(value):
    logits = torch.full((1, 1, 4, 4), value, requires_grad=True)
    loss = cross_entropy_dice(logits, torch.ones(1, 4, 4))
    loss.backward()
    assert torch.isfinite(loss)
    assert torch.isfinite(logits.grad).all()
