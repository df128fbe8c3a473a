"""A network with everything that resuming could get wrong: batch norm, dropout, auxiliary logits."""

from functools import wraps

import torch
from torch import nn

from spinelib import training
from spinelib.models.objective import Objective
from spinelib.training.losses import weighted_heads


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(1, 6, 5, padding=2), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.2))
        self.head, self.coarse = nn.Conv2d(6, 1, 5, padding=2), nn.Conv2d(6, 1, 1)

    def forward(self, inputs):
        features = self.body(inputs)
        logits = self.head(features)
        return {"logits": logits, "coarse": self.coarse(features)} if self.training else logits


def make_net(seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return Net()


def fit(model, loss, data, train, validation, recipe, out, *, seed=0, **options):
    """`spinelib.training.fitting` of a network that outlines by the criterion `loss`."""
    return training.fit(training.Training(model, _aim(loss), data, train, validation, recipe, seed), out, **options)


def pick_learning_rate(model, loss, data, train, validation, recipe, out, *, seed=0, **options):
    """The same for `spinelib.training.pick_learning_rate`."""
    problem = training.Training(model, _aim(loss), data, train, validation, recipe, seed)
    return training.pick_learning_rate(problem, out, **options)


def _aim(loss):
    """An objective under the name of the usual criterion: a loss that fails on purpose is no other training."""
    return Objective(wraps(weighted_heads)(lambda outputs, target: loss(outputs, target)))
