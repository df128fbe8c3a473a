"""Nothing in a training step waits for a graphics card; shown on a stand-in, and on a card where there is one."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from benchmarks.synthetic import cases
from spinelib.core.devices import Store
from spinelib.models import NETWORKS, build_model
from spinelib.training import Recipe
from spinelib.training.augmentation.elastic import Elastic
from spinelib.training.augmentation.geometry import Geometry
from spinelib.training.augmentation.intensity import Intensity
from spinelib.training.loop import Trainer
from spinelib.training.recipe import for_volumes
from spinelib.training.state import Session
from spinelib.training.training import RunningTraining
from tests.training.waiting import CARD, Watch, card

__all__ = ["card"]

# A film, a volume, a network with an objective of its own; the others take longer.
QUICK = ("unet", "unet3d", "seg4regplus")
# Everything that may happen to an image happens.
LIGHT = Intensity(**{name: (1.0, *values[1:]) for name, values in vars(Intensity()).items()})
BUSY = Recipe(batch=2, steps=100, precision="float32", ema=0.9, geometry=Geometry(), intensity=LIGHT)


def trainer(method, device, folder, recipe=BUSY, memory_mb=None):
    grid = (64, 32) if NETWORKS[method].dims == 2 else (8, 32, 32)
    data = cases(6, grid, "train")
    torch.manual_seed(0)
    model = build_model(method, in_channels=2 if recipe.local else 1, classes=len(data.classes), width=0.125)
    objective = NETWORKS[method].make_objective(model)
    recipe = replace(for_volumes(recipe), elastic=Elastic(probability=1.0)) if len(grid) == 3 else recipe
    sides = {"train": np.arange(2, 6), "validation": np.arange(2)}
    training = SimpleNamespace(model=model.to(device), objective=objective, recipe=recipe, seed=0, **sides)
    targets = {"labels": data.labels}
    if "angles" in objective.needs:
        targets["angles"] = np.full((len(data), 3), 0.2, np.float32)
    store = Store(data.images, targets, device, memory_mb)
    running = RunningTraining(training, store, folder, {})
    return Trainer(running, Session(folder, {}, 0.0, np.inf, False), {})


def steps(own, first, count):
    for batch in own.running.batches(range(first, first + count)):
        own.step(batch)


@pytest.mark.parametrize(
    "method", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in NETWORKS]
)
def test_no_step_waits_for_the_card(method, card, tmp_path):
    own = trainer(method, card, tmp_path)
    with Watch() as watch:
        steps(own, 0, 1)
    assert watch.found == []
    assert own.state.counters.step == 1


def test_nor_with_local_contrast_or_batches_read_one_by_one(card, tmp_path):
    own = trainer("unet", card, tmp_path, replace(BUSY, local=True), memory_mb=0)
    assert not own.running.store.resident
    with Watch() as watch:
        own.step(next(own.running.batches(range(1))))
    assert watch.found == []


def waits():
    x, y = torch.ones(4, device=CARD), torch.arange(3)
    return {
        "a plain copy": lambda: y.to(CARD),
        "a copy into": lambda: x[:3].copy_(y),
        "a list": lambda: torch.tensor([1.0, 2.0], device=CARD),
        "indices on the CPU": lambda: x[y],
    }


@pytest.mark.parametrize("name", waits())
def test_the_stand_in_notes_what_waits_on_the_way_there(name):
    with Watch() as watch:
        waits()[name]()
    assert watch.found


@pytest.mark.parametrize(
    "read", [lambda x: x.sum().item(), lambda x: bool(x.any()), lambda x: x[x > 0], torch.nonzero, lambda x: x.cpu()]
)
def test_the_stand_in_cannot_be_read(read):
    with pytest.raises((NotImplementedError, RuntimeError)):
        read(torch.ones(4, device=CARD))


def test_the_stand_in_lets_pass_what_does_not_wait():
    with Watch() as watch:
        there = torch.arange(3).to(CARD, non_blocking=True)
        torch.ones(4, device=CARD).index_select(0, there).mul_(2.0).add_(torch.tensor(1.0))
    assert watch.found == []


@pytest.mark.card
@pytest.mark.parametrize("method", NETWORKS)
@pytest.mark.parametrize("precision", ["float32", "bfloat16+channels_last"])
def test_a_card_is_never_waited_for(method, precision, tmp_path):
    own = trainer(method, torch.device("cuda"), tmp_path, replace(BUSY, precision=precision))
    # The first steps choose kernels and take memory.
    steps(own, 0, 5)
    try:
        torch.cuda.set_sync_debug_mode("error")
        # Twice past the tenth step, where losses are read.
        steps(own, 5, 20)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    own.read_losses()
    assert own.state.counters.loss_count == 25
    assert np.isfinite(own.state.counters.loss_sum)
