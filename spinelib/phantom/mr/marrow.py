"""Vertebral bodies: marrow with its veins, patches and lesions, inside a dark shell.

Modic changes 1 to 3 (Modic et al., Radiology 166:193-199, 1988): bright, bright and fatty, dark marrow along an
end-plate. Haemangiomas are bright round spots; fat gathers along the end-plates and the basivertebral vein enters from
behind. How often and how strongly is our choice (C).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.fields import edge
from spinelib.phantom.mr.canvas import Canvas, Contrast
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import ROUND, Body, Box, smooth_minimum, wall
from spinelib.phantom.mr.textures import sized

RIM = (0.15, 0.6)  # thickness of the dark shell, mm
MODIC = ((1.55, 0.1), (1.4, 0.9), (0.5, 0.1))  # brightness and fat share of the types
SHEATH = 0.6  # ligaments and cortex outside the marrow's shell, mm


@dataclass(frozen=True)
class Marrow:
    """A body and what its marrow looks like.

    box, grain [box]: voxels and unevenness; level, fat: brightness and fat share; rim: thickness of the shell (mm);
    vein: half-height (mm) and brightness; band: brightening along end-plates; spot [n,5]: x, y, z, radius (mm) and gain
    of haemangiomas; modic [n,5]: side, reach (mm), gain, fat share and slope to the front.
    """

    body: Body
    label: int
    box: Box
    grain: torch.Tensor
    level: float
    fat: float
    rim: float
    vein: tuple[float, float]
    band: float
    spot: np.ndarray
    modic: np.ndarray

    def paint(self, canvas: Canvas, fibre: float) -> None:
        """Paint the body and its label."""
        b, box = self.body, self.box
        x, y, z = b.local(canvas.grid, box, canvas.offset)
        r = b.across(x, y, (z / float(b.half[2])).clamp(-1.2, 1.2))
        up, down = b.level(x, y, r, 1) - z, z - b.level(x, y, r, -1)
        side = wall(x, y, r)
        deep = smooth_minimum(torch.minimum(up, down), side, ROUND)
        value, fat = self._inside(x, y, z, up, down)
        shell = edge(deep - self.rim, max(0.25, canvas.soft))
        canvas.paint(box, edge(deep + SHEATH, canvas.soft), fibre + shell * (value - fibre), fat)
        labels = canvas.labels[box]
        labels[deep > 0] = self.label

    def _inside(
        self, x: torch.Tensor, y: torch.Tensor, z: torch.Tensor, up: torch.Tensor, down: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Brightness and fat share of the marrow."""
        value = self.level * (1 + self.grain)
        fat = torch.full_like(value, self.fat)
        if self.band:
            value = value * (1 + self.band * (1 - torch.minimum(up, down) / 7).clamp_min(0))
        for low, reach, gain, share, slope in self.modic.tolist():
            near = (up if low < 0.5 else down) / reach + slope * y / float(self.body.half[1]) - 2 * self.grain
            part = edge(1 - near, 0.15)
            value = value * (1 + (gain - 1) * part)
            fat = fat + (share - fat) * part
        thick, bright = self.vein
        inward = (y / float(self.body.half[1]) + 1) / 0.75
        tube = (1 - (z / (thick * (1.15 - inward).clamp_min(0.2))) ** 2 - (x / 9) ** 2).clamp_min(0)
        value = value + bright * self.level * tube * (1 - inward).clamp(0, 1).sqrt()
        for x0, y0, z0, radius, gain in self.spot.tolist():
            far = ((x - x0) ** 2 + (y - y0) ** 2 + (z - z0) ** 2).sqrt()
            value = value * (1 + (gain - 1) * edge(radius - far, 0.8))
        return value.clamp_min(0.02), fat


def make_marrow(
    bodies: list[Body],
    labels: np.ndarray,
    wear: np.ndarray,
    c: Contrast,
    grid: Grid,
    draw: np.random.Generator,
    g: torch.Generator,
) -> list[Marrow]:
    """The marrow of every body that the grid shows; `wear` [n] of the disc below each body calls Modic changes."""
    made = []
    rim = draw.uniform(*RIM)
    band = max(draw.normal(0, 0.2), 0.0)
    vein = draw.uniform(0.0, 1.0)
    trend = draw.normal(0, 0.02)
    for i, body in enumerate(bodies):
        reach = np.abs(body.frame.T) @ (body.half * 1.2 + 4)
        box = grid.box(body.centre, reach)
        modic = [row for side in (0, 1) if (row := _modic(draw, wear, i, side)) is not None]
        spots = _spots(draw, body.half)
        level = c.marrow * (1 + trend * (i - 8)) * (1 + draw.normal(0, 0.04))
        opening = (draw.uniform(1.2, 3.2), vein * draw.uniform(0.2, 1.6))
        if box is None:
            continue
        shape = (box[0].stop - box[0].start, box[1].stop - box[1].start, box[2].stop - box[2].start)
        grain = 0.04 * sized(shape, grid.spacing, (5, 2.2, 2.2), g)
        grain += c.patchy * sized(shape, grid.spacing, (12, 9, 9), g)
        kind = (body, int(labels[i]), box, grain, level, c.fatty, rim, opening, band)
        made.append(Marrow(*kind, np.array(spots).reshape(-1, 5), np.array(modic).reshape(-1, 5)))
    return made


def _modic(draw: np.random.Generator, wear: np.ndarray, i: int, side: int) -> list[float] | None:
    """Modic change under the upper (side 0) or lower end-plate of body i: likelier beside a worn disc."""
    disc = i + 1 - side
    worn = wear[disc] if disc < len(wear) else 0.0
    uniform, kind, reach, slope = draw.uniform(), int(draw.integers(3)), draw.uniform(4, 12), draw.normal(0, 0.5)
    if uniform > 0.5 * max(worn - 0.55, 0):
        return None
    gain, share = MODIC[kind]
    return [float(side), reach, gain, share, slope]


def _spots(draw: np.random.Generator, half: np.ndarray) -> list[list[float]]:
    """A haemangioma in about one body of fourteen."""
    found, place = draw.uniform() < 0.07, draw.uniform(-0.6, 0.6, 3) * half
    radius, gain = draw.uniform(2, 8), draw.uniform(1.3, 2.3)
    return [[*place.tolist(), radius, gain]] if found else []
