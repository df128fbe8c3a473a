"""What the loop asks of a task, on the smallest task there can be: a line through two points."""

import numpy as np
import pytest
import torch
from torch import nn

from spinelib.core.errors import BadInput
from spinelib.core.weights import save_weights
from spinelib.training import Recipe
from spinelib.training.task import RunningTask, Task


class Line(Task):
    """A straight line through the points (0, 1), (1, 3), ... learns to be one."""

    parts = ()

    def __init__(self, train=(0, 1, 2), seed=0, note="points", **how):
        torch.manual_seed(0)
        self.model, self.recipe, self.seed, self.note = (
            nn.Linear(1, 1),
            Recipe(**{"batch": 2, "steps": 4, **how}),
            seed,
            note,
        )
        self.train, self.validation = np.array(train, np.int64), np.array([3], np.int64)

    @property
    def described(self):
        return {"data": self.note}

    def start(self, device, out, memory_mb, saved):
        return RunningLine(self, device, self.train)


class RunningLine(RunningTask):
    def batches(self, steps):
        yield from (self.order.batch(step).float()[:, None] for step in steps)

    def loss(self, batch, done):
        return (self.task.model(batch) - 2 * batch - 1).square().mean()

    def validate(self):
        return 0.0, 0.0, {}


def test_a_task_must_say_what_it_learns_from():
    with pytest.raises(TypeError, match="abstract"):
        Task()


def test_the_identity_is_recipe_seed_split_and_data():
    identity = Line().identity
    assert identity["data"] == "points"
    assert identity == Line().identity
    changes = {
        "seed": Line(seed=1),
        "training cases": Line(train=(0, 1)),
        "recipe.learning_rate": Line(learning_rate=0.5),
        "data": Line(note="others"),
    }
    for name, task in changes.items():
        assert {key for key in identity if task.identity[key] != identity[key]} == {name}


def test_the_identity_is_of_the_weights_it_starts_with_and_stays_while_they_learn():
    task = Line()
    before = task.identity
    nn.init.zeros_(task.model.weight)
    assert task.identity is before


def test_batches_have_the_recipe_s_size_and_the_order_that_the_seed_gives():
    running = Line().start(torch.device("cpu"), None, None, {})
    assert (running.items, running.size, running.name) == (3, 2, "")
    batches = list(running.batches(range(3)))
    assert [batch.shape for batch in batches] == [(2, 1)] * 3
    # Three steps of two are two passes over three points.
    assert sorted(torch.cat(batches).flatten().tolist()) == [0, 0, 1, 1, 2, 2]
    assert torch.equal(next(running.batches(range(2, 3))), batches[2])
    other = Line(seed=1).start(torch.device("cpu"), None, None, {})
    one, two = (torch.cat(list(each.batches(range(12)))) for each in (running, other))
    assert not torch.equal(one, two)
    assert running.state() == running.facts() == {}


def test_the_kept_weights_come_back_and_those_of_another_model_do_not(tmp_path):
    task, other = Line(), Line()
    save_weights(task.model, tmp_path / "model.safetensors")
    nn.init.zeros_(other.model.weight)
    other.load(tmp_path / "model.safetensors")
    assert torch.equal(other.weights()["weight"], task.weights()["weight"])
    other.model = nn.Linear(2, 1)
    with pytest.raises(BadInput):
        other.load(tmp_path / "model.safetensors")
