"""The point predictor: where the next vertebra lies, from the last three.

(B) From SpineFM's program: an MLP 6-50-2 with ReLU (452 parameters). Three successive centroids, each divided by
(width, height) of the film, give the next; trained on every four consecutive levels in both directions by the squared
error, Adam 1e-3, all windows at once, 10,000 steps. (C) Ours: mirrored windows as well.

Marks: (B) from published code or earlier work, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


class PointPredictor(nn.Module):
    """Three points [B,3,2] as fractions of the film to the next one [B,2]."""

    def __init__(self, hidden: int = 50) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(6, hidden), nn.ReLU(), nn.Linear(hidden, 2))
        self.built_as = {"hidden": hidden}

    def forward(self, points: Tensor) -> Tensor:
        """Points [B,3,2] in walking order to [B,2]."""
        return self.layers(points.flatten(1))

    @torch.no_grad()
    def predict(self, points: Tensor, grid: tuple[int, int]) -> Tensor:
        """The next point (x, y) [B,2] px after points [B,3,2] px of films of `grid` (H, W)."""
        scale = points.new_tensor([grid[1], grid[0]])
        return self(points / scale) * scale


def windows(chains: Iterable[NDArray[np.float64]], mirror: bool = True) -> NDArray[np.float64]:
    """All windows [M,4,2] of four successive points of `chains` [K,2] (fractions of the film), in both directions.

    A window with an unknown point (NaN) is left out; `mirror` adds each with x replaced by 1 - x.
    """
    found = [chain[k : k + 4] for chain in chains for k in range(len(chain) - 3)]
    known = [window for window in found if np.isfinite(window).all()]
    if not known:
        return np.zeros((0, 4, 2))
    both = np.concatenate([np.stack(known), np.stack(known)[:, ::-1]])
    flipped = both * [-1, 1] + [1, 0]
    return np.concatenate([both, flipped]) if mirror else both
