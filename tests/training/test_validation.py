"""Scores of the validation cases."""

import pytest
import torch
from torch import nn

from spinelib.models.objective import Objective
from spinelib.prediction.precision import Precision
from spinelib.training.losses import weighted_heads
from spinelib.training.validation import validate


def test_validation_is_the_mean_over_cases_whatever_the_batches(toy_cases):
    from spinelib.core.devices import Store

    torch.manual_seed(0)
    model = nn.Conv2d(1, 1, 3, padding=1)
    store = Store(toy_cases.images, {"labels": toy_cases.labels}, torch.device("cpu"))
    index = torch.arange(11)
    aim = Objective(weighted_heads)
    found = [validate(model, aim, store, index.split(n), Precision(), False) for n in (1, 4, 11)]
    scores = [measures["dice"] for _, measures in found]
    assert scores[0] == pytest.approx(scores[1], abs=1e-6) == pytest.approx(scores[2], abs=1e-6)
    assert found[0][0] == pytest.approx(found[1][0], abs=1e-5)
