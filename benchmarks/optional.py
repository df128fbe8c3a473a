"""Peers that this project does not install: Lightning and nnU-Net, measured where the user has them, named where not.

Lightning's Trainer trains the plain loop's cases and loss. nnU-Net brings its own `train_step`, loss, optimiser and
training transforms; its network is replaced by ours with one channel per class, its loader by the plain one, because
the rest of it wants a data set on disk in its own format.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from benchmarks import loops, transforms
from spinelib.models import METHODS
from spinelib.objectives import main_logits
from spinelib.precision import Precision

Wait = Callable[[], None]
# Of its trainer's optimiser.
MOMENTUM, RATE, DECAY = 0.99, 1e-2, 3e-5


def contenders(shared: loops.Setting, precision: str) -> dict[str, loops.Step]:
    """Steps of each, as documented and in our `precision`; says which are not installed or do not start."""
    found: dict[str, loops.Step] = {}
    for module, title, make in (("lightning", "Lightning", lightning), ("nnunetv2", "nnU-Net", nnunet)):
        if find_spec(module) is None:
            print(f"{title}: not installed, left out", flush=True)
            continue
        for name, chosen in ((title, ""), (f"{title}, our precision", precision)):
            try:
                step = make(shared, chosen)
                step()
            except Exception as error:
                # A peer of another version must not cost the rows of the others.
                print(f"{name}: does not start, left out ({type(error).__name__}: {error})", flush=True)
            else:
                found[name] = step
    return found


def gated(run: Callable[[Wait], Any]) -> loops.Step:
    """A step of a loop that is not ours to cut: `run(wait)` goes on, in a thread, to its next `wait()` at each call."""
    go, done, failed = threading.Semaphore(0), threading.Semaphore(0), list[BaseException]()

    def wait() -> None:
        done.release()
        go.acquire()

    def body() -> None:
        try:
            run(wait)
            raise RuntimeError("the loop has ended")
        except BaseException as error:
            failed.append(error)
            done.release()

    thread = threading.Thread(target=body, daemon=True)

    def step() -> None:
        if thread.ident is None:
            thread.start()
        else:
            go.release()
        done.acquire()
        if failed:
            raise failed[0]

    return step


def lightning(shared: loops.Setting, precision: str) -> loops.Step:
    """Lightning's Trainer, in float32 as by default, or with its own mixed precision and our memory format."""
    import lightning as pl

    chosen, model = Precision(precision or "float32"), shared.model()
    chosen.arrange(model)

    class Module(pl.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.network = model

        def training_step(self, batch: tuple[Tensor, Tensor], number: int) -> Tensor:
            return loops.textbook_loss(main_logits(self.network(chosen.arrange(batch[0]))), batch[1])

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.AdamW(self.parameters(), lr=1e-3)

    class Gate(pl.Callback):
        def __init__(self, wait: Wait) -> None:
            self.wait = wait

        def on_train_batch_end(self, *_: Any) -> None:
            self.wait()

    def run(wait: Wait) -> None:
        quiet = {f"enable_{part}": False for part in ("checkpointing", "progress_bar", "model_summary")}
        mixed = "bf16-mixed" if precision.startswith("bfloat16") else "32-true"
        where = {"accelerator": "gpu" if shared.device.type == "cuda" else "cpu", "devices": 1, "precision": mixed}
        trainer = pl.Trainer(max_epochs=-1, logger=False, callbacks=[Gate(wait)], **where, **quiet)
        trainer.fit(Module(), loops.loader(shared, transforms.Plain(shared.data)))

    return gated(run)


def nnunet(shared: loops.Setting, precision: str) -> loops.Step:
    """nnU-Net's own training step: SGD, its loss and clipping, float16 on a graphics card, float32 on a CPU."""
    from nnunetv2.training.loss.compound_losses import DC_and_CE_loss
    from nnunetv2.training.loss.dice import MemoryEfficientSoftDiceLoss
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    built, card = dict(shared.network.built_as), shared.device.type == "cuda"
    method, width = built["method"], built["width"]
    network = METHODS[method].build(1, len(shared.data.classes) + 1, width).to(shared.device).train()
    trainer = object.__new__(nnUNetTrainer)
    trainer.device, trainer.network = shared.device, _Arranged(network, Precision(precision or "float32"), precision)
    trainer.grad_scaler = torch.amp.GradScaler("cuda") if card and not precision else None
    soft = {"batch_dice": not shared.volumes, "smooth": 1e-5, "do_bg": False, "ddp": False}
    trainer.loss = DC_and_CE_loss(
        soft, {}, weight_ce=1, weight_dice=1, ignore_label=None, dice_class=MemoryEfficientSoftDiceLoss
    )
    how = {"momentum": MOMENTUM, "weight_decay": DECAY, "nesterov": True}
    trainer.optimizer = torch.optim.SGD(network.parameters(), RATE, **how)
    batches = loops.endless(loops.loader(shared, _NnunetCases(shared, nnUNetTrainer)))
    return lambda: trainer.train_step(dict(zip(("data", "target"), next(batches), strict=True)))


class _Arranged(nn.Module):
    """A network that gives its logits alone; in our precision where there is one."""

    def __init__(self, network: nn.Module, precision: Precision, wanted: str) -> None:
        super().__init__()
        self.network, self.precision, self.wanted = precision.arrange(network), precision, wanted

    def forward(self, images: Tensor) -> Tensor:
        found = self.precision.forward(self.network, images) if self.wanted else self.network(images)
        return main_logits(found)


class _NnunetCases(Dataset[tuple[Tensor, Tensor]]):
    """Cases changed by nnU-Net's training transforms; turns as its rules give for these grids."""

    def __init__(self, shared: loops.Setting, kind: Any) -> None:
        grid = shared.data.grid
        flat = shared.volumes and max(grid) > 3 * grid[0]
        plane = grid[1:] if flat else grid
        turn = np.pi if shared.volumes or max(plane) <= 1.5 * min(plane) else np.pi / 12
        self.data = shared.data
        self.chain = kind.get_training_transforms(grid, (-turn, turn), None, tuple(range(len(grid))), flat)

    def __len__(self) -> int:
        return len(self.data)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        image = torch.from_numpy(self.data.images[i]).float()
        image = (image - image.mean()) / image.std()
        labels = torch.from_numpy(self.data.labels[i][None].astype(np.int16))
        found = self.chain(image=image, segmentation=labels)
        return found["image"], found["segmentation"]
