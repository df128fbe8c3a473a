"""Runs as a training leaves them, without one."""

from __future__ import annotations

from types import SimpleNamespace

from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import save_weights
from spinelib.prediction.predictor import Predictor
from spinelib.protocol import RunConfig, training


def leave(run, network, arrays):
    """Weights of `network` and the card that a training of `run` on `arrays` writes beside them."""
    save_weights(network, run.folder / WEIGHTS)
    facts = {"precision": "float32", "best_dice": 0.5}
    training._card(RunConfig.of(run), arrays, SimpleNamespace(facts=facts)).write(run.folder)


def predictor_of(run, network, arrays, monkeypatch):
    """The predictor of the folder that `leave` makes; its network is `network` itself, so that hooks see it work."""
    leave(run, network, arrays)
    monkeypatch.setattr("spinelib.prediction.loading.load_network", lambda card, folder: network)
    return Predictor.from_folder(run.folder, "cpu")
