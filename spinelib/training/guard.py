"""Losses read without making the GPU wait at every step, and a halt when they are no longer numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor, nn

from spinelib.core.errors import BadInput
from spinelib.core.layout import LAST_GOOD
from spinelib.core.weights import save_weights
from spinelib.training.average import copy_into, floating


class Diverged(BadInput):
    """The loss or the gradient of a training became infinite or not a number."""


@dataclass
class _Round:
    """Losses and norms [n,2] on their way to the CPU, the weights after them, and the event of their arrival."""

    rows: Tensor
    after: list[Tensor]
    arrived: torch.cuda.Event | None

    def losses(self) -> tuple[list[float], int | None]:
        """The losses, and the position of the first bad one; waits for them to arrive."""
        if self.arrived is not None:
            self.arrived.synchronize()
        rows = self.rows.tolist()
        bad = next((i for i, row in enumerate(rows) if not all(map(math.isfinite, row))), None)
        return [loss for loss, _ in rows], bad


class Guard:
    """Keeps the losses of up to `every` steps on the device, and the last weights known to be finite.

    late (by default on a graphics card): `read` without waiting gives the losses of the round before, which arrived
    while the card went on; so it never stands idle, and a bad loss is seen one round later.
    """

    def __init__(self, model: nn.Module, every: int = 10, late: bool | None = None) -> None:
        self._live = floating(model)
        self._good = [value.clone() for value in self._live]
        self._values = torch.zeros(every, 2, device=self._live[0].device)
        self._late = self._values.is_cuda if late is None else late
        self._filled = 0
        self._waiting: _Round | None = None

    @property
    def full(self) -> bool:
        """Whether `read` must be called before the next `note`."""
        return self._filled == len(self._values)

    @property
    def unread(self) -> int:
        """Steps noted whose losses `read` has not given yet."""
        return self._filled + (0 if self._waiting is None else len(self._waiting.rows))

    def note(self, loss: Tensor, norm: Tensor) -> None:
        """Keep the loss and the gradient's norm of a step; does not wait for the device."""
        self._values[self._filled, 0] = loss.detach()
        self._values[self._filled, 1] = norm
        self._filled += 1

    def read(self, wait: bool = True) -> tuple[list[float], int | None]:
        """Losses noted and not given yet, up to those of a bad round, and the position of the first bad one.

        When all are finite the weights after them are remembered; otherwise the model gets the remembered ones back.
        Without `wait`, and where this guard is late, the losses of the round noted last stay for the next call.
        """
        losses, bad = self._settle()
        if bad is None and self._filled:
            self._send()
            if wait or not self._late:
                more, bad = self._settle()
                bad = None if bad is None else len(losses) + bad
                losses += more
        return losses, bad

    def _send(self) -> None:
        """Let the losses travel to the CPU, and keep the weights after them, without waiting for either."""
        card = self._values.is_cuda
        rows = torch.empty(self._filled, 2, pin_memory=card).copy_(self._values[: self._filled], non_blocking=card)
        arrived = torch.cuda.Event() if card else None
        if arrived is not None:
            arrived.record()
        self._waiting = _Round(rows, [value.clone() for value in self._live], arrived)
        self._filled = 0

    def _settle(self) -> tuple[list[float], int | None]:
        """The losses under way, if any: their weights become the good ones, or the good ones the model's."""
        round_, self._waiting = self._waiting, None
        if round_ is None:
            return [], None
        losses, bad = round_.losses()
        if bad is None:
            self._good = round_.after
        else:
            copy_into(self._live, self._good)
        return losses, bad


def halt(model: nn.Module, out: Path, loss: float, where: str) -> NoReturn:
    """Keep the weights of `model` in out/last_good.safetensors and raise Diverged, saying `where` it was."""
    save_weights(model, out / LAST_GOOD)
    what = f"the gradient is no longer finite (loss {loss:.3g})" if math.isfinite(loss) else f"the loss is {loss}"
    remedy = "Lower the learning rate, or try precision float32; last_good.safetensors has earlier weights."
    raise Diverged(out, f"{what} at {where}", remedy)
