"""nnU-Net's own trainer for so many epochs of so many steps, as a program: it runs in a process of its own.

    python -m spinelib.protocol.nnunet_trainer DATASET DEVICE EPOCHS STEPS FACTS

(A) nnU-Net v2: `run_training` gets its trainer from `get_trainer_from_args`; the trainer's numbers of epochs and steps
count until training begins. Nothing else of it is changed; it goes on from its last checkpoint. FACTS is a JSON file
with seconds of all attempts together, written after each epoch, and parameters once it has ended.

Marks: (A) as in its code.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from spinelib.core.files import write_text

CONFIGURATION = "2d"
# Shares of nnU-Net's own: 50 validation steps for 250 training steps, a checkpoint after each twentieth epoch of 1000.
VALIDATING, KEPT = 5, 20


def train_nnunet(dataset: str, device: str, epochs: int, steps: int, facts: Path) -> None:
    """Train fold 0 of the data set by nnU-Net's default trainer; writes `facts`. Needs nnunetv2 and its variables."""
    import torch

    program: Any = import_module("nnunetv2.run.run_training")
    usual, made = program.get_trainer_from_args, []

    def shortened(*given: Any, **options: Any) -> Any:
        trainer = usual(*given, **options)
        trainer.num_epochs, trainer.num_iterations_per_epoch = epochs, steps
        trainer.num_val_iterations_per_epoch = max(1, steps // VALIDATING)
        trainer.save_every = max(1, epochs // KEPT)
        made.append(trainer)
        usual_end = trainer.on_epoch_end

        def end() -> None:
            usual_end()
            note({})

        trainer.on_epoch_end = end
        return trainer

    before, start = _seconds(facts), time.monotonic()

    def note(more: Mapping[str, int]) -> None:
        write_text(facts, json.dumps({"seconds": round(before + time.monotonic() - start, 1), **more}) + "\n")

    program.get_trainer_from_args = shortened
    try:
        program.run_training(dataset, CONFIGURATION, 0, continue_training=True, device=torch.device(device))
    finally:
        program.get_trainer_from_args = usual
    params = sum(weight.numel() for weight in made[-1].network.parameters())
    note({"params": params})


def _seconds(facts: Path) -> float:
    """What earlier attempts took, up to their last epochs."""
    return float(json.loads(facts.read_text(encoding="utf-8"))["seconds"]) if facts.exists() else 0.0


def main(words: Sequence[str]) -> None:
    """Train as the words of the command line say: DATASET DEVICE EPOCHS STEPS FACTS."""
    dataset, device, epochs, steps, facts = words
    train_nnunet(dataset, device, int(epochs), int(steps), Path(facts))


if __name__ == "__main__":
    main(sys.argv[1:])
