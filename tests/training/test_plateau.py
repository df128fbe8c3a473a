"""The learning rate that waits for the score, against torch's own."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from spinelib.training.plateau import Plateau


@pytest.mark.parametrize(("stall", "decay"), [(0, 0.5), (2, 0.5), (10, 0.1)])
def test_equals_reduce_on_plateau(stall, decay):
    random = np.random.default_rng(stall)
    # Rises, then stands still with differences on both sides of the threshold.
    scores = np.concatenate([np.linspace(0, 0.6, 20), 0.6 + 1e-4 * random.uniform(-1, 1.5, 60), random.random(40)])
    optimiser = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimiser, "max", decay, stall, eps=0.0)
    ours, factors = Plateau(decay, stall), []
    for score in scores.tolist():
        theirs.step(score)
        ours.note(score)
        factors.append(ours.factor)
        assert ours.factor == pytest.approx(optimiser.param_groups[0]["lr"], rel=1e-12)
    assert len(set(factors)) > 2


def test_without_a_stall_nothing_falls():
    plateau = Plateau(0.5, None)
    for _ in range(100):
        plateau.note(0.1)
    assert plateau == Plateau(0.5, None)


def test_goes_on_from_what_a_checkpoint_holds():
    scores = np.random.default_rng(0).random(40).tolist()
    whole, first, later = (Plateau(0.5, 3) for _ in range(3))
    for score in scores:
        whole.note(score)
    for score in scores[:17]:
        first.note(score)
    vars(later).update(asdict(first))
    for score in scores[17:]:
        later.note(score)
    assert later == whole
    assert whole.factor < 0.5
