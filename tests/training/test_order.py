"""Which cases make up which step."""

import numpy as np
import torch

from spinelib.training.order import Order


def test_order_shows_every_case_equally_often_in_full_batches():
    index = np.array([3, 5, 7, 11, 13])
    batches = [Order(index, 8, seed=1).batch(step) for step in range(5)]
    assert {len(batch) for batch in batches} == {8}
    stream = torch.cat(batches).reshape(8, 5)
    assert all(sorted(one_pass.tolist()) == index.tolist() for one_pass in stream)
    assert len({tuple(one_pass.tolist()) for one_pass in stream}) > 4


def test_order_of_a_step_does_not_depend_on_the_steps_before():
    whole = Order(np.arange(10), 4, seed=0)
    expected = [whole.batch(step) for step in range(9)]
    assert torch.equal(Order(np.arange(10), 4, seed=0).batch(8), expected[8])
    assert not torch.equal(Order(np.arange(10), 4, seed=1).batch(8), expected[8])
