"""One thread and a fixed seed for every test of a network."""

import pytest
import torch


@pytest.fixture(autouse=True)
def _calm():
    torch.set_num_threads(1)
    torch.manual_seed(0)
