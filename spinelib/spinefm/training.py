"""Train one stage of SpineFM: the same loop for all four, stopped and resumed at will.

(C) Validation patients choose the checkpoint in every stage; the published program does so for the end classifier.
"""

from __future__ import annotations

import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from spinelib.core.devices import device_name, pick_device, tune
from spinelib.core.weights import load_state, save_state
from spinelib.spinefm.stage import Stage, load_stage, save_stage, trained
from spinelib.training.guard import Diverged
from spinelib.training.history import History, read_record, record_path, write_record
from spinelib.training.identity import check_same
from spinelib.training.order import Order
from spinelib.training.progress import Progress
from spinelib.training.state import Standing


def fit_stage(
    stage: Stage,
    out: Path | str,
    *,
    device: str = "auto",
    hours: float = 0.0,
    progress: bool = True,
    resume: bool = True,
    save_every: float = 60.0,
) -> History:
    """Train `stage`; its network has the weights that scored best on validation afterwards, on `device`, eval mode.

    Writes model.safetensors (of a network with frozen parts: the rest), history.csv and training.json to `out`, and
    out/checkpoint/ meanwhile. Called again with an equal stage it goes on where it was stopped and ends, on a CPU, with
    the very weights of an uninterrupted one; a finished training is read back. hours: stop cleanly once so much time
    is used up (0: no limit). Raises BadInput for another training's checkpoint, Diverged when the loss is no number.
    """
    out, where = Path(out), pick_device(device)
    identity = stage.identity
    stage.model.to(where)
    done = read_record(out, identity) if resume else None
    if done is None:
        record_path(out).unlink(missing_ok=True)
        if not resume:
            shutil.rmtree(out / "checkpoint", ignore_errors=True)
        tune(where)
        with torch.random.fork_rng(devices=[where] if where.type == "cuda" else []):
            torch.manual_seed(stage.seed)
            done = _Loop(stage, out, identity, hours, save_every, progress).run()
    load_stage(stage.model, out / "model.safetensors")
    stage.model.eval()
    return done


class _Loop:
    """One training in progress."""

    def __init__(
        self, stage: Stage, out: Path, identity: dict[str, Any], hours: float, save_every: float, progress: bool
    ) -> None:
        self.stage, self.out, self.identity = stage, out, identity
        self.hours, self.save_every, self.progress = hours, save_every, progress
        self.total = stage.recipe.steps(stage.items)
        self.size = stage.recipe.batch or stage.items
        self.order = Order(np.arange(stage.items), self.size, stage.seed)
        self.learning = [value for value in stage.model.parameters() if value.requires_grad]
        self.optimiser = stage.recipe.optimise(self.learning)
        self.standing, self.history = Standing(), History()
        self.state = out / "checkpoint" / "state.pt"
        self._restore()
        self._clock = self._saved = time.perf_counter()

    def run(self) -> History:
        """Train to the end, or until time is used up, and keep the best weights."""
        stopped = self._train()
        if self.standing.best_epoch < 0:
            save_stage(self.stage.model, self.out / "model.safetensors")
        standing = self.standing
        best = {f"best_{name}": value for name, value in standing.best.items()}
        facts = {"stopped": stopped, "steps": standing.step, "length": self.total, "best_epoch": standing.best_epoch}
        facts |= {**best, "best_score": standing.best_score, "seconds": standing.seconds, "resumed": standing.resumed}
        facts |= {"device": device_name(self.stage.device), "weights": sum(p.numel() for p in self.learning)}
        self.history.facts = facts | {"mixed_code": standing.mixed_code, "threads": torch.get_num_threads()}
        self.history.write(self.out)
        if stopped != "hours":
            write_record(self.out, self.history, self.identity)
            shutil.rmtree(self.state.parent, ignore_errors=True)
        return self.history

    def _train(self) -> str:
        standing, every = self.standing, -(-self.total // self.stage.recipe.checks)
        self.stage.model.train()
        with Progress(self.total, self.stage.name, standing.step, self.progress) as bar:
            while standing.step < self.total:
                if 0 < self.hours * 3600 <= standing.seconds + time.perf_counter() - self._clock:
                    self._save()
                    return "hours"
                self._step()
                last = standing.step == self.total
                if last or standing.step % every == 0:
                    self._validate()
                bar.update(standing.step, f"best {standing.best_score:.3f}" if standing.best else "", last)
                if time.perf_counter() - self._saved >= self.save_every and not last:
                    self._save()
        return "length"

    def _step(self) -> None:
        stage, standing = self.stage, self.standing
        for group in self.optimiser.param_groups:
            group["lr"] = stage.recipe.rate_at(standing.step, stage.items)
        random = np.random.default_rng([stage.seed, standing.step])
        batch = stage.batch(self.order.batch(standing.step).numpy(), random)
        loss = stage.loss(*(_to(part, stage.device) for part in batch))
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.learning, stage.recipe.clip or torch.inf)
        value = float(loss.detach())
        if not np.isfinite(value) or not torch.isfinite(norm):
            where = f"step {standing.step + 1} of {self.total}"
            remedy = "Lower the learning rate of this stage."
            raise Diverged(self.out, f"loss or gradient of the {stage.name} is no number at {where}", remedy)
        self.optimiser.step()
        standing.step += 1
        standing.loss_sum += value
        standing.loss_count += 1

    def _validate(self) -> None:
        stage, standing = self.stage, self.standing
        self._lap()
        trained = standing.row_seconds
        stage.model.eval()
        with torch.no_grad():
            measures = stage.measure()
        stage.model.train()
        epoch = round(standing.step * self.size / stage.items, 2)
        score, loss = measures["score"], measures["loss"]
        if standing.better(score, loss, epoch, measures):
            save_stage(stage.model, self.out / "model.safetensors")
        self._lap()
        row = standing.row(epoch, measures, max(trained, 1e-9), self.size)
        row["lr"] = stage.recipe.rate_at(standing.step - 1, stage.items)
        self.history.rows.append(row)
        self.history.write(self.out)

    def _lap(self) -> None:
        now = time.perf_counter()
        self.standing.seconds += now - self._clock
        self.standing.row_seconds += now - self._clock
        self._clock = now

    def _save(self) -> None:
        self._lap()
        device = self.stage.device
        state = {
            "identity": self.identity,
            "standing": asdict(self.standing),
            "rows": self.history.rows,
            "model": trained(self.stage.model),
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "cuda_random": torch.cuda.get_rng_state(device) if device.type == "cuda" else None,
        }
        save_state(state, self.state)
        self._saved = time.perf_counter()

    def _restore(self) -> None:
        if not self.state.exists():
            return
        saved = load_state(self.state)
        same = check_same(self.state, saved["identity"], self.identity)
        self.standing = Standing(**saved["standing"])
        self.standing.mixed_code |= not same
        self.standing.resumed += 1
        self.history.rows = saved["rows"]
        self.stage.model.load_state_dict(saved["model"], strict=False)
        self.optimiser.load_state_dict(saved["optimiser"])
        torch.set_rng_state(saved["random"])
        if saved["cuda_random"] is not None and self.stage.device.type == "cuda":
            torch.cuda.set_rng_state(saved["cuda_random"], self.stage.device)


def _to(part: Any, device: torch.device) -> Any:
    if isinstance(part, Tensor):
        return part.to(device)
    if isinstance(part, dict):
        return {name: _to(value, device) for name, value in part.items()}
    return [_to(value, device) for value in part] if isinstance(part, list | tuple) else part
