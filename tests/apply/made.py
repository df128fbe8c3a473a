"""A finished run with the weights of an untrained tiny network, as `runs.finish` leaves it."""

from __future__ import annotations

import json

import torch

from spinelib.core.weights import save_weights
from spinelib.models import build_model
from spinelib.prediction.normalisation import input_channels

from ..cases.films import data_set
from ..cases.volumes import volume_set

FILM = {"method": "unet", "variant": "full", "width": 0.03125, "grid": [64, 32], "local": True}
VOLUME = {"method": "unet3d", "variant": "full", "width": 0.125, "grid": [6, 32, 16]}


def finished(folder, classes=1, **changes):
    """A study in `folder` with the data called `own` and one finished run; gives the run's folder."""
    given = {"trained_on": "own", "tested_on": ["own"], "recipe": "common", "options": [], "seed": 0, **FILM, **changes}
    films = len(given["grid"]) == 2
    (data_set if films else volume_set)(folder / "data" / "own")
    run = folder / "runs" / "own-run"
    run.mkdir(parents=True)
    torch.manual_seed(1)
    inputs = input_channels(1, bool(given.get("local")) and films)
    network = build_model(given["method"], given["variant"], inputs, classes, given["width"])
    save_weights(network, run / "model.safetensors")
    facts = {"precision": "float32", "training": {"best_dice": 0.5}}
    record = {"status": "finished", "run": run.name, "parameters": given, "facts": facts, "seed": 0, "threads": 1}
    (run / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return run


class Bright(torch.nn.Module):
    """Outlines what is brighter than the mean of its film by one standard deviation and a half."""

    def __init__(self):
        super().__init__()
        self.anchor = torch.nn.Parameter(torch.zeros(1))

    def forward(self, x):
        return 10 * (x[:, :1] - 1.5) + self.anchor
