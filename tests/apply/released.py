"""Released networks as a copy of the project has them, in a folder of the test: tiny and untrained."""

import numpy as np

from spinelib.apply.view import ViewRule, rule_text
from spinelib.core.layout import VIEW_RULE
from spinelib.core.structures import STRUCTURES

from ..prediction.made import card, leave, network

FILM = {"input_grid": (64, 32), "evaluation_grid": (64, 32)}
VOLUME = {"method": "unet3d", "width": 0.125, "classes": STRUCTURES, "input_grid": (6, 32, 16)}
VOLUME |= {"evaluation_grid": (6, 32, 16)}
CARDS = {"film": FILM, "lateral": FILM, "mr": VOLUME}


def lopsided_rule():
    """A film is from the side where its halves differ by more than a third of its spread in the mean."""
    weights = np.concatenate([np.zeros(512), np.full(256, 1 / 256)])
    return ViewRule(weights, -1 / 3, {"by": "hand"})


def release(folder, monkeypatch, *names):
    """Put networks called `names` where the released ones are looked for, and the rule of views."""
    for module in ("spinelib.prediction.released", "spinelib.apply.view"):
        monkeypatch.setattr(f"{module}.shipped", lambda *parts: folder.joinpath(*parts))
    weights = folder / "data" / "weights"
    for number, name in enumerate(names):
        own = card(**CARDS[name])
        leave(weights / name, network(own, number), own)
    weights.mkdir(parents=True, exist_ok=True)
    (weights / VIEW_RULE).write_text(rule_text(lopsided_rule()), encoding="utf-8")
    return weights


def even(height=200, width=90, seed=1):
    """A film whose halves are alike."""
    half = np.random.default_rng(seed).integers(40, 200, (height // 10, width // 20)).repeat(10, 0).repeat(10, 1)
    return np.concatenate([half, half[:, ::-1]], 1).astype(np.uint8)


def lopsided(height=200, width=90, seed=1):
    """A film whose halves are not alike."""
    film = even(height, width, seed)
    film[:, : width // 2] //= 4
    return film
