"""Cross-entropy plus soft Dice as one operation: its value and its own gradient."""

import math

import pytest
import torch

from spinelib.training.entropy_dice import entropy_dice
from spinelib.training.losses import (
    cross_entropy,
    cross_entropy_dice,
    soft_dice,
)


@pytest.mark.parametrize("classes", [2, 20])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d])
@pytest.mark.parametrize("partial", [False, True])
def test_the_sum_in_one_operation_has_value_and_gradient_of_its_two_terms(classes, layout, partial):
    random = torch.Generator().manual_seed(0)
    start = (4 * torch.randn(3, classes, 3, 6, 5, generator=random)).contiguous(memory_format=layout)
    target = torch.randint(0, classes, (3, 3, 6, 5), generator=random).to(torch.uint8)
    known = torch.rand(3, classes - 1, generator=random) < 0.6 if partial else None
    if partial:
        known[0] = True
    found, expected = (start.clone().requires_grad_() for _ in range(2))
    # A factor, because the gradient that comes in is not always 1.
    one = 3 * cross_entropy_dice(found, target, known)
    two = 3 * (cross_entropy(expected, target, known) + soft_dice(expected, target, known))
    one.backward()
    two.backward()
    assert one.item() == pytest.approx(two.item(), rel=1e-6)
    assert expected.grad.abs().max() > 1e-3
    torch.testing.assert_close(found.grad, expected.grad, rtol=1e-4, atol=1e-7)


def test_the_gradient_of_the_sum_is_that_of_finite_differences():
    random = torch.Generator().manual_seed(1)
    logits = torch.randn(2, 4, 3, 2, generator=random)
    target = torch.randint(0, 4, (2, 3, 2), generator=random)
    direction = torch.randn(logits.shape, generator=random)
    at = logits.clone().requires_grad_()
    cross_entropy_dice(at, target).backward()
    ends = [cross_entropy_dice(logits + sign * 1e-2 * direction, target).item() for sign in (1, -1)]
    assert (at.grad * direction).sum().item() == pytest.approx((ends[0] - ends[1]) / 2e-2, rel=2e-3)


def test_sure_and_wrong_logits_stay_finite():
    # Four voxels of the background, three of them called another class: Dice 1/2 of each.
    logits = (torch.eye(4).view(1, 4, 2, 2) * 400).requires_grad_()
    loss = cross_entropy_dice(logits, torch.zeros(1, 2, 2, dtype=torch.uint8))
    loss.backward()
    assert loss.item() == pytest.approx(3 * 400 / 4 + 0.5)
    assert logits.grad.isfinite().all()


def test_two_voxels_by_hand():
    """Voxels of classes 1 and 0 with probabilities 0.8 and 0.4 of class 1, and nothing to smooth with."""
    chance = torch.tensor([[0.8, 0.4]])
    logits = torch.stack([torch.log(1 - chance), torch.log(chance)], 1).requires_grad_()
    found = entropy_dice(logits, torch.tensor([[1, 0]]), torch.tensor([[0.0, 1.0]]), 0.0)
    entropy, dice = -(math.log(0.8) + math.log(0.6)) / 2, 2 * 0.8 / (1.2 + 1)
    assert found.item() == pytest.approx(entropy + 1 - dice)
    found.backward()
    # Of the Dice 2 I / T: dI/dz = 0.8 * 0.2 in the first voxel alone, dT/dz = p (1 - p) in both.
    slopes = [
        (0.8 - 1) / 2 - 2 * 0.16 / 2.2 + 2 * 0.8 * 0.16 / 2.2**2,
        0.4 / 2 + 2 * 0.8 * 0.24 / 2.2**2,
    ]
    torch.testing.assert_close(logits.grad[0, 1], torch.tensor(slopes))
    torch.testing.assert_close(logits.grad[0, 0], -logits.grad[0, 1])


def test_the_background_s_weight_of_zero_leaves_its_dice_out():
    logits, target = torch.zeros(1, 2, 4), torch.tensor([[0, 0, 0, 1]])
    without = entropy_dice(logits, target, torch.tensor([[0.0, 1.0]]), 0.0).item()
    with_it = entropy_dice(logits, target, torch.tensor([[0.5, 0.5]]), 0.0).item()
    assert without == pytest.approx(math.log(2) + 1 - 2 * 0.5 / (2 + 1))
    assert with_it == pytest.approx(math.log(2) + 1 - 0.5 * (2 * 1.5 / (2 + 3)) - 0.5 * (2 * 0.5 / (2 + 1)))
