"""Everything around the spine: fat, muscles, vessels, belly.

They are painted once for all sub-slices, as they change little through a slice. Belly contents are texture, not organs
(C, our choice): a network must not learn them, only that they are there.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch

from spinelib.phantom.fields import edge
from spinelib.phantom.mr.canvas import Contrast
from spinelib.phantom.mr.courses import Courses
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.textures import sized

Lay = Callable[[torch.Tensor, torch.Tensor | float, torch.Tensor | float], None]


def _row(values: torch.Tensor) -> torch.Tensor:
    return values[:, None]


def surrounding_signal(
    grid: Grid, c: Contrast, way: Courses, draw: np.random.Generator, g: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Signal and fat signal [D,H,W] of all but spine and canal."""
    d, w = grid.axis(0)[:, None, None], grid.axis(2)
    soft = max(0.4, grid.spacing[2] * 0.5)
    wander = 2.5 * sized(grid.shape, grid.spacing, (25, 40, 40), g)
    off = d - _row(way.middle)
    inner, outer = c.fat * draw.uniform(0.45, 0.8), c.fat * draw.uniform(0.8, 1.25)
    signal = (inner + (outer - inner) * edge(w - _row(way.canal), 12.0)).expand(grid.shape).clone()
    fatty = torch.ones(grid.shape)

    def lay(cover: torch.Tensor, value: torch.Tensor | float, share: torch.Tensor | float) -> None:
        signal.add_(cover * (value - signal))
        fatty.add_(cover * (share - fatty))

    _belly(grid, c, way, w, draw, g, lay)
    _muscles(grid, c, way, off, w, wander, g, lay)
    _vessels(c, way, off, w, wander, draw, lay)
    lobes = 1 + 0.06 * sized(grid.shape, grid.spacing, (9, 6, 6), g) * fatty
    signal.mul_(lobes)
    inside = edge(_row(way.skin) - w, soft) * edge(w - _row(way.belly) - wander, soft)
    # Skin, and air with hardly any signal.
    rim = edge(1.6 - (_row(way.skin) - 1.2 - w).abs(), soft)
    signal.mul_(1 - 0.6 * rim).mul_(inside)
    return signal, signal * fatty


def _belly(
    grid: Grid,
    c: Contrast,
    way: Courses,
    w: torch.Tensor,
    draw: np.random.Generator,
    g: torch.Generator,
    lay: Lay,
) -> None:
    """Bowel, liver or womb, and the wall of the belly in front of the spine."""
    field = sized(grid.shape, grid.spacing, (22, 24, 24), g) + 0.5 * sized(grid.shape, grid.spacing, (10, 10, 10), g)
    fine = sized(grid.shape, grid.spacing, (8, 4, 4), g)
    room = _row(way.front) - 8 - w
    loops = 0.8 * edge(field + draw.uniform(-0.6, 0.5), draw.uniform(0.15, 0.6)) * edge(room, 4.0)
    filling = edge(field - draw.uniform(1.1, 2.2), 0.2)
    content = draw.choice((c.fluid * 0.9, c.blood, c.bowel * 1.6))
    lay(loops, c.bowel * (1 + 0.12 * fine) + filling * (content - c.bowel), 0.1)
    top = grid.axis(1)[:, None] - draw.uniform(-0.1, 0.35) * grid.shape[1] * grid.spacing[1]
    liver = edge(-top + 12 * field, 4.0) * edge(room - 22 - 6 * field, 3.0)
    lay(liver, c.muscle * draw.uniform(0.9, 1.9) * (1 + 0.05 * fine), 0.1)
    low = edge(top - draw.uniform(0.5, 0.8) * 300 + 10 * field, 4.0) * edge(room - 18 - 8 * field, 3.0)
    lay(low, draw.choice((c.fluid, c.bowel * 1.4)) * (1 + 0.05 * fine), 0.0)
    _pelvis(grid, c, way, w, draw, field, lay)
    wall = w - _row(way.belly) - draw.uniform(8, 34)
    lay(edge(draw.uniform(4, 7) - wall.abs(), 1.0), c.muscle, 0.1)
    lay(edge(-wall - 7, 1.0), c.fat, 1.0)


