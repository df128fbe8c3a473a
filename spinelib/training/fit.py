"""Train a network: the one entry for every method, 2-D and 3-D, CPU and GPU."""

from __future__ import annotations

import shutil
from pathlib import Path

import torch

from spinelib.core.devices import Store, pick_device, tune
from spinelib.core.weights import load_weights
from spinelib.training.history import History, read_record, record_path
from spinelib.training.loop import Trainer
from spinelib.training.state import Task
from spinelib.training.training import Training


def fit(
    training: Training,
    out: Path | str,
    *,
    device: str = "auto",
    threads: int = 0,
    memory_mb: float | None = None,
    hours: float = 0.0,
    progress: bool = True,
    resume: bool = True,
    save_every: float = 60.0,
) -> History:
    """Do `training`; its model has the weights that scored best on validation afterwards, on `device`.

    threads: CPU threads (0: as they are). memory_mb: see `spinelib.core.devices.Store`. hours: stop cleanly once so
    much time, resumed parts included, is used up (0: no limit); more hours go on from there. save_every: seconds
    between two checkpoints.

    Writes model.safetensors, history.csv and training.json to `out`, and out/checkpoint/ meanwhile. Called again with
    an equal training it goes on where it was stopped or killed and ends with the very weights of an uninterrupted one;
    a finished training is read back. resume=False starts afresh. Random generators of the caller are left as they were.

    Equal trainings give equal bits on the same machine with the same number of threads, given a fixed precision (see
    `spinelib.prediction.precision`). A GPU adds up in changing order: equal there up to rounding.

    Raises BadInput for another training's checkpoint, Diverged when the loss or its gradient is no longer finite (the
    last good weights are then in out/last_good.safetensors).
    """
    out, where, identity = Path(out), pick_device(device), training.identity
    training.model.to(where)
    done = read_record(out, identity) if resume else None
    if done is not None:
        load_weights(training.model, out / "model.safetensors")
        return done
    _make_way(out, resume)
    if threads:
        torch.set_num_threads(threads)
    tune(where)
    with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
        torch.manual_seed(training.seed)
        store = Store(training.data.images, training.targets, where, memory_mb)
        return Trainer(training, store, Task(out, identity, hours, save_every, progress)).run()


def _make_way(out: Path, resume: bool) -> None:
    if not resume:
        shutil.rmtree(out / "checkpoint", ignore_errors=True)
    # From here on the weights in `out` are no longer those of a training that finished here earlier.
    record_path(out).unlink(missing_ok=True)
