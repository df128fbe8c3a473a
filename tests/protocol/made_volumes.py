"""Digital volumes as a study's data, runs on them, and a network that knows the truth."""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import nn

from spinelib import protocol
from spinelib.prediction.fused import Prepared
from spinelib.prediction.precision import Precision
from spinelib.runs import Run
from tests.protocol.made import predictor_of

GRID, PATIENTS = (8, 32, 16), 10
LOW = ("S", "L5", "L4", "L5/S", "L4/L5")


def volume_run(shared, folder, **changes):
    """A run of a tiny 3-D U-Net on a study's data, with changes of its parameters."""
    usual = {"data": str(shared), "trained_on": "phantom_mr", "tested_on": ["phantom_mr"], "grid": list(GRID)}
    usual |= {"method": "unet3d", "variant": "full", "width": 0.0625, "options": [], "fold": 0, "folds": 5}
    usual |= {"recipe": "common", "epochs": 1, "batch": 4, "learning_rate": 1e-3, "precision": "float32", "added": []}
    return Run(folder, usual | changes, seed=0, device="cpu", threads=1)


class Truth(Prepared):
    """Answers the labels that its only volume has on the grid, wrong where told to; it counts, so is never copied."""

    def __init__(self, arrays, swap=()):
        super().__init__(nn.Identity(), Precision())
        self.weight, self.arrays, self.swap, self.calls = nn.Parameter(torch.ones(1)), arrays, dict(swap), 0

    def forward(self, inputs):
        labels = self.arrays.labels[self.calls % len(self.arrays)].copy()
        for wrong, right in self.swap.items():
            labels[self.arrays.labels[self.calls % len(self.arrays)] == wrong] = right
        self.calls += 1
        one_hot = nn.functional.one_hot(torch.from_numpy(labels).long(), 20).movedim(-1, 0)
        return 30.0 * one_hot[None] * self.weight


def others(arrays, name="x"):
    """The same cases under other names."""
    table = arrays.table.assign(case=name + arrays.table["case"], patient=name + arrays.table["patient"])
    return replace(arrays, table=table, digest=name)


def evaluated(run, network, arrays, monkeypatch):
    """The scores of a run whose folder holds `network`."""
    predictor_of(run, network, arrays, monkeypatch)
    return protocol.evaluate(run, {"phantom_mr": arrays})


def dice_of(rows, structure):
    chosen = rows[(rows["structure"] == structure) & (rows["metric"] == "dice")]
    return chosen.sort_values("case")["value"].to_numpy()
