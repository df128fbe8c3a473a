"""Prediction of every method: our path against eager float32, on the same images, batch and core.

Both normalise, predict and give probabilities to numpy; ours in the precision that the probe of a training picks for
that network on this machine (`spinelib.precision`), which a finished run hands on to its predictions.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from itertools import product

import numpy as np
import torch
from torch import nn

from benchmarks.common import Row, against, race
from benchmarks.synthetic import FILM, VOLUME, cases
from spinelib.augment import normalise
from spinelib.cases import CaseArrays
from spinelib.devices import device_name, tune
from spinelib.inference import predict, probabilities
from spinelib.models import METHODS, build_model
from spinelib.objectives import main_logits
from spinelib.precision import choose

WIDTH, REPEATS = 0.25, 4
# Cases of one pass, by the number of axes.
BATCH = {2: 4, 3: 2}


def rows() -> Iterator[Row]:
    """Yield one row per device and method."""
    torch.set_num_threads(1)
    kinds = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    sets = {2: cases(BATCH[2], FILM), 3: cases(BATCH[3], VOLUME)}
    for kind, (name, method) in product(kinds, METHODS.items()):
        yield _row(name, sets[method.dims], torch.device(kind))


def _row(name: str, data: CaseArrays, device: torch.device) -> Row:
    tune(device)
    torch.manual_seed(0)
    model = build_model(name, in_channels=1, classes=len(data.classes), width=WIDTH).to(device)
    precision = _choice(model, data, device)
    calls = {"ours": _ours(copy.deepcopy(model), data, precision), "eager": _eager(model, data, device)}
    times = race(calls, REPEATS)
    card = device_name(device) if device.type == "cuda" else ""
    title = f"prediction {name} {list(data.grid)} x {len(data)}, {device.type}, {precision}, against eager float32"
    return against(title, times, "ours", "eager", len(data), card)


def _choice(model: nn.Module, data: CaseArrays, device: torch.device) -> str:
    objective = METHODS[model.built_as["method"]].aim(model)
    targets = {"labels": torch.from_numpy(data.labels), "angles": torch.full((len(data), 3), 0.2)}
    there = {name: targets[name].to(device) for name in ("labels", *objective.needs)}
    inputs = normalise(torch.from_numpy(data.images).to(device))
    return choose(model, objective, inputs, there)[0].name


def _ours(model: nn.Module, data: CaseArrays, precision: str) -> Callable[[], np.ndarray]:
    return lambda: predict(model, data, np.arange(len(data)), len(data), precision=precision)


def _eager(model: nn.Module, data: CaseArrays, device: torch.device) -> Callable[[], np.ndarray]:
    model.eval()

    def call() -> np.ndarray:
        with torch.no_grad():
            images = normalise(torch.from_numpy(data.images).to(device))
            return probabilities(main_logits(model(images))).cpu().numpy()

    return call
