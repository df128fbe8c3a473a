"""Losses read without making the GPU wait at every step, and a halt when they are no longer numbers."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NoReturn

import torch
from torch import Tensor, nn

from spinelib.errors import BadInput
from spinelib.training.average import copy_into, floating
from spinelib.weights import save_weights


class Diverged(BadInput):
    """The loss or the gradient of a training became infinite or not a number."""


class Guard:
    """Keeps the losses of up to `every` steps on the device, and the last weights known to be finite."""

    def __init__(self, model: nn.Module, every: int = 10) -> None:
        self._live = floating(model)
        self._good = [value.clone() for value in self._live]
        self._values = torch.zeros(every, 2, device=self._live[0].device)
        self._filled = 0

    @property
    def full(self) -> bool:
        """Whether `read` must be called before the next `note`."""
        return self._filled == len(self._values)

    def note(self, loss: Tensor, norm: Tensor) -> None:
        """Keep the loss and the gradient's norm of a step; does not wait for the device."""
        self._values[self._filled, 0] = loss.detach()
        self._values[self._filled, 1] = norm
        self._filled += 1

    def read(self) -> tuple[list[float], int | None]:
        """The losses noted since the last call, and the position of the first bad one.

        When all are finite the weights are remembered; otherwise the model gets the remembered ones back.
        """
        rows = self._values[: self._filled].tolist()
        self._filled = 0
        bad = next((i for i, row in enumerate(rows) if not all(map(math.isfinite, row))), None)
        if bad is None:
            copy_into(self._good, self._live)
        else:
            copy_into(self._live, self._good)
        return [loss for loss, _ in rows], bad


def halt(model: nn.Module, out: Path, loss: float, where: str) -> NoReturn:
    """Keep the weights of `model` in out/last_good.safetensors and raise Diverged, saying `where` it was."""
    save_weights(model, out / "last_good.safetensors")
    what = f"the gradient is no longer finite (loss {loss:.3g})" if math.isfinite(loss) else f"the loss is {loss}"
    remedy = "Lower the learning rate, or try precision float32; last_good.safetensors has earlier weights."
    raise Diverged(out, f"{what} at {where}", remedy)
