"""Prediction of every method: our path against PyTorch's eager float32 with the same network, cases, batch and core.

Both begin with stored images, normalise, and end with probabilities in numpy. Ours is
`spinelib.prediction.maps.predict`, or for volumes `window_probabilities` over the whole grid at once, in the precision
that the probe of a training picks for that network on this machine (`spinelib.prediction.precision`), which a finished
run hands on; its network is prepared for it (`spinelib.prediction.fused`) in the warm-up, as once for all cases of a
test set. What that preparation takes is told beside it in the title, in passes of the eager network over one case.
SpineFM's walk has no peer: every film takes its own way.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.common import Row, against, race
from benchmarks.synthetic import FILM, cases
from spinelib.cases import CaseArrays
from spinelib.core.devices import device_name, tune
from spinelib.models import NETWORKS, build_model
from spinelib.models.layers import probabilities
from spinelib.models.objective import main_logits
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.maps import predict
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision, choose
from spinelib.prediction.windows import window_probabilities

WIDTH, REPEATS = 0.25, 5
VOLUME = (18, 128, 64)
# Cases of one pass, by the number of axes.
BATCH = {2: 4, 3: 2}


def rows() -> Iterator[Row]:
    """Yield one row per device and method."""
    torch.set_num_threads(1)
    kinds = ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    sets = {2: cases(BATCH[2], FILM), 3: cases(BATCH[3], VOLUME)}
    for kind, (name, method) in product(kinds, NETWORKS.items()):
        yield _row(name, sets[method.dims], torch.device(kind))


def _row(name: str, data: CaseArrays, device: torch.device) -> Row:
    tune(device)
    torch.manual_seed(0)
    model = build_model(name, in_channels=1, classes=len(data.classes), width=WIDTH).to(device)
    precision = _choice(model, data, device)
    once = _preparation(model, data, precision)
    calls = {"ours": _ours(copy.deepcopy(model), data, precision), "eager": _eager(model, data, device)}
    times = race(calls, REPEATS)
    card = device_name(device) if device.type == "cuda" else ""
    cost = once / float(np.median(times["eager"][:, 1])) * len(data)
    print(f"{name}: {precision}, prepared once in the time of {cost:.1f} eager passes over one case")
    title = f"prediction {name} {list(data.grid)} x {len(data)}, {device.type}, against eager float32"
    return against(title, times, "ours", "eager", len(data), card)


def _choice(model: nn.Module, data: CaseArrays, device: torch.device) -> str:
    network: Any = model
    objective = NETWORKS[network.built_as["method"]].make_objective(model)
    targets = {"labels": torch.from_numpy(data.labels), "angles": torch.full((len(data), 3), 0.2)}
    there = {name: targets[name].to(device) for name in ("labels", *objective.needs)}
    inputs = normalise(torch.from_numpy(data.images).to(device))
    return choose(model, objective, inputs, there)[0].name


def _preparation(model: nn.Module, data: CaseArrays, precision: str) -> float:
    """Processor seconds that it takes to prepare the network, a second time: the first loads libraries."""
    inputs = normalise(torch.from_numpy(data.images))
    for _ in range(2):
        begin = time.process_time()
        prepared_network(copy.deepcopy(model), Precision(precision), inputs)
    return time.process_time() - begin


def _ours(model: nn.Module, data: CaseArrays, precision: str) -> Callable[[], np.ndarray]:
    if len(data.grid) == 2:
        return lambda: predict(model, data, np.arange(len(data)), len(data), precision=precision)
    options: dict[str, Any] = {"batch": len(data), "precision": precision}
    return lambda: window_probabilities(model, torch.from_numpy(data.images), data.grid, **options).numpy()


def _eager(model: nn.Module, data: CaseArrays, device: torch.device) -> Callable[[], np.ndarray]:
    model.eval()

    def call() -> np.ndarray:
        with torch.no_grad():
            images = normalise(torch.from_numpy(data.images).to(device))
            return probabilities(main_logits(model(images))).cpu().numpy()

    return call
