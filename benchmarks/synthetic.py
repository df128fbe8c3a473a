"""Cases whose pixels mean nothing: speed asks for shapes and types, not for spines."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from spinelib.cases import CaseArrays
from spinelib.core.structures import STRUCTURES

Map = NDArray[np.uint8]
FILM, VOLUME = (256, 128), (18, 64, 64)


def cases(count: int, grid: tuple[int, ...] = FILM, split: str = "test") -> CaseArrays:
    """`count` cases on `grid`, one patient each: noise with one band as the spine, or 19 stacked bars in a volume."""
    random = np.random.default_rng(0)
    images = random.integers(1, 256, (count, 1, *grid), np.uint8)
    labels = np.zeros((count, *grid), np.uint8)
    middle = slice(grid[-1] * 2 // 5, grid[-1] * 3 // 5)
    names = ("spine",) if len(grid) == 2 else tuple(STRUCTURES)
    rows = np.linspace(grid[-2] // 10, grid[-2] * 9 // 10, len(names) + 1).astype(int)
    for number in range(len(names)):
        labels[..., rows[number] : rows[number + 1], middle] = number + 1
    number = [f"c{i:04d}" for i in range(count)]
    constant = {"view": "coronal", "split": split, "near_duplicate": ""}
    frame = [1.0, 0.0, 0.0, *grid] if len(grid) == 2 else [1.0] * 3 + [0.0] * 3 + list(grid)
    return CaseArrays(
        table=pd.DataFrame({"case": number, "patient": number, **constant}),
        images=images,
        labels=labels,
        classes=names,
        extra={},
        landmarks=np.zeros((count, 0, 4, 2), np.float32),
        frames=np.tile(np.float32(frame), (count, 1)),
        spacing=np.ones((count, len(grid)), np.float32),
        digest=f"synthetic {count} {list(grid)}",
    )


def spine(height: int, width: int, shift: float) -> Map:
    """A winding band with vertebra-like waists, as class map [height, width]."""
    y = np.arange(height)[:, None]
    centre = width / 2 + 0.1 * width * np.sin(6 * y / height) + shift + np.sin(y / 3)
    half = 0.1 * width * (1 + 0.15 * np.cos(2 * np.pi * 17 * y / height))
    band = np.abs(np.arange(width)[None] - centre) < half
    return (band & (y > 0.08 * height) & (y < 0.93 * height)).astype(np.uint8)
