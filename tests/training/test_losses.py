"""Losses against hand-computed values and library functions."""

import math

import pytest
import torch

from spinelib.training.losses import (
    cross_entropy,
    cross_entropy_dice,
    cross_entropy_heads,
    marginal,
    one_hot_bce,
    one_hot_entropy,
    soft_dice,
    weighted_heads,
)


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


def partial_case(seed=0):
    """Logits of four channels; the first of two images does not label class 2."""
    random = torch.Generator().manual_seed(seed)
    logits = torch.randn(2, 4, 3, 4, 5, generator=random, dtype=torch.float64)
    target = torch.randint(0, 4, (2, 3, 4, 5), generator=random)
    target[0][target[0] == 2] = 0
    return logits, target, torch.tensor([[True, False, True], [True, True, True]])


@pytest.mark.parametrize("loss", [cross_entropy, soft_dice, cross_entropy_dice, one_hot_entropy])
def test_with_all_known_the_marginal_loss_is_the_plain_one(loss):
    logits, target, known = partial_case()
    merged, same = marginal(logits, target, torch.ones_like(known))
    torch.testing.assert_close(merged, logits.float())
    assert torch.equal(same, target)
    torch.testing.assert_close(loss(logits, target, torch.ones_like(known)), loss(logits, target))


def test_the_marginal_loss_by_hand():
    # Shares 1 : 2 : 3 : 4 of 10. Class 2 is not labelled: background is 1 + 3 of 10, class 2 nothing.
    logits = torch.log(torch.tensor([1.0, 2.0, 3.0, 4.0])).view(1, 4, 1).repeat(1, 1, 2)
    target, known = torch.tensor([[0, 3]]), torch.tensor([[True, False, True]])
    merged, _ = marginal(logits, target, known)
    torch.testing.assert_close(torch.softmax(merged, 1)[0, :, 0], torch.tensor([0.4, 0.2, 0.0, 0.4]))
    entropy = -2 * math.log(0.4) / 2
    assert cross_entropy(logits, target, known).item() == pytest.approx(entropy)
    # Class 1: nothing drawn, 0.2 twice. Class 3: 0.4 of one voxel found, 0.8 + 1 in all. One pixel smooths.
    dice = 1 - (1 / (0.4 + 1) + (2 * 0.4 + 1) / (0.8 + 1 + 1)) / 2
    assert soft_dice(logits, target, known).item() == pytest.approx(dice)
    assert cross_entropy_dice(logits, target, known).item() == pytest.approx(entropy + dice)
    # Each voxel: the right channel 0.4, the wrong ones 0.2 and 0.4; three channels count.
    binary = -(math.log(0.4) + math.log(0.8) + math.log(0.6)) / 3
    assert one_hot_entropy(logits, target, known).item() == pytest.approx(binary)


def test_each_case_has_its_own_unlabelled_classes():
    logits, target, known = partial_case()
    both = cross_entropy(logits, target, known)
    alone = [cross_entropy(logits[i : i + 1], target[i : i + 1], known[i : i + 1]) for i in range(2)]
    torch.testing.assert_close(both, torch.stack(alone).mean())
    torch.testing.assert_close(alone[1], cross_entropy(logits[1:], target[1:]))


@pytest.mark.parametrize("loss", [cross_entropy, soft_dice, cross_entropy_dice, one_hot_entropy])
def test_background_and_unlabelled_classes_are_one(loss):
    """Only the sum of their probabilities counts: how it is shared out costs nothing, and is not moved."""
    logits, target, known = partial_case()
    shares = torch.softmax(logits, 1)
    moved = shares.clone()
    moved[0, 0], moved[0, 2] = 0.3 * (shares[0, 0] + shares[0, 2]), 0.7 * (shares[0, 0] + shares[0, 2])
    torch.testing.assert_close(loss(moved.log(), target, known), loss(logits, target, known))
    logits.requires_grad_()
    loss(logits, target, known).backward()
    # Of the gradient both get what their share of the sum says.
    torch.testing.assert_close(logits.grad[0, 0] * shares[0, 2], logits.grad[0, 2] * shares[0, 0])


@pytest.mark.parametrize("loss", [cross_entropy, cross_entropy_dice, one_hot_entropy])
def test_an_unlabelled_class_is_only_told_where_it_is_not(loss):
    logits, target, known = partial_case()
    logits.requires_grad_()
    loss(logits, target, known).backward()
    drawn = target[0] > 0
    assert (logits.grad[0, 2][drawn] > 0).all(), "less likely where something else is drawn"
    plain = logits.detach().clone().requires_grad_()
    loss(plain, target).backward()
    # On the whole: eq. 9 may raise a wrong class a little where that lowers another one more.
    assert plain.grad[0, 2][~drawn].sum() > 0, "without `known` it would be unlearnt in the background"
    assert (logits.grad[0, 2][~drawn] < 0).all()


