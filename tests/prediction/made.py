"""Folders with the weights of an untrained tiny network and their card, as a training leaves them."""

from __future__ import annotations

import torch

from spinelib.core.layout import WEIGHTS
from spinelib.core.weights import save_weights
from spinelib.models import build_model
from spinelib.prediction.card import Card
from spinelib.prediction.normalisation import input_channels

GRID = (32, 16)
FILMS = {"method": "unet", "variant": "full", "width": 0.0625, "channels": 1, "classes": ("spine",)}
FILMS |= {"input_grid": GRID, "evaluation_grid": GRID}


def card(**changes):
    return Card(**{**FILMS, **changes})


def network(own, seed=2):
    """An untrained network of the card `own`."""
    torch.manual_seed(seed)
    channels = input_channels(own.channels, own.local)
    return build_model(own.method, own.variant, channels, len(own.classes), own.width, **own.options)


def leave(folder, model, own):
    """Weights of `model` and the card `own` in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(model, folder / WEIGHTS)
    own.write(folder)
    return folder


def trained(folder, seed=2, **changes):
    """A folder with an untrained network of the usual card with `changes`."""
    own = card(**changes)
    return leave(folder, network(own, seed), own)


def stand_in(monkeypatch, model):
    """Whatever folder is asked for, `model` is its network; card and weights are read and compared as ever."""
    monkeypatch.setattr("spinelib.prediction.loading.load_network", lambda own, folder: model)
