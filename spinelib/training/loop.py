"""The one training loop; what differs between methods is in model, objective and recipe."""

from __future__ import annotations

import shutil
import time
from contextlib import closing
from functools import partial

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.core.devices import Store
from spinelib.core.weights import load_weights, save_weights
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision, choose
from spinelib.training.augmentation.augment import Augment
from spinelib.training.average import Average
from spinelib.training.compiled import check, compiled
from spinelib.training.guard import Guard, halt
from spinelib.training.history import History, write_record
from spinelib.training.order import Order
from spinelib.training.plateau import Plateau
from spinelib.training.progress import Progress
from spinelib.training.state import Standing, Task, facts, restore, save, saved_state
from spinelib.training.training import Training
from spinelib.training.validation import validate

# Shorter trainings end before a probe of the precisions has paid for itself.
_PROBED_STEPS = 50


class Trainer:
    """One training in progress; `fit` makes and runs it."""

    def __init__(self, training: Training, store: Store, task: Task) -> None:
        model, recipe = training.model, training.recipe
        self.model, self.objective, self.recipe = model, training.objective, recipe
        self.store, self.task = store, task
        check(recipe.compile, store.device)
        self.order = Order(training.train, recipe.batch, training.seed)
        self.cases, self.total = len(training.train), recipe.length(len(training.train))
        self.checks = torch.from_numpy(training.validation).split(recipe.batch)
        self.augment = Augment(recipe.geometry, recipe.intensity, training.seed, recipe.elastic)
        saved = saved_state(task)
        self.precision, self.milliseconds = self._pick_precision(saved["precision"] if saved else None)
        self.precision.arrange(model)
        self.network = compiled(model, recipe.compile, store.device)
        self.optimiser = recipe.make_optimiser(model)
        self.average = Average(model, recipe.ema)
        self.standing, self.history = Standing(), History()
        self.plateau = Plateau(recipe.decay, recipe.stall)
        if saved:
            restore(self, saved)
        self.guard = Guard(model)
        self._clock = time.perf_counter()
        self._saved_at = self._clock

    @property
    def epoch(self) -> float:
        """Passes over the training cases so far."""
        return round(self.standing.step * self.recipe.batch / self.cases, 2)

    def rate(self, step: int) -> float:
        """Learning rate of a step (from 0)."""
        return self.recipe.learning_rate_at(step, self.total) * self.plateau.factor

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
            for images, targets in batches:
                if self._late():
                    save(self)
                    return "hours"
                self._step(images, targets)
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

    def _step(self, images: Tensor, targets: dict[str, Tensor]) -> None:
        recipe, step = self.recipe, self.standing.step
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate(step)
        moved = self.augment(images, targets["labels"])
        # Angles stay: turning, mirroring, shifting and scaling both axes alike keep the tilt of every two vertebrae
        # against each other. (Where on the film an S-shaped spine lies decides one branch of the AASCE rule; what is
        # learnt is the film as it was taken.)
        targets = {**targets, "labels": moved.labels}
        inputs = normalise(moved.images, recipe.local, moved.area)
        outputs = self.objective.run(partial(self.precision.forward, self.network), inputs, targets)
        loss = self.objective.loss(outputs, targets, step / self.total)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), recipe.clip or torch.inf)
        self.optimiser.step()
        self.average.update(step)
        self.guard.note(loss, norm)
        self.standing.step += 1
        if self.guard.full:
            self.read_losses(wait=False)

    def read_losses(self, wait: bool = True) -> None:
        """Add the losses noted on the device to the running mean; halts the training on a bad one.

        Without `wait` those that a graphics card has not got to yet may come with the next call.
        """
        losses, bad = self.guard.read(wait)
        standing = self.standing
        if bad is not None:
            step = standing.step - self.guard.unread - len(losses) + bad
            where = f"step {step + 1} of {self.total}, learning rate {self.rate(step):.2g}"
            # Going on from the checkpoint would only repeat the same steps.
            shutil.rmtree(self.task.checkpoint.parent, ignore_errors=True)
            halt(self.model, self.task.out, losses[bad], where)
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
            how = (self.store, self.checks, self.precision, self.recipe.local)
            loss, measures = validate(self.model, self.objective, *how)
            score = self.objective.score(measures)
            if standing.better(score, loss, self.epoch, measures):
                save_weights(self.model, self.task.out / "model.safetensors")
        self.lap()
        validation = {"loss": loss, "score": score, **measures}
        row = standing.row(self.epoch, validation, trained, self.recipe.batch)
        row["lr"] = self.rate(standing.step - 1)
        self.plateau.note(score)
        self.history.rows.append(row)
        self.history.write(self.task.out)

    def _summary(self) -> str:
        standing = self.standing
        mean = standing.loss_sum / standing.loss_count if standing.loss_count else standing.last_loss
        parts = [] if np.isnan(mean) else [f"loss {mean:.3f}"]
        if standing.best_epoch >= 0:
            best = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in standing.best.items())
            parts.append(f"best validation {best[:1].upper()}{best[1:]}")
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
        images, targets = self.store.take(self.order.batch(0))
        inputs = normalise(images, self.recipe.local)
        return choose(self.model, self.objective, inputs, targets, self.task.out / "precision.json")
