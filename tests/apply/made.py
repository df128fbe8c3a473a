"""A finished run with the weights of an untrained tiny network and their card, as `runs.finish` leaves it."""

from __future__ import annotations

import json

import torch

from spinelib.core.structures import STRUCTURES
from spinelib.prediction.card import Card
from spinelib.prediction.predictor import Predictor

from ..cases.films import data_set
from ..cases.volumes import volume_set
from ..prediction.made import leave, network, stand_in

FILM = {"method": "unet", "variant": "full", "width": 0.03125, "grid": [64, 32], "local": True}
VOLUME = {"method": "unet3d", "variant": "full", "width": 0.125, "grid": [6, 32, 16]}


def finished(folder, model=None, classes=None, evaluation=None, **changes):
    """A study in `folder` with the data called `own` and one finished run; gives the run's folder.

    model: saved in place of an untrained network; classes, evaluation: of the card, not the data's and the grid.
    """
    given = {"trained_on": "own", "tested_on": ["own"], "recipe": "common", "options": [], "seed": 0, **FILM, **changes}
    films, grid = len(given["grid"]) == 2, tuple(given["grid"])
    (data_set if films else volume_set)(folder / "data" / "own")
    run = folder / "runs" / "own-run"
    classes = classes or (("spine",) if films else STRUCTURES)
    how = {"local": bool(given.get("local")) and films, "flip": bool(given.get("flip"))}
    named = given["method"], given["variant"], given["width"]
    card = Card(*named, 1, classes, grid, evaluation or grid, **how)
    leave(run, model or network(card), card)
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


def bright(folder, monkeypatch, **changes):
    """A run whose network outlines what is bright."""
    stand_in(monkeypatch, Bright())
    return Predictor.from_folder(finished(folder, Bright(), **changes), "cpu")
