"""Films, runs on them, and runs as a training leaves them, without one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from spinelib.cases import CaseArrays
from spinelib.core.layout import WEIGHTS, RunFolder
from spinelib.core.weights import save_weights
from spinelib.prediction.predictor import Predictor
from spinelib.protocol import RunConfig, training


def arrays(patients=12, views=("coronal", "left_bending"), tests=3, h=32, w=16):
    """Films with a column in the middle, several views of each patient; the first patients are tested."""
    rows = [
        {
            "case": f"p{p}_{v}",
            "patient": f"p{p}",
            "view": v,
            "split": "test" if p < tests else "train",
            "near_duplicate": "",
        }
        for p in range(patients)
        for v in views
    ]
    n = len(rows)
    rng = np.random.default_rng(0)
    labels = np.zeros((n, h, w), np.uint8)
    labels[:, 6:26, 6:10] = 1
    images = (rng.integers(1, 60, (n, 1, h, w)) + 150 * labels[:, None]).astype(np.uint8)
    return CaseArrays(
        table=pd.DataFrame(rows),
        images=images,
        labels=labels,
        classes=("spine",),
        extra={},
        landmarks=np.zeros((n, 0, 4, 2), np.float32),
        frames=np.tile(np.array([1, 0, 0, h, w], np.float32), (n, 1)),
        spacing=np.full((n, 2), np.nan, np.float32),
        digest="0" * 16,
    )


def a_run(folder, **parameters):
    """A run of a tiny U-Net on the data `a`, with changes of its parameters."""
    usual = {
        "grid": [32, 16],
        "method": "unet",
        "variant": "full",
        "width": 0.0625,
        "options": [],
        "trained_on": "a",
        "tested_on": ["a"],
    }
    usual |= {
        "recipe": "common",
        "epochs": 2,
        "batch": 4,
        "learning_rate": 0.003,
        "precision": "float32",
        "local": True,
    }
    given, facts = usual | parameters, {"facts": {}, "trained": {}}
    run = SimpleNamespace(parameters=given, seed=given.get("seed", 0), device="cpu", threads=1, folder=folder, **facts)
    run.files = RunFolder(folder)
    run.note = lambda **facts: run.facts.update(facts)
    run.manifest = lambda name: folder / name / "manifest.csv"
    return run


def leave(run, network, arrays):
    """Weights of `network` and the card that a training of `run` on `arrays` writes beside them."""
    save_weights(network, run.folder / WEIGHTS)
    training.network_card(RunConfig.of(run), arrays.images.shape[1], arrays.classes, "float32").write(run.folder)


def predictor_of(run, network, arrays, monkeypatch):
    """The predictor of the folder that `leave` makes; its network is `network` itself, so that hooks see it work."""
    leave(run, network, arrays)
    monkeypatch.setattr("spinelib.prediction.loading.load_network", lambda card, folder: network)
    return Predictor.from_folder(run.folder, "cpu")