def _pelvis(
    grid: Grid,
    c: Contrast,
    way: Courses,
    w: torch.Tensor,
    draw: np.random.Generator,
    field: torch.Tensor,
    lay: Lay,
) -> None:
    """Bladder and loops of gut with gas or fluid in front of the sacrum, as roundish things with a dark wall."""
    d, h = grid.axis(0)[:, None, None], grid.axis(1)
    sacrum = int((way.at - 22.0).abs().argmin())
    bladder = (draw.uniform(0.5, 0.95) * c.fluid, draw.uniform(15, 42), 70.0, 42.0)
    loops = [(draw.choice((0.02, 0.05, 0.5)) * c.fluid, draw.uniform(6, 15), 35.0, 28.0) for _ in range(4)]
    for value, radius, below, ahead in loops + [bladder] * bool(draw.uniform() < 0.6):
        middle = float(way.middle[sacrum]) + draw.normal(0, 22)
        tall = float(h[sacrum]) + below + draw.normal(0, 22)
        deep = float(way.front[min(int(tall / grid.spacing[1]), len(h) - 1) if tall > 0 else 0]) - ahead
        far = ((d - middle) ** 2 + (1.3 * (_row(h) - tall)) ** 2 + (w - deep + draw.normal(0, 15)) ** 2).sqrt()
        inside = (radius - far) * 0.8 + 2.5 * field
        lay(edge(inside + 2.0, 0.8), c.muscle, 0.0)
        lay(edge(inside, 0.8), value, 0.0)


def _muscles(
    grid: Grid,
    c: Contrast,
    way: Courses,
    off: torch.Tensor,
    w: torch.Tensor,
    wander: torch.Tensor,
    g: torch.Generator,
    lay: Lay,
) -> None:
    """Psoas beside the bodies, the extensors behind, with fat between their bundles; ligaments in the middle."""
    far = off.abs()
    fine = sized(grid.shape, grid.spacing, (6, 6, 2.5), g)
    long = sized(grid.shape, grid.spacing, (9, 34, 4.5), g) + 0.5 * sized(grid.shape, grid.spacing, (6, 14, 2.6), g)
    muscle = c.muscle * (1 + 0.09 * fine)
    grown = ((way.at - 17.5) / 4).clamp(0, 1)
    centre = 0.5 * (way.front + way.back) + 2
    ellipse = ((far - _row(way.half) - 6 - 8 * _row(grown)) / (4 + 13 * _row(grown))) ** 2
    ellipse = ellipse + ((w - _row(centre) + 0.4 * wander) / (4 + 15 * _row(grown))) ** 2
    lay(edge(1 - ellipse, 0.12) * _row((way.at - 16.2).clamp(0, 1)), muscle * (1 + 0.1 * long), 0.1)
    start, stop = _row(way.canal) - 6, _row(way.spines) + 4
    skin = _row(way.skin)
    depth = torch.minimum(stop, skin - 4)
    behind = edge(w - start, 1.5) * edge(depth - w + 0.5 * wander, 1.0)
    low = ((way.at - 19) / 3).clamp(0, 1)
    bundles = edge(long - 1.5 + 1.0 * c.streaks + 0.9 * _row(low) + 0.8 * edge(12 - far, 4.0), 0.35)
    lay(behind, muscle + bundles * (0.65 * c.fat - muscle), 0.1 + 0.9 * bundles)
    lay(edge(0.8 - (w - depth).abs(), 0.6) * edge(w - start, 1.5), c.fibre, 0.0)
    between = edge(5.0 - (off - _row(way.canal_d - way.middle)).abs(), 1.5)
    between = between * edge(w - _row(way.canal + way.canal_half) - 3, 1.5) * edge(_row(way.spines) - w, 1.0)
    mixed = edge(sized(grid.shape, grid.spacing, (8, 7, 7), g) + 0.3 * c.streaks, 0.4)
    lay(between, c.muscle + mixed * (0.75 * c.fat - c.muscle), 0.8 * mixed)


def _vessels(
    c: Contrast,
    way: Courses,
    off: torch.Tensor,
    w: torch.Tensor,
    wander: torch.Tensor,
    draw: np.random.Generator,
    lay: Lay,
) -> None:
    """Aorta on the left and vena cava on the right until L4, iliac vessels further down; the ligament in front."""
    split = ((way.at - draw.normal(20.3, 0.5)) / 1.2).clamp(0, 1.6)
    for side, place, wide in ((1.0, 11.0, 9.0), (-1.0, 18.0, 10.0)):
        turn, phase = draw.normal(0, 5), draw.uniform(0, 6.3)
        x = side * (place + 17 * split) + draw.normal(0, 4) + turn * torch.sin(way.at + phase)
        radius = wide * draw.uniform(0.7, 1.15) * (1 - 0.28 * split) * (1 + 0.1 * torch.sin(1.7 * way.at + 2 * phase))
        lift = draw.uniform(1, 7)
        ring = ((off - _row(x)) / _row(radius)) ** 2 + (
            (w - _row(way.front - radius - lift) + 1.2 * wander) / _row(radius)
        ) ** 2
        grey = c.blood if side > 0 else c.blood + draw.choice((0.0, 0.0, 0.25)) * c.bowel
        lay(edge(1 - ring, 0.3), grey, 0.0)
    lay(edge(1.6 - (w - _row(way.front) + 1.5).abs(), 0.6) * edge(_row(way.half) - off.abs(), 3.0), c.fibre, 0.0)
