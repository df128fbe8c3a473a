"""Every network in the sizes that a card is given, without memory or arithmetic: torch's `meta` device.

What does not fit together fails here, before a card is asked for; printed is what it will have to hold and compute.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.bench_inference import SIZES, VOLUME
from benchmarks.bench_matrix import LOADS
from benchmarks.synthetic import FILM
from spinelib.core.structures import STRUCTURES
from spinelib.models import NETWORKS, build_model
from spinelib.models.objective import main_logits

WIDE, NARROW = 4, 2  # bytes of a number in float32 and in bfloat16


@dataclass(frozen=True)
class Needed:
    """Of one pass: operations (two per multiply-add), bytes of weights and of what is kept for the backward pass."""

    operations: int
    weights: int
    kept: int

    def words(self) -> str:
        """In GFLOP and GB; of what is kept, bfloat16 needs half."""
        kept = f", at most {self.kept / 1e9:.1f} GB kept" if self.kept else ""
        return f"{self.operations / 1e9:.0f} GFLOP, {self.weights / 1e9:.2f} GB of weights{kept}"


def needed(method: str, width: float, grid: tuple[int, ...], batch: int, backward: bool) -> Needed:
    """What a pass of a network over a batch needs. Raises what the network raises where shapes do not fit."""
    kept: dict[int, Tensor] = {}

    def keep(part: Tensor) -> Tensor:
        kept[id(part)] = part
        return part

    with torch.device("meta"):
        model = build_model(method, in_channels=1, classes=1 if len(grid) == 2 else len(STRUCTURES), width=width)
        images = torch.empty((batch, 1, *grid))
    with (
        torch.set_grad_enabled(backward),
        FlopCounterMode(display=False) as counter,
        torch.autograd.graph.saved_tensors_hooks(keep, lambda part: part),
    ):
        logits = main_logits(model.train(backward)(images))
        if tuple(logits.shape[2:]) != grid:
            raise ValueError(f"{method} answers {tuple(logits.shape)} to {tuple(images.shape)}")
        if backward:
            logits.sum().backward()
    return Needed(counter.get_total_flops(), _bytes(model), sum(part.numel() * WIDE for part in kept.values()))


def _bytes(model: nn.Module) -> int:
    return sum(part.numel() * WIDE for part in model.parameters())


def main() -> None:
    """Print what every training and prediction of a card needs."""
    for load in LOADS["cuda"]:
        print(f"{load.name}: {needed(load.method, load.width, load.grid, load.batch, True).words()}", flush=True)
    width, batch = SIZES["cuda"]
    for name, method in NETWORKS.items():
        grid = FILM if method.dims == 2 else VOLUME
        found = needed(name, width, grid, batch[method.dims], False)
        print(f"prediction {name} {list(grid)} x {batch[method.dims]}: {found.words()}", flush=True)


if __name__ == "__main__":
    main()