@pytest.mark.parametrize("loss", [cross_entropy_dice, one_hot_entropy])
@pytest.mark.parametrize("value", [-1e4, 60.0, 1e4])
def test_extreme_logits_stay_finite_with_unlabelled_classes(loss, value):
    logits, target, known = partial_case()
    logits[:, 1:] += value
    logits = logits.float().requires_grad_()
    result = loss(logits, target, known)
    result.backward()
    assert torch.isfinite(result)
    assert torch.isfinite(logits.grad).all()


def test_what_is_drawn_as_an_unlabelled_class_counts_as_background():
    logits, target, known = partial_case()
    drawn = target.clone()
    drawn[0][target[0] == 0] = 2
    assert torch.equal(marginal(logits, drawn, known)[1], target)
    assert cross_entropy(logits, drawn, known) == cross_entropy(logits, target, known)


def test_partial_labels_reach_every_head():
    logits, target, known = partial_case()
    outputs = {"logits": logits, "coarse": 2 * logits}
    for heads, term in ((weighted_heads, cross_entropy_dice), (cross_entropy_heads, cross_entropy)):
        expected = term(logits, target, known) + 0.5 * term(2 * logits, target, known)
        torch.testing.assert_close(heads(outputs, target, known=known), expected)
    torch.testing.assert_close(one_hot_bce(logits, target, known), one_hot_entropy(logits, target, known))


def test_known_structures_that_do_not_fit_are_refused():
    logits, target, known = partial_case()
    with pytest.raises(ValueError, match="does not fit"):
        cross_entropy(logits, target, known[:, :2])
    with pytest.raises(ValueError, match="does not fit"):
        marginal(logits[:, :1], target, known[:, :0])


def test_one_hot_entropy_is_the_mean_over_channels_of_torch_s():
    logits, target, _ = partial_case()
    truth = torch.nn.functional.one_hot(target, 4).movedim(-1, 1).double()
    expected = torch.nn.functional.binary_cross_entropy(torch.softmax(logits, 1), truth)
    torch.testing.assert_close(one_hot_entropy(logits, target), expected.float())
    sure = torch.tensor([[80.0, -80.0]]).view(1, 2, 1).requires_grad_()
    wrong = one_hot_entropy(sure, torch.tensor([[1]]))
    wrong.backward()
    assert wrong.item() == pytest.approx(160)
    assert sure.grad.abs().min() > 0.9, "still learns where a probability rounds to 1"


def test_eq_9_by_hand():
    logits = torch.log(torch.tensor([0.5, 0.3, 0.2])).view(1, 3, 1, 1, 1)
    target = torch.ones(1, 1, 1, 1, dtype=torch.uint8)
    expected = -(math.log(0.3) + math.log(1 - 0.5) + math.log(1 - 0.2)) / 3
    assert one_hot_bce(logits, target).item() == pytest.approx(expected)
    assert one_hot_bce({"logits": logits, "aux": logits}, target).item() == pytest.approx(1.25 * expected)


@pytest.mark.parametrize("loss", [weighted_heads, cross_entropy_heads, one_hot_bce])
def test_a_batch_without_unlabelled_structures_has_the_gradient_of_the_plain_loss(loss):
    logits, target, known = partial_case()
    logits = logits.float().requires_grad_()
    one, other = loss(logits, target), loss(logits, target, known=torch.ones_like(known))
    gradients = [torch.autograd.grad(result, logits)[0] for result in (one, other)]
    torch.testing.assert_close(*gradients, atol=1e-8, rtol=1e-5)
    partial = torch.autograd.grad(loss(logits, target, known=known), logits)[0]
    assert not torch.allclose(partial, gradients[0], atol=1e-4)


def test_the_short_way_for_several_classes_is_the_sum_of_both_terms():
    generator = torch.Generator().manual_seed(0)
    logits = torch.randn(2, 5, 3, 8, 6, generator=generator, requires_grad=True)
    target = torch.randint(0, 4, (2, 3, 8, 6), generator=generator)  # one class is absent
    gradients = []
    for loss in (cross_entropy_dice(logits, target), cross_entropy(logits, target) + soft_dice(logits, target)):
        gradients.append(torch.autograd.grad(loss, logits)[0])
        assert loss.item() == pytest.approx(cross_entropy_dice(logits, target).item(), abs=1e-6)
    assert torch.allclose(*gradients, atol=1e-7)
