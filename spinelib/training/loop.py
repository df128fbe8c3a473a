"""The one training loop: every method, 2-D and 3-D, CPU and GPU; what differs is in model, loss and recipe."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.augment import Augment, normalise
from spinelib.devices import Store, pick_device, tune
from spinelib.precision import Loss, Precision, choose
from spinelib.training.average import Average
from spinelib.training.guard import Diverged, Guard
from spinelib.training.history import History, read_record, write_record
from spinelib.training.identity import check_split, identify
from spinelib.training.order import Order
from spinelib.training.progress import Progress
from spinelib.training.recipe import Recipe
from spinelib.training.state import Standing, Task, facts, restore, save, saved_state
from spinelib.training.validation import validate
from spinelib.weights import load_weights, save_weights

if TYPE_CHECKING:
    from spinelib.cases import CaseArrays

# Shorter trainings end before a probe of the precisions has paid for itself.
_PROBED_STEPS = 50


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
    task = Task(out, identity, seed, hours, save_every, progress)
    with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
        torch.manual_seed(seed)
        store = Store(data.images, data.labels, where, memory_mb)
        return Trainer(model, loss, store, train, validation, recipe, task).run()


class Trainer:
    """One training in progress; `fit` makes and runs it."""

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        store: Store,
        train: np.ndarray,
        validation: np.ndarray,
        recipe: Recipe,
        task: Task,
    ) -> None:
        self.model, self.loss, self.store, self.recipe, self.task = model, loss, store, recipe, task
        self.order = Order(train, recipe.batch, task.seed)
        self.cases, self.total = len(train), recipe.length(len(train))
        self.checks = torch.from_numpy(validation).split(recipe.batch)
        self.augment = Augment(recipe.geometry, recipe.intensity, task.seed)
        saved = saved_state(task)
        self.precision, self.milliseconds = self._pick_precision(saved["precision"] if saved else None)
        self.precision.arrange(model)
        self.network: Any = torch.compile(model) if recipe.compile else model
        self.optimiser = recipe.make_optimiser(model)
        self.average = Average(model, recipe.ema)
        self.standing, self.history = Standing(), History()
        if saved:
            restore(self, saved)
        self.guard = Guard(model)
        self._clock = time.perf_counter()
        self._saved_at = self._clock

    @property
    def epoch(self) -> float:
        """Passes over the training cases so far."""
        return round(self.standing.step * self.recipe.batch / self.cases, 2)

    def run(self) -> History:
        """Train to the end, or until patience or time is used up, and keep the best weights."""
        stopped = self._train()
        kept = self.task.out / "model.safetensors"
        if self.standing.best_epoch < 0:
            # Stopped before the first validation: the weights as they are, better than none.
            with self.average.applied():
                save_weights(self.model, kept)
        load_weights(self.model, kept)
        self.history.facts = facts(self, stopped)
        self.history.write(self.task.out)
        if stopped != "hours":
            write_record(self.task.out, self.history, self.task.identity)
            shutil.rmtree(self.task.checkpoint.parent, ignore_errors=True)
        return self.history

    def _train(self) -> str:
        standing, interval = self.standing, self.recipe.interval(self.cases)
        steps = range(standing.step, self.total)
        batches = self.store.stream(self.order.batch(step) for step in steps)
        self.model.train()
        with Progress(self.total, "step", standing.step, self.task.progress) as bar, closing(batches):
            for images, labels in batches:
                if self._late():
                    save(self)
                    return "hours"
                self._step(images, labels)
                last = standing.step == self.total
                if last or standing.step % interval == 0:
                    self._validate()
                    if 0 < self.recipe.patience <= standing.waiting:
                        return "patience"
                bar.update(standing.step, self._summary(), last)
                if time.perf_counter() - self._saved_at >= self.task.save_every and not last:
                    save(self)
                    self._saved_at = time.perf_counter()
        return "length"

    def _step(self, images: Tensor, labels: Tensor) -> None:
        recipe, step = self.recipe, self.standing.step
        for group in self.optimiser.param_groups:
            group["lr"] = recipe.learning_rate_at(step, self.total)
        moved = self.augment(images, labels)
        inputs = normalise(moved.images, recipe.local, moved.area)
        loss = self.loss(self.precision.forward(self.network, inputs), moved.labels)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), recipe.clip or torch.inf)
        self.optimiser.step()
        self.average.update(step)
        self.guard.note(loss, norm)
        self.standing.step += 1
        if self.guard.full:
            self.read_losses()

    def read_losses(self) -> None:
        """Add the losses noted on the device to the running mean; halts the training on a bad one."""
        losses, bad = self.guard.read()
        standing = self.standing
        if bad is not None:
            self._halt(standing.step - len(losses) + bad, losses[bad])
        standing.loss_sum += sum(losses)
        standing.loss_count += len(losses)

    def lap(self) -> float:
        """Seconds since the last call, added to the training's time."""
        now = time.perf_counter()
        elapsed, self._clock = now - self._clock, now
        self.standing.seconds += elapsed
        self.standing.row_seconds += elapsed
        return elapsed

    def _validate(self) -> None:
        self.read_losses()
        self.lap()
        standing, trained = self.standing, self.standing.row_seconds
        with self.average.applied():
            loss, dice = validate(self.network, self.loss, self.store, self.checks, self.precision, self.recipe.local)
            if standing.better(dice, loss, self.epoch):
                save_weights(self.model, self.task.out / "model.safetensors")
        self.lap()
        row = standing.row(self.epoch, loss, dice, trained, self.recipe.batch)
        row["lr"] = self.recipe.learning_rate_at(standing.step - 1, self.total)
        self.history.rows.append(row)
        self.history.write(self.task.out)

    def _summary(self) -> str:
        standing = self.standing
        mean = standing.loss_sum / standing.loss_count if standing.loss_count else standing.last_loss
        parts = [] if np.isnan(mean) else [f"loss {mean:.3f}"]
        if standing.best_epoch >= 0:
            parts.append(f"best validation Dice {standing.best_dice:.3f}")
        return ", ".join(parts)

    def _late(self) -> bool:
        spent = self.standing.seconds + time.perf_counter() - self._clock
        return 0 < self.task.hours * 3600 <= spent

    def _pick_precision(self, saved: str | None) -> tuple[Precision, dict[str, float]]:
        wanted = saved or self.recipe.precision
        if wanted != "auto":
            return Precision(wanted), {}
        if self.total < _PROBED_STEPS:
            return Precision(), {}
        images, labels = self.store.take(self.order.batch(0))
        inputs = normalise(images, self.recipe.local)
        return choose(self.model, self.loss, inputs, labels, self.task.out / "precision.json")

    def _halt(self, step: int, loss: float) -> None:
        save_weights(self.model, self.task.out / "last_good.safetensors")
        # Going on from the checkpoint would only repeat the same steps.
        shutil.rmtree(self.task.checkpoint.parent, ignore_errors=True)
        what = f"the gradient is no longer finite (loss {loss:.3g})" if np.isfinite(loss) else f"the loss is {loss}"
        rate = self.recipe.learning_rate_at(step, self.total)
        reason = f"{what} at step {step + 1} of {self.total}, learning rate {rate:.2g}"
        remedy = "Lower the learning rate, or try precision float32; last_good.safetensors has earlier weights."
        raise Diverged(self.task.out, reason, remedy)
