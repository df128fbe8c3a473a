"""Runs of SpineFM small enough to build in a second, and what their training leaves."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import save_weights
from spinelib.models import METHODS
from spinelib.protocol.division import Division
from spinelib.runs import Run
from spinelib.spinefm import build_pipeline
from spinelib.spinefm.loading import all_weights
from spinelib.spinefm.train import card_of

PARAMETERS = {
    "method": "spinefm",
    "variant": "full",
    "width": 0.125,
    "size": "tiny",
    "checkpoint": "",
    "detector": "small",
    "detector_checkpoint": "",
    "ends": "small",
    "recipe": "common",
    "length": 0.02,
    "lengths": [1.0, 1.0, 0.1, 1.0],
    "pretrained": "",
    "precision": "auto",
    "hours": 0.0,
    "grid": [128, 64],
    "trained_on": "d",
}
VARIANTS = tuple(METHODS["spinefm"].variants)
DIVISION = Division(np.arange(5), np.arange(5, 8), "split")


def start(folder, films, **changes):
    torch.set_num_threads(1)
    given = PARAMETERS | changes
    made = {given["trained_on"]: folder / "d" / "manifest.csv"}
    run = Run(folder, given, 0, "cpu", 1, _made=made)
    return run, build_pipeline(run, films, DIVISION)


def leave(folder, films, **changes):
    """An untrained pipeline in the folder of its run, as a training leaves it."""
    run, built = start(folder, films, **changes)
    run.note(training={"best_dice": 0.5})
    save_weights(all_weights(built.pipeline, built.switches.stages), folder / WEIGHTS)
    card_of(run, built).write(folder)
    return run, built
