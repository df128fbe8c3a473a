"""Run a training: the one entry point for every task and method, 2-D and 3-D, CPU and GPU."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from spinelib.core.devices import pick_device, tune
from spinelib.core.layout import CARD, WEIGHTS
from spinelib.training.checkpoint import recall, remove_checkpoints
from spinelib.training.history import History, read_record, record_path
from spinelib.training.loop import Trainer
from spinelib.training.state import Session
from spinelib.training.task import Task


def fit(
    task: Task,
    out: Path | str,
    *,
    device: str = "auto",
    threads: int = 0,
    memory_mb: float | None = None,
    hours: float = 0.0,
    progress: bool = True,
    resume: bool = True,
    save_every: float = 60.0,
    made: Mapping[str, Any] | None = None,
) -> History:
    """Train the model of `task`: it ends with the weights that scored best on validation, on `device`, in eval mode.

    threads: CPU threads (0: as they are). memory_mb: see `spinelib.core.devices.Store`. hours: stop cleanly once so
    much time, resumed parts included, is used up (0: no limit); more hours go on from there. save_every: seconds
    between two checkpoints. made: code and machine of this call, kept with a training that ends in it (`History.made`).

    Writes model.safetensors (of a stage with a frozen base: the rest), history.csv and training.json to `out`, and
    out/checkpoint/ meanwhile. Called again with an equal task it goes on where it was stopped or killed and ends with
    the very weights of an uninterrupted training; a finished one is read back. From a checkpoint that is damaged, or of
    another training, nothing is taken: with a warning the training goes on from the one before or begins again.
    resume=False starts afresh. Random generators of the caller are left as they were.

    Equal tasks give equal bits on the same machine with the same number of threads, given a fixed precision (see
    `spinelib.prediction.precision`). A GPU adds up in changing order: equal there up to rounding.

    Raises Diverged when the loss or its gradient is no longer finite (the last good weights are then in
    out/last_good.safetensors).
    """
    out, where, identity = Path(out), pick_device(device), task.identity
    task.model.to(where)
    done = read_record(out, identity) if resume else None
    if done is None:
        session = Session(out, identity, hours, save_every, progress, made or {})
        _make_way(session, resume)
        if threads:
            torch.set_num_threads(threads)
        tune(where)
        with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
            torch.manual_seed(task.seed)
            saved = recall(session.checkpoint, identity, task.weights(), session.kept)
            done = Trainer(task.start(where, out, memory_mb, saved), session, saved).run()
    else:
        task.load(out / WEIGHTS)
    task.model.eval()
    return done


def _make_way(session: Session, resume: bool) -> None:
    if not resume:
        remove_checkpoints(session.checkpoint)
    # From here on the weights in `out` are no longer those of a training that finished here earlier.
    record_path(session.out).unlink(missing_ok=True)
    (session.out / CARD).unlink(missing_ok=True)
