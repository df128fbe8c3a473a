"""Train a network: the one entry for every method, 2-D and 3-D, CPU and GPU."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from spinelib.devices import Store, pick_device, tune
from spinelib.precision import Loss
from spinelib.training.history import History, read_record, record_path
from spinelib.training.identity import check_split, identify
from spinelib.training.loop import Trainer
from spinelib.training.recipe import Recipe
from spinelib.training.state import Task
from spinelib.weights import load_weights

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays


def fit(
    model: nn.Module,
    loss: Loss,
    data: CaseArrays,
    train: Sequence[int] | np.ndarray,
    validation: Sequence[int] | np.ndarray,
    recipe: Recipe,
    out: Path | str,
    *,
    seed: int = 0,
    device: str = "auto",
    threads: int = 0,
    memory_mb: float | None = None,
    hours: float = 0.0,
    progress: bool = True,
    resume: bool = True,
    save_every: float = 60.0,
) -> History:
    """Train `model` on the cases `train` of `data`; keep the weights that score best on `validation`.

    loss: (outputs in train mode, target [B,*S] class map) to a scalar, as `Method.loss`. seed: order,
    augmentation and dropout (the starting weights are the caller's). threads: CPU threads (0: as they are).
    memory_mb: see `spinelib.devices.Store`. hours: stop cleanly once so much time, resumed parts included, is
    used up (0: no limit); more hours go on from there. save_every: seconds between two checkpoints.

    Writes model.safetensors, history.csv and training.json to `out`, and out/checkpoint/ meanwhile. Called
    again with the same arguments it goes on where it was stopped or killed and ends with the very weights of
    an uninterrupted training; a finished one is read back. resume=False starts afresh. `model` has the best
    weights afterwards, on `device`. Random generators of the caller are left as they were.

    Equal arguments give equal bits on the same machine with the same number of threads, given a fixed
    precision (see `spinelib.precision`). A GPU adds up in changing order: equal there up to rounding.

    Raises BadInput for an unusable split or another training's checkpoint, Diverged when the loss or its
    gradient is no longer finite (the last good weights are then in out/last_good.safetensors).
    """
    out, where = Path(out), pick_device(device)
    train, validation = (np.asarray(side, dtype=np.int64) for side in (train, validation))
    check_split(train, validation, len(data.images))
    identity = identify(model, data, train, validation, recipe, seed)
    model.to(where)
    done = read_record(out, identity) if resume else None
    if done is not None:
        load_weights(model, out / "model.safetensors")
        return done
    if not resume:
        shutil.rmtree(out / "checkpoint", ignore_errors=True)
    if threads:
        torch.set_num_threads(threads)
    tune(where)
    # From here on the weights in `out` are no longer those of a training that finished here earlier.
    record_path(out).unlink(missing_ok=True)
    task = Task(out, identity, seed, hours, save_every, progress)
    with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
        torch.manual_seed(seed)
        store = Store(data.images, data.labels, where, memory_mb)
        trainer = Trainer(model, loss, store, train, validation, recipe, task)
        return trainer.run()
