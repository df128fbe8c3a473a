"""What is painted on: one thin sub-slice through every slice of the grid, and the greys of the tissues."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import Box


@dataclass(frozen=True)
class Contrast:
    """T2 signal of the tissues, spinal fluid about 1. `fatty`: fat share of marrow; `patchy`: its unevenness."""

    fluid: float
    fat: float
    muscle: float
    marrow: float
    cord: float
    fibre: float  # ligament, annulus, cortex
    nucleus: float
    blood: float
    bowel: float
    fatty: float
    patchy: float
    streaks: float  # fat between the muscles' bundles


def sample_contrast(draw: np.random.Generator, age: float) -> Contrast:
    """Greys of one scan; marrow brightens with the fat that comes with age."""
    fatty = float(np.clip(0.2 + 0.004 * age + draw.normal(0, 0.1), 0.1, 0.75))
    return Contrast(
        fluid=float(draw.uniform(0.85, 1.1)),
        fat=float(draw.uniform(0.6, 1.05)),
        muscle=float(draw.uniform(0.09, 0.19)),
        marrow=float(np.clip(0.22 + 0.3 * fatty + draw.normal(0, 0.05), 0.16, 0.58)),
        cord=float(draw.uniform(0.35, 0.5)),
        fibre=float(draw.uniform(0.03, 0.08)),
        nucleus=float(draw.uniform(0.4, 0.8)),
        blood=float(draw.uniform(0.04, 0.2)),
        bowel=float(draw.uniform(0.2, 0.4)),
        fatty=fatty,
        patchy=float(draw.uniform(0.01, 0.09)),
        streaks=float(np.clip(draw.normal((age - 45) / 60, 0.35), -0.6, 1.3)),
    )


@dataclass
class Canvas:
    """A sub-slice through every slice.

    signal, fat (the part of the signal that is fat) float32 [D,H,W]; labels uint8 [D,H,W]; offset: mm of this sub-slice
    from the slice's middle; soft: half-width of painted edges, mm.
    """

    grid: Grid
    signal: torch.Tensor
    fat: torch.Tensor
    labels: torch.Tensor
    offset: float
    soft: float

    def paint(self, box: Box, cover: torch.Tensor, value: torch.Tensor | float, fat: torch.Tensor | float) -> None:
        """Lay `value`, of which the share `fat` is fat, over the box; cover [box] 0 to 1."""
        signal, part = self.signal[box], self.fat[box]
        signal += cover * (value - signal)
        part += cover * (value * fat - part)
