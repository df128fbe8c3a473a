"""One patient on a small film, for tests of what is drawn there."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy, sample_anatomy
from spinelib.phantom.projection import FilmFrame


def patient(seed=3, **organs) -> Anatomy:
    """A patient without patient axis, some organs set by hand."""
    one = sample_anatomy(1, seed)[0]
    return replace(one, organs=one.organs | {name: np.array(value, float) for name, value in organs.items()})


def scalars(one: Anatomy) -> dict[str, float]:
    """Organs of a patient that are single numbers."""
    return {name: float(values) for name, values in one.organs.items() if values.ndim == 0}


def film(points: np.ndarray, size=(160, 120), room=40.0) -> FilmFrame:
    """A film of `size` px whose plane holds `points` [..., 3] mm (x, y, z) with `room` mm around; a far source."""
    low, high = points.reshape(-1, 3).min(0) - room, points.reshape(-1, 3).max(0) + room
    spacing = max((high[2] - low[2]) / (size[0] - 1), (high[0] - low[0]) / (size[1] - 1))
    middle = (low + high) / 2
    origin = (middle[0] - spacing * (size[1] - 1) / 2, middle[2] + spacing * (size[0] - 1) / 2)
    return FilmFrame(float(spacing), origin, 0, 0, *size, (float(middle[0]), float(middle[2])), 1e6, float(middle[1]))


def generators(seed=0):
    """The two streams of random numbers that a film is drawn with."""
    return np.random.default_rng(seed), torch.Generator().manual_seed(seed)


def places(canvas: torch.Tensor, frame: FilmFrame, facing: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What is drawn on a lateral film: mm to the front and up of every pixel that is not 0, and its value."""
    rows, columns = canvas.nonzero().T
    y = facing * frame.columns(canvas.shape[1])[columns.numpy()]
    return y, frame.rows(canvas.shape[0])[rows.numpy()], canvas[rows, columns].numpy()
