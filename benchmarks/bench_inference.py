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
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from torch import nn

from benchmarks.common import DRY, Row, against, device_and_card, kinds, race
from benchmarks.synthetic import FILM, cases
from spinelib.cases import CaseArrays
from spinelib.models import NETWORKS, build_model
from spinelib.models.layers import probabilities
from spinelib.models.objective import main_logits
from spinelib.prediction.fused import prepared_network
from spinelib.prediction.maps import predict
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision, choose
from spinelib.prediction.windows import window_probabilities

REPEATS = 5
VOLUME = (18, 128, 64)
# By device: the width of the networks, and the cases of one pass by the number of axes.
SIZES = {"cpu": (0.25, {2: 4, 3: 2}), "cuda": (1.0, {2: 64, 3: 8}), DRY: (0.125, {2: 2, 3: 2})}


def rows() -> Iterator[Row]:
    """Yield one row per device and method. One that fails costs its own row; RuntimeError names it at the end."""
    torch.set_num_threads(1)
    failed = []
    for kind in kinds():
        width, batch = SIZES[kind]
        sets = {2: cases(batch[2], FILM), 3: cases(batch[3], VOLUME)}
        for name, method in NETWORKS.items():
            try:
                yield _row(name, sets[method.dims], width, *device_and_card(kind))
            except Exception:
                traceback.print_exc()
                failed.append(f"{name} on {kind}")
    if failed:
        raise RuntimeError(f"no row for {', '.join(failed)}")


def _row(name: str, data: CaseArrays, width: float, device: torch.device, card: str) -> Row:
    torch.manual_seed(0)
    model = build_model(name, in_channels=1, classes=len(data.classes), width=width).to(device)
    precision = _choice(model, data, device)
    once = _preparation(model, data, precision, device)
    calls = {"ours": predicting(copy.deepcopy(model), data, precision), "eager": _eager(model, data, device)}
    times = race(calls, REPEATS)
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


def _preparation(model: nn.Module, data: CaseArrays, precision: str, device: torch.device) -> float:
    """Processor seconds that it takes to prepare the network, a second time: the first loads libraries."""
    inputs = normalise(torch.from_numpy(data.images).to(device))
    for _ in range(2):
        begin = time.process_time()
        prepared_network(copy.deepcopy(model), Precision(precision), inputs)
    return time.process_time() - begin


def predicting(model: nn.Module, data: CaseArrays, precision: str) -> Callable[[], np.ndarray]:
    """A call that gives the probabilities [N,K,*S] of all cases by our path, with the model on its device."""
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
