"""Stages that know the truth, readers made of them, and what they read."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from spinelib.spinefm.build import Switches
from spinelib.spinefm.ends import LOWER_END, UPPER_END, VERTEBRA
from spinelib.spinefm.labelled import labelled
from spinelib.spinefm.patches import PatchSizes
from spinelib.spinefm.pipeline import SpineFM
from spinelib.spinefm.program import LEVELS
from spinelib.spinefm.read import Clock, SpineReader, read_films
from spinelib.spinefm.seeds import Detection
from spinelib.spinefm.walk import Rules

SIDE = 12.0


class Known(nn.Module):
    """A stage that knows the vertebrae of films, which it recognises by their first pixel."""

    def __init__(self, data):
        super().__init__()
        self.data, self.geometry = data, PatchSizes(data.grid, SIDE)
        self.weight = nn.Parameter(torch.zeros(1))
        self.batches = []

    def film(self, image):
        stored = torch.from_numpy(self.data.films).float() / 255
        return next(k for k, one in enumerate(stored) if torch.equal(one, image))

    def detect(self, films):
        self.batches.append(len(films))
        return [self.rough(self.data.centres[self.film(one)]) for one in films]

    def rough(self, centres):
        mask = np.zeros(self.data.grid, bool)
        return [Detection(0.9 - 0.01 * k, (x + 1, y - 1), mask) for k, (x, y) in enumerate(centres[1:5])]

    def segment(self, films, which, points):
        out = []
        for w, point in zip(which, points, strict=True):
            k = self.film(films[w])
            nearest = np.linalg.norm(self.data.centres[k] - point.numpy(), axis=1).argmin()
            out.append(torch.from_numpy(self.data.numbers[k] == nearest + 1) * 16.0 - 8.0)
        return torch.stack(out)

    def predict(self, points, grid):
        return 2 * points[:, 2] - points[:, 1]

    def classify(self, films, which, points):
        found = []
        for w, point in zip(which, points, strict=True):
            centres = self.data.centres[self.film(films[w])]
            nearest = np.linalg.norm(centres - point.numpy(), axis=1).argmin()
            found.append({0: UPPER_END, len(centres) - 1: LOWER_END}.get(int(nearest), VERTEBRA))
        return torch.tensor(found)


class Standing(Known):
    """Knows T1..L5 of a standing film, and the vertebra beyond either end, where the chain would go on."""

    def centres(self, film):
        inner = self.data.centres[film]
        return np.concatenate([2 * inner[:1] - inner[1:2], inner, 2 * inner[-1:] - inner[-2:-1]])

    def segment(self, films, which, points):
        out = []
        for w, point in zip(which, points, strict=True):
            centres = self.centres(self.film(films[w]))
            x, y = centres[np.linalg.norm(centres - point.numpy(), axis=1).argmin()]
            logits = torch.full(self.data.grid, -8.0)
            top, left = round(y - 2.5), round(x - 2.5)
            logits[max(top, 0) : top + 6, left : left + 6] = 8.0
            out.append(logits)
        return torch.stack(out)

    def classify(self, films, which, points):
        found = []
        for w, point in zip(which, points, strict=True):
            centres = self.centres(self.film(films[w]))
            k = int(np.linalg.norm(centres - point.numpy(), axis=1).argmin())
            found.append({0: UPPER_END, len(centres) - 1: LOWER_END}.get(k, VERTEBRA))
        return torch.tensor(found)


def distinct(data):
    """Films that a stage can tell apart."""
    data.images[:, 0, 0, 0] = 100 + np.arange(len(data))
    return data


def built(data, stage=Known, **switches):
    films = labelled(data)
    known = stage(films)
    pipe = SpineFM(known, known, known, known, rules=Rules(levels=LEVELS, post=switches.get("post", True)))
    return SpineReader(pipe, Switches(**switches), stage is not Standing)


def read(data, stage=Known, **switches):
    return read_films(built(data, stage, **switches), data.images, Clock(torch.device("cpu")))


def complete(rows, **facts):
    about = {"study": "s", "run": "r", "dataset": "d", "trained_on": "d", "method": "spinefm", "variant": "full"}
    return rows.assign(**about, recipe="common", width=0.25, seed=0, fold=0, **facts)
