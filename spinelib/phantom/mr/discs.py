"""Discs between neighbouring bodies: nucleus, annulus, wear, bulges and herniations.

Wear runs through the grades of Pfirrmann et al. (Spine 26:1873-1878, 2001): bright nucleus, bright with a dark cleft,
grey, dark, dark and flat. How shape and grey follow the wear is our choice (C).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.fields import edge
from spinelib.phantom.mr.canvas import Canvas, Contrast
from spinelib.phantom.mr.chain import Chain
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import Body, Box, smooth_minimum, wall
from spinelib.phantom.mr.textures import sized

RIM = 0.6  # outer fibres that are not called disc, mm: as in the open volumes' labels (C)
PLATE = 0.25  # cartilage at either end that is not called disc, mm


@dataclass(frozen=True)
class Disc:
    """A disc between two bodies.

    box, grain [box]: voxels and unevenness; nucleus: brightness, size, cleft; bulge: mm all round; hernia: x,
    half-width and depth (mm); zone: brightness of a fissure at the back.
    """

    upper: Body
    lower: Body
    label: int
    box: Box
    grain: torch.Tensor
    annulus: float
    nucleus: tuple[float, float, float]
    bulge: float
    hernia: tuple[float, float, float]
    zone: float

    def paint(self, canvas: Canvas) -> None:
        """Paint the disc and its label."""
        box = self.box
        x, y, z = self.upper.local(canvas.grid, box, canvas.offset)
        r_up = self.upper.across(x, y, -1.0)
        above = self.upper.level(x, y, r_up, -1) - z
        x2, y2, z2 = self.lower.local(canvas.grid, box, canvas.offset)
        r_low = self.lower.across(x2, y2, 1.0)
        below = z2 - self.lower.level(x2, y2, r_low, 1)
        # Share of the way from the upper end-plate to the lower one.
        t = (above / (above + below).clamp_min(0.3)).clamp(0, 1)
        out = wall(x, y, r_up) * (1 - t) + wall(x2, y2, r_low) * t
        belly = 4 * t * (1 - t)
        out = out + self.bulge * belly - 0.6
        place, width, depth = self.hernia
        if depth:
            spot = (1 - ((x - place) / width) ** 2).clamp_min(0) * (y < 0)
            out = out + depth * spot * (0.35 + 0.65 * belly)
        deep = smooth_minimum(torch.minimum(above, below) - PLATE, out, 1.2)
        between = torch.minimum(above, below)
        canvas.paint(box, edge(deep + 0.6, canvas.soft), self._grey(y, r_up, r_low, t, between), 0.0)
        canvas.labels[box][deep > RIM] = self.label

    def _grey(
        self, y: torch.Tensor, r_up: torch.Tensor, r_low: torch.Tensor, t: torch.Tensor, between: torch.Tensor
    ) -> torch.Tensor:
        """Brightness inside: a nucleus somewhat behind the middle, with its dark cleft, in a dark ring."""
        bright, size, cleft = self.nucleus
        r = r_up + (r_low - r_up) * t
        behind = 0.1 * y / float(self.upper.half[1])
        lens = ((r + behind) / size) ** 2 + ((t - 0.5) / 0.5) ** 4
        core = edge(1 - lens, 0.14) * edge(between - 0.5, 0.4)
        line = 1 - cleft * (1 - ((t - 0.5) / 0.13) ** 2).clamp_min(0)
        value = self.annulus + (bright * line - self.annulus) * core
        value = value * (1 + self.grain)
        if self.zone:
            spot = edge(0.09 - (r - 0.93).abs(), 0.03) * (y < 0) * edge(0.2 - (t - 0.6).abs(), 0.06)
            value = value + self.zone * spot
        return value


def make_discs(
    chain: Chain,
    bodies: list[Body],
    c: Contrast,
    grid: Grid,
    draw: np.random.Generator,
    g: torch.Generator,
) -> list[Disc]:
    """Every disc that the grid shows, lowest first."""
    made = []
    for i in range(1, len(bodies)):
        wear, rest = float(chain.wear[i]), bool(chain.sacral[i])
        bright, size = _nucleus(draw, wear, c)
        cleft = float(np.interp(wear, (0.1, 0.3, 0.6), (0.1, 0.55, 0.3)) * draw.uniform(0.2, 1.3))
        bulge = 0.5 + (2.6 * max(wear - 0.3, 0) + draw.uniform(-0.3, 0.6)) * (not rest)
        hernia = _hernia(draw, wear, chain.half[i]) if not rest else (0.0, 1.0, 0.0)
        zone = 0.5 * c.fluid * (draw.uniform() < 0.2 * wear)
        upper, lower = bodies[i], bodies[i - 1]
        middle = (upper.centre - upper.frame[2] * upper.half[2] + lower.centre + lower.frame[2] * lower.half[2]) / 2
        reach = np.abs(upper.frame.T) @ np.array(
            [upper.half[0] + 5, upper.half[1] + 9, chain.height[i] * 0.9 + 6 + abs(chain.lean[i]) * 20]
        )
        box = grid.box(middle, reach)
        if box is None:
            continue
        shape = (box[0].stop - box[0].start, box[1].stop - box[1].start, box[2].stop - box[2].start)
        grain = 0.12 * sized(shape, grid.spacing, (6, 2.5, 5), g)
        annulus = c.fibre * draw.uniform(1.3, 2.6)
        made.append(
            Disc(
                upper, lower, int(chain.disc[i]) or int(rest and chain.label[i]), box, grain, annulus,
                (bright, size, cleft), bulge, hernia, zone,
            )
        )  # fmt: skip
    return made


def _nucleus(draw: np.random.Generator, wear: float, c: Contrast) -> tuple[float, float]:
    """Brightness and radius (share of the disc's) of the nucleus."""
    share = float(np.interp(wear, (0, 0.25, 0.5, 0.75, 1), (1, 0.8, 0.5, 0.26, 0.16)))
    bright = c.nucleus * share * draw.uniform(0.85, 1.15)
    return float(bright), float(np.interp(wear, (0, 0.5, 1), (0.68, 0.62, 0.5)) * draw.uniform(0.9, 1.08))


def _hernia(draw: np.random.Generator, wear: float, half: np.ndarray) -> tuple[float, float, float]:
    """Place, half-width and depth (mm) of a protrusion to the back, none in most discs."""
    uniform, side = draw.uniform(), draw.normal(0, 0.25)
    width, depth = draw.uniform(6, 14), draw.uniform(2, 7)
    if uniform > 0.4 * max(wear - 0.25, 0):
        return 0.0, 1.0, 0.0
    return float(side * half[0]), float(width), float(depth)
