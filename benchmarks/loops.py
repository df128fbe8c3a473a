"""Training loops that take turns: ours, its frozen batch, and the loops that our peers document.

Every one has a network of its own with the same starting weights, the same cases and the same batch. All minimise
cross-entropy plus soft Dice: the plain loop and Lightning's as textbooks write it, MONAI by its DiceCELoss, nnU-Net by
its own. What each changes in the images is in `benchmarks.transforms`; none of the peers clips the gradient, but
nnU-Net, and none keeps weights to go back to.
"""

from __future__ import annotations

import copy
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader

from benchmarks import transforms
from spinelib.cases import CaseArrays
from spinelib.models import NETWORKS, build_model
from spinelib.models.objective import main_logits
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.precision import Precision
from spinelib.training import Recipe, Training
from spinelib.training.loop import Trainer
from spinelib.training.recipe import for_volumes
from spinelib.training.state import Session

Step = Callable[[], None]


def turn(step: Step, steps: int, device: torch.device) -> Step:
    """Some steps, finished on the device."""

    def call() -> None:
        for _ in range(steps):
            step()
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return call


@dataclass(frozen=True)
class Setting:
    """What all loops share. workers: processes that read and change images for the peers."""

    network: nn.Module
    data: CaseArrays
    batch: int
    device: torch.device
    workers: int

    @property
    def volumes(self) -> bool:
        """Whether the cases are volumes."""
        return len(self.data.grid) == 3

    def model(self) -> nn.Module:
        """A network of one's own, on the device, with the shared starting weights."""
        return copy.deepcopy(self.network).to(self.device).train()


def setting(method: str, data: CaseArrays, batch: int, device: torch.device, workers: int, width: float) -> Setting:
    """A setting with a fresh network of `method`, the same for the same seed."""
    torch.manual_seed(0)
    network = build_model(method, in_channels=1, classes=len(data.classes), width=width)
    return Setting(network, data, batch, device, workers)


def trainer(shared: Setting, folder: Path, precision: str = "auto", choice: str = "") -> Trainer:
    """Our own training at its first step, its precision by its own probe, compiled by `choice`; writes to `folder`."""
    recipe = Recipe(batch=shared.batch, steps=10_000, precision=precision, compile=choice)
    recipe = for_volumes(recipe) if shared.volumes else recipe
    model, held_out = shared.model(), 2
    index = np.arange(len(shared.data))
    built: Any = model.built_as
    objective = NETWORKS[built["method"]].make_objective(model)
    training = Training(model, objective, shared.data, index[held_out:], index[:held_out], recipe)
    running = training.start(shared.device, folder, None, {})
    return Trainer(running, Session(folder, {}, 0.0, np.inf, False), {})


def ours(own: Trainer) -> Step:
    """The loop of every study: cases in memory, augmented as a batch where the network is."""
    batches = own.running.batches(range(sys.maxsize))
    return lambda: own.step(next(batches))


def frozen(own: Trainer) -> Step:
    """The same step on one batch that is ready: the network, its loss and its optimiser alone."""
    running: Any = own.running
    images, targets = running.store.take(running.order.batch(0))
    inputs, optimiser = normalise(images), own.state.optimiser

    def step() -> None:
        outputs = running.objective.run(partial(running.precision.forward, running.network), inputs, targets)
        loss = running.objective.loss(outputs, targets, 0.0)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(own.learning, own.recipe.clip)
        optimiser.step()

    return step


def plain(shared: Setting, precision: str = "float32") -> Step:
    """PyTorch's tutorial loop: Dataset, DataLoader with workers, AdamW, `loss.item()` for the running loss."""
    chosen, model = Precision(precision), shared.model()
    chosen.arrange(model)
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3)
    batches, running = endless(loader(shared, transforms.Plain(shared.data))), 0.0

    def step() -> None:
        nonlocal running
        images, labels = (part.to(shared.device, non_blocking=True) for part in next(batches))
        loss = textbook_loss(main_logits(chosen.forward(model, images)), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        running += loss.item()

    return step


def monai(shared: Setting, ours: str = "") -> Step:
    """MONAI's tutorial loop: CacheDataset, dictionary transforms, AMP, DiceCELoss; `ours`: in our precision too."""
    from monai.data import CacheDataset
    from monai.data import DataLoader as Loader
    from monai.losses import DiceCELoss

    items, chain = transforms.monai_items(shared.data), transforms.monai_chain(shared.data.grid)
    dataset = CacheDataset(items, chain, cache_rate=1.0, num_workers=0, progress=False)
    batches = endless(loader(shared, dataset, Loader))
    one = len(shared.data.classes) == 1
    criterion = DiceCELoss(sigmoid=True) if one else DiceCELoss(to_onehot_y=True, softmax=True)
    model, kind = shared.model(), shared.device.type
    chosen = Precision(ours or "float32")
    chosen.arrange(model)
    # A graphics card multiplies in float16 by default, which needs the scaler; a CPU and our precision in bfloat16.
    scaler = torch.amp.GradScaler(kind, enabled=kind == "cuda" and not ours)
    half = torch.autocast(kind, enabled=not ours or ours.startswith("bfloat16"))
    half = torch.autocast(kind, torch.bfloat16) if ours.startswith("bfloat16") else half
    optimiser = torch.optim.Adam(model.parameters(), 1e-4)
    running = 0.0

    def step() -> None:
        nonlocal running
        batch = next(batches)
        images, labels = batch["image"].to(shared.device).as_tensor(), batch["label"].to(shared.device).as_tensor()
        optimiser.zero_grad()
        with half:
            loss = criterion(main_logits(model(chosen.arrange(images))), labels)
        scaler.scale(loss).backward()
        scaler.step(optimiser)
        scaler.update()
        running += loss.item()

    return step


def textbook_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """Cross-entropy plus soft Dice over one-hot labels [B,*S], of logits [B,K,*S]; binary for one channel."""
    if logits.shape[1] == 1:
        truth = labels.unsqueeze(1).float()
        entropy, probabilities = F.binary_cross_entropy_with_logits(logits, truth), torch.sigmoid(logits)
    else:
        truth = F.one_hot(labels, logits.shape[1]).movedim(-1, 1)[:, 1:].float()
        entropy, probabilities = F.cross_entropy(logits, labels), torch.softmax(logits, dim=1)[:, 1:]
    axes = tuple(range(2, logits.dim()))
    dice = (2 * (probabilities * truth).sum(axes) + 1) / (probabilities.sum(axes) + truth.sum(axes) + 1)
    return entropy + 1 - dice.mean()


def loader(shared: Setting, dataset: Any, kind: Any = DataLoader) -> Any:
    """The cases of `dataset` in shuffled batches, read and changed by worker processes that stay."""
    pinned = shared.device.type == "cuda" and kind is DataLoader
    workers = {"num_workers": shared.workers, "persistent_workers": shared.workers > 0}
    return kind(dataset, batch_size=shared.batch, shuffle=True, pin_memory=pinned, **workers)


def endless(batches: Any) -> Iterator[Any]:
    """The batches of one pass after another."""
    while True:
        yield from batches
