"""The one training loop; what differs is in task, model, objective and recipe."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import numpy as np
import torch
from torch import nn

from spinelib.core.weights import save_weights
from spinelib.training.checkpoint import remove_checkpoints, store
from spinelib.training.guard import Guard, halt
from spinelib.training.history import History, write_record
from spinelib.training.progress import Progress
from spinelib.training.state import Session, TrainingState
from spinelib.training.task import RunningTask


class Trainer:
    """One training in progress; `fit` makes and runs it.

    saved: the checkpoint that it goes on from, the same that `running` was started with, or empty.
    """

    def __init__(self, running: RunningTask, session: Session, saved: dict[str, Any]) -> None:
        self.running, self.session = running, session
        self.task, self.model, self.recipe = running.task, running.task.model, running.task.recipe
        self.total = self.recipe.length(running.items)
        self.learning = [value for value in self.model.parameters() if value.requires_grad]
        self.state = TrainingState(running)
        if saved:
            self.state.restore(saved)
        self.guard = Guard(self.model)
        self._clock = time.perf_counter()
        self._saved_at = self._clock

    def rate(self, step: int) -> float:
        """Learning rate of a step (from 0)."""
        return self.recipe.rate_at(step, self.running.items) * self.state.plateau.factor

    def run(self) -> History:
        """Train to the end, or until patience or time is used up, and keep the best weights."""
        stopped = self._train()
        state, session = self.state, self.session
        if state.counters.best_epoch < 0:
            # Stopped before the first validation: the weights as they are, better than none.
            with state.average.applied():
                save_weights(self.task.weights(), session.kept)
        self.task.load(session.kept)
        state.history.facts = state.facts(stopped)
        state.history.write(session.out)
        if session.made:
            state.history.made = {**session.made, "ended": datetime.now(UTC).isoformat(timespec="seconds")}
        if stopped != "hours":
            write_record(session.out, state.history, session.identity)
            remove_checkpoints(session.checkpoint)
        return state.history

    def _train(self) -> str:
        counters, interval = self.state.counters, self.recipe.interval(self.running.items)
        batches = self.running.batches(range(counters.step, self.total))
        title, shown = self.running.name or "step", self.session.progress
        self.model.train()
        with Progress(self.total, title, counters.step, shown) as bar, closing(batches):
            for batch in batches:
                if self._late():
                    self._save()
                    return "hours"
                self.step(batch)
                last = counters.step == self.total
                if last or counters.step % interval == 0:
                    self._validate()
                    if 0 < self.recipe.patience <= counters.waiting:
                        return "patience"
                bar.update(counters.step, self._summary(), last)
                if time.perf_counter() - self._saved_at >= self.session.save_every and not last:
                    self._save()
        return "length"

    def step(self, batch: Any) -> None:
        """Learn from a batch of `running.batches`; the losses of up to ten steps are read together."""
        state, step = self.state, self.state.counters.step
        for group in state.optimiser.param_groups:
            group["lr"] = self.rate(step)
        loss = self.running.loss(batch, step / self.total)
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.learning, self.recipe.clip or torch.inf)
        state.optimiser.step()
        state.average.update(step)
        self.guard.note(loss, norm)
        state.counters.step += 1
        if self.guard.full:
            self.read_losses(wait=False)

    def read_losses(self, wait: bool = True) -> None:
        """Add the losses noted on the device to the running mean; halts the training on a bad one.

        Without `wait` those that a graphics card has not got to yet may come with the next call.
        """
        losses, bad = self.guard.read(wait)
        counters, session = self.state.counters, self.session
        if bad is not None:
            step = counters.step - self.guard.unread - len(losses) + bad
            named = f" of the {self.running.name}" if self.running.name else ""
            where = f"step {step + 1} of {self.total}{named}, learning rate {self.rate(step):.2g}"
            # Going on from the checkpoint would only repeat the same steps.
            remove_checkpoints(session.checkpoint)
            halt(self.model, session.out, losses[bad], where)
        counters.loss_sum += sum(losses)
        counters.loss_count += len(losses)

    def _save(self) -> None:
        self.read_losses()
        self._lap()
        store(self.state.contents(self.session.identity), self.session.checkpoint)
        self._saved_at = time.perf_counter()

    def _lap(self) -> None:
        """Add the seconds since the last call to the training's time."""
        now = time.perf_counter()
        elapsed, self._clock = now - self._clock, now
        self.state.counters.seconds += elapsed
        self.state.counters.row_seconds += elapsed

    def _validate(self) -> None:
        self.read_losses()
        self._lap()
        state, counters = self.state, self.state.counters
        trained = counters.row_seconds
        with state.average.applied():
            loss, score, measures = self.running.validate()
            if counters.better(score, loss, state.epoch, measures):
                save_weights(self.task.weights(), self.session.kept)
        self._lap()
        validation = {"loss": loss, "score": score, **measures}
        row = counters.row(state.epoch, validation, trained, self.running.size)
        row["lr"] = self.rate(counters.step - 1)
        state.plateau.note(score)
        state.history.rows.append(row)
        state.history.write(self.session.out)

    def _summary(self) -> str:
        counters = self.state.counters
        mean = counters.loss_sum / counters.loss_count if counters.loss_count else counters.last_loss
        parts = [] if np.isnan(mean) else [f"loss {mean:.3f}"]
        if counters.best_epoch >= 0:
            named = counters.best or {"score": counters.best_score}
            best = ", ".join(f"{name.replace('_', ' ')} {value:.3f}" for name, value in named.items())
            parts.append(f"best validation {best[:1].upper()}{best[1:]}")
        return ", ".join(parts)

    def _late(self) -> bool:
        spent = self.state.counters.seconds + time.perf_counter() - self._clock
        return 0 < self.session.hours * 3600 <= spent
