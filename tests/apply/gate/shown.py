"""Films of bright bodies, which the network `bright` outlines."""

from __future__ import annotations

import numpy as np
from PIL import Image


def save_film(path, pixels):
    """A film of `tests.cases.films` with its bones bright on dark, uneven air; gives its path."""
    air = np.random.default_rng(0).integers(20, 40, pixels.shape)
    Image.fromarray(np.where(pixels > 140, 250, air).astype(np.uint8)).save(path)
    return path
