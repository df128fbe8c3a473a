"""Peers that this project does not install: Lightning and nnU-Net, measured where the user has them, named where not.

Lightning's Trainer trains the plain loop's cases and loss. nnU-Net brings its own `train_step`, loss, optimiser and
training transforms, by the rules that its trainer has for these grids; its network is replaced by ours with one channel
per class, its loader by the plain one, because the rest of it wants a data set on disk in its own format. What that
spares it: deep supervision, reading from disk, patches cut larger than they are trained on. Read in nnU-Net 2.8.1.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from benchmarks import loops, peers, transforms
from spinelib.cases import CaseArrays
from spinelib.models import NETWORKS
from spinelib.models.objective import main_logits
from spinelib.prediction.precision import Precision

Wait = Callable[[], None]
# As the trainer of nnU-Net sets them when it is made, which needs a data set on disk.
RULES = {"initial_lr": 1e-2, "weight_decay": 3e-5, "num_epochs": 1000}
RULES |= {"is_ddp": False, "enable_deep_supervision": False}


def contenders(shared: loops.Setting, precision: str) -> dict[str, loops.Step]:
    """Steps of each, as documented and in our `precision`; says which are not installed or cannot be made.

    None has gone a step yet: a race watches the workers that the first one starts, and drops a peer whose step fails.
    """
    found: dict[str, loops.Step] = {}
    for module, title, make in (("lightning", "Lightning", lightning), ("nnunetv2", "nnU-Net", nnunet)):
        if not peers.installed(module):
            print(f"{title}: not installed, left out", flush=True)
            continue
        for name, chosen in ((title, ""), (f"{title}, our precision", precision)):
            try:
                found[name] = make(shared, chosen)
            except Exception as error:
                # A peer of another version must not cost the rows of the others.
                print(f"{name}: cannot be made, left out ({type(error).__name__}: {error})", flush=True)
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

    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
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
    """nnU-Net's own training step: float16 and compiled on a graphics card, float32 on a CPU; or in our precision."""
    from nnunetv2.training.nnUNetTrainer.nnUNetTrainer import nnUNetTrainer

    trainer, grid = object.__new__(nnUNetTrainer), shared.data.grid
    built: Any = shared.network.built_as
    trainer.__dict__.update(RULES, device=shared.device, print_to_log_file=lambda *words, **how: None)
    # Its plans have the Dice of a whole batch in 2-D, of every case in 3-D.
    trainer.configuration_manager = SimpleNamespace(patch_size=grid, batch_dice=not shared.volumes)
    trainer.label_manager = SimpleNamespace(has_regions=False, ignore_label=None)
    network = NETWORKS[built["method"]].build(1, len(shared.data.classes) + 1, built["width"])
    network = _Arranged(network.to(shared.device).train(), Precision(precision or "float32"), precision)
    trainer.network = torch.compile(network) if trainer._do_i_compile() else network
    trainer.optimizer, trainer.lr_scheduler = trainer.configure_optimizers()
    trainer.loss = trainer._build_loss()
    # bfloat16 needs no scaler.
    trainer.grad_scaler = torch.amp.GradScaler("cuda") if shared.device.type == "cuda" and not precision else None
    turn, flat, _, mirrors = trainer.configure_rotation_dummyDA_mirroring_and_inital_patch_size()
    chain = trainer.get_training_transforms(grid, turn, None, mirrors, flat)
    batches = loops.endless(loops.loader(shared, _NnunetCases(shared.data, chain)))
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
    """Cases changed by nnU-Net's training transforms; z-scored beforehand, as its preprocessing does."""

    def __init__(self, data: CaseArrays, chain: Callable[..., dict[str, Tensor]]) -> None:
        images = torch.from_numpy(data.images).float()
        axes = tuple(range(1, images.dim()))
        self.images = (images - images.mean(axes, True)) / images.std(axes, keepdim=True)
        self.labels, self.chain = torch.from_numpy(data.labels[:, None].astype(np.int16)), chain

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, i: int) -> tuple[Tensor, Tensor]:
        found = self.chain(image=self.images[i], segmentation=self.labels[i])
        return found["image"], found["segmentation"]
