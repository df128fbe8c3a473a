"""Losses that are no longer numbers: at which step, and the last good weights back."""

import pytest
import torch
from torch import nn

from spinelib.training.average import floating
from spinelib.training.guard import Guard


def test_guard_finds_the_step_and_gives_the_last_good_weights_back():
    model = nn.Linear(2, 2)
    guard = Guard(model, every=4)
    for value in (3.0, 2.0):
        guard.note(torch.tensor(value), torch.tensor(1.0))
    model.weight.data.fill_(7.0)
    assert guard.read() == ([3.0, 2.0], None)
    for loss, norm in ((1.0, 1.0), (1.0, torch.inf), (torch.nan, 1.0)):
        guard.note(torch.tensor(loss), torch.tensor(norm))
    assert not guard.full
    model.weight.data.fill_(torch.nan)
    assert guard.read()[1] == 1
    assert (model.weight == 7).all()
    assert all(value.isfinite().all() for value in floating(model))


@pytest.mark.parametrize("spoilt", [2, 5])
def test_a_late_guard_gives_each_loss_once_and_finds_the_same_step(spoilt):
    model = nn.Linear(2, 2)
    guard, seen, bad_step, step = Guard(model, every=2, late=True), [], None, 0
    while bad_step is None:
        model.weight.data.fill_(float(step))
        guard.note(torch.tensor(torch.nan if step == spoilt else float(step)), torch.tensor(1.0))
        step += 1
        if guard.full:
            losses, bad = guard.read(wait=False)
            bad_step = None if bad is None else step - guard.unread - len(losses) + bad
            seen += losses
    assert bad_step == spoilt
    assert seen[:spoilt] == [float(k) for k in range(spoilt)]
    # The weights at the end of the last round without a bad loss.
    assert (model.weight == spoilt // 2 * 2 - 1).all()


def test_a_late_guard_that_waits_gives_everything():
    model = nn.Linear(2, 2)
    guard = Guard(model, every=2, late=True)
    for value in (1.0, 2.0):
        guard.note(torch.tensor(value), torch.tensor(1.0))
    assert guard.read(wait=False) == ([], None)
    assert guard.unread == 2
    guard.note(torch.tensor(3.0), torch.tensor(1.0))
    assert guard.read() == ([1.0, 2.0, 3.0], None)
    assert guard.unread == 0
    assert guard.read() == ([], None)
