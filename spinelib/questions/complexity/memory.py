"""Peak memory of a network: the most bytes of tensors that are alive at once.

(C, our choice) Counted are the storages of all tensors, weights and input included, each as long as something holds it;
not the scratch space that a kernel allocates for itself. The count needs shapes alone, so that it is made on the meta
device: exact, the same on every machine, and free at any size. Numbers are float32; half of the activations' share is a
fair guess for bfloat16. What a card really takes is measured beside it (`spinelib.questions.complexity.speed`).
"""

from __future__ import annotations

import copy
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from spinelib.models import NETWORKS


class Peak(NamedTuple):
    """Bytes: weights and buffers, the peak of a forward pass without gradients, that of a training step or NaN."""

    weights: int
    forward: int
    training: float


class LiveBytes(TorchDispatchMode):
    """Inside the `with` block, `peak` is the most bytes that the tensors seen were holding at once.

    start: tensors that are alive already; they count from the beginning.
    """

    def __init__(self, start: Iterable[Tensor] = ()) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._held: dict[int, weakref.ref[Any]] = {}
        self._add(start)

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        """Run one operation and count the storages of what it gives."""
        found = func(*args, **(kwargs or {}))
        self._add(leaf for leaf in tree_leaves(found) if isinstance(leaf, Tensor))
        return found

    def _add(self, tensors: Iterable[Tensor]) -> None:
        for tensor in tensors:
            storage = tensor.untyped_storage()
            key, size = storage._cdata, storage.nbytes()
            if key in self._held:
                continue
            self._held[key] = weakref.ref(storage, self._dropper(key, size))
            self.now += size
        self.peak = max(self.peak, self.now)

    def _dropper(self, key: int, size: int) -> Callable[[Any], None]:
        """What to do when the storage `key` goes."""

        def drop(_: Any) -> None:
            if self._held.pop(key, None) is not None:
                self.now -= size

        return drop


def peak_bytes(model: nn.Module, shape: Sequence[int], batch: int = 1, device: str = "meta") -> Peak:
    """Peak bytes for inputs [1, *shape] without gradients, and for a training step on [batch, *shape] in float32.

    model: of the registry, so that its own objective is known; a copy is used. shape: [C, *S]. A training step is
    forward, loss and backward, beside what AdamW, the common recipe's optimiser, keeps; batch 0 leaves it out. On
    "meta" nothing is computed.
    """
    network = copy.deepcopy(model).to(device)
    owned = [*network.parameters(), *network.buffers()]
    weights = sum(t.untyped_storage().nbytes() for t in owned)
    forward = _forward(network.eval(), shape, owned)
    return Peak(weights, forward, _training(network.train(), shape, batch, owned) if batch else float("nan"))


def module_bytes(module: nn.Module, shape: Sequence[int], batch: int) -> int:
    """Peak bytes of forward and backward through any module on [batch, *shape] in float32, beside AdamW's two moments.

    A copy on the meta device is used; what a loss of its own would hold is left out.
    """
    network = copy.deepcopy(module).to("meta").train()
    images = torch.zeros(batch, *shape, device="meta")
    moments = [torch.empty_like(w) for w in network.parameters() if w.requires_grad for _ in range(2)]
    with LiveBytes([*network.parameters(), *network.buffers(), *moments, images]) as live:
        torch.stack([leaf.sum() for leaf in tree_leaves(network(images))]).sum().backward()
    return live.peak


def _forward(network: nn.Module, shape: Sequence[int], owned: list[Tensor]) -> int:
    images = torch.zeros(1, *shape, device=owned[0].device)
    with torch.no_grad(), LiveBytes([*owned, images]) as live:
        network(images)
    return live.peak


def _training(network: nn.Module, shape: Sequence[int], batch: int, owned: list[Tensor]) -> int:
    device, built = owned[0].device, getattr(network, "built_as", {})
    objective = NETWORKS[built["method"]].make_objective(network)
    images = torch.zeros(batch, *shape, device=device)
    labels = torch.zeros(batch, *shape[1:], dtype=torch.int64, device=device)
    targets = {"labels": labels, "angles": torch.zeros(batch, 3, device=device)}
    # AdamW keeps two numbers per trained weight for good; its own step needs little more.
    moments = [torch.empty_like(w, device="meta") for w in network.parameters() if w.requires_grad for _ in range(2)]
    with LiveBytes([*owned, *moments, images, *targets.values()]) as live:
        outputs = objective.run(network, images, targets)
        objective.loss(outputs, targets, 1.0).backward()
    return live.peak
