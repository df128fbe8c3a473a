"""Drawn films of seventeen bright vertebrae, and a folder with a small network that outlines them in any process."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from spinelib.apply.desk.seen import see_film
from spinelib.cases.drawing import draw_quadrilaterals
from spinelib.cases.frame import letterbox
from spinelib.prediction.normalisation import normalise
from spinelib.prediction.predictor import Predictor

from ...prediction.made import card, leave, network

GRID, SIZE = (192, 96), (576, 288)
FILMS, STEPS = 8, 60


def spine_corners(bend, size=SIZE):
    """Corners [17, 4, 2] px of vertebrae along a curve that turns by `bend` degrees from end to end."""
    height, width = size
    share = np.linspace(-1, 1, 17)
    tilt = np.radians(bend / 2) * share
    y = height * (0.5 + 0.43 * share)
    x = width / 2 - height * 0.215 * np.radians(bend / 2) * (share**2 - 0.5)
    along, down = np.stack([np.cos(tilt), np.sin(tilt)], 1), np.stack([-np.sin(tilt), np.cos(tilt)], 1)
    wide, tall = width * 0.11, height * 0.0175
    centre = np.stack([x, y], 1)
    return np.stack([centre + a * wide * along + b * tall * down for b in (-1, 1) for a in (-1, 1)], 1)


def draw_film(bend, seed, size=SIZE):
    """Greys uint8 [H, W] of such a film, noise around it."""
    random = np.random.default_rng(seed)
    inside = draw_quadrilaterals(spine_corners(bend, size), size) > 0
    return (random.integers(30, 70, size) + 130 * inside).astype(np.uint8), inside


def save_film(path, bend=30.0, seed=0, size=SIZE):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draw_film(bend, seed, size)[0]).save(path)
    return path


def trained_network(folder):
    """`folder` with weights and card of a network that has learned to outline such films, in seconds."""
    frame = letterbox(SIZE, GRID)
    drawn = [draw_film(bend, k) for k, bend in enumerate(np.linspace(-50, 50, FILMS))]
    images = torch.from_numpy(np.stack([frame.resize(grey) for grey, _ in drawn])[:, None].round())
    labels = torch.from_numpy(np.stack([frame.resize(inside) > 0.5 for _, inside in drawn])[:, None]).float()
    own = card(width=0.03125, input_grid=GRID, evaluation_grid=GRID)
    model = network(own)
    optimiser = torch.optim.Adam(model.parameters(), 2e-2)
    for step in range(STEPS):
        chosen = torch.arange(4) * 2 + step % 2
        loss = F.binary_cross_entropy_with_logits(model(normalise(images[chosen]))["logits"], labels[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    return leave(folder, model.eval(), own)


def seen_film(folder, network_folder, **how):
    """A drawn film in `folder` as the network sees it."""
    return see_film(Predictor.from_folder(network_folder, "cpu"), save_film(folder / "drawn film.png", **how))
