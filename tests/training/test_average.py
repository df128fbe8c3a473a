"""The moving average of the weights."""

import torch
from torch import nn

from spinelib.training.average import Average


def test_average_is_the_recursion_and_the_model_gets_its_weights_back():
    model = nn.BatchNorm1d(2)
    average, mean = Average(model, 0.9), model.weight.detach().clone()
    for step in range(200):
        model.weight.data.fill_(float(step))
        average.update(step)
        decay = min(0.9, (2 + step) / (11 + step))
        mean = decay * mean + (1 - decay) * step
    with average.applied():
        torch.testing.assert_close(model.weight.data, mean, rtol=1e-5, atol=1e-5)
    assert (model.weight.data == 199).all()


def test_average_switched_off_is_the_model_itself():
    model = nn.Linear(2, 2)
    before = model.weight.clone()
    average = Average(model, 0.0)
    average.update(0)
    with average.applied():
        assert torch.equal(model.weight, before)
