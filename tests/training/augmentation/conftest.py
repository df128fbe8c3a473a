"""A batch of the toy cases."""

import pytest
import torch


@pytest.fixture
def batch(toy_cases):
    return torch.from_numpy(toy_cases.images[:8]), torch.from_numpy(toy_cases.labels[:8])
