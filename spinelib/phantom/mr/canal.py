"""The canal in the spine: fluid, cord and roots in the sac, fat around it and in the foramina."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.fields import edge
from spinelib.phantom.mr.canvas import Canvas, Contrast
from spinelib.phantom.mr.chain import Chain
from spinelib.phantom.mr.courses import Courses
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import Body, Box
from spinelib.phantom.mr.textures import sized

NOWHERE = 20.0  # mm outside, where there is no sac
REACH = 1.0  # mm around a foramen that its soft border needs


def _row(values: torch.Tensor) -> torch.Tensor:
    return values[:, None]


@dataclass(frozen=True)
class Canal:
    """The canal on the box that holds it.

    strands, flow [box]: pattern of the roots and of moving fluid; roots: middle, axes and half-axes (mm) of the
    foramina; strength: darkness of the roots.
    """

    way: Courses
    box: Box
    strands: torch.Tensor
    flow: torch.Tensor
    c: Contrast
    roots: list[tuple[np.ndarray, np.ndarray, np.ndarray]]
    strength: float

    def paint(self, canvas: Canvas) -> None:
        """Paint the canal on a sub-slice."""
        c, box, soft = self.c, self.box, canvas.soft
        rows = slice(box[1].start, box[1].stop)
        d = canvas.grid.axis(0, box[0].start, box[0].stop)[:, None, None] + canvas.offset
        w = canvas.grid.axis(2, box[2].start, box[2].stop)
        u, v = d - _row(self.way.canal_d[rows]), w - _row(self.way.canal[rows])
        room, gap = self.way.canal_half[rows], self.way.gap[rows]
        for centre, axes, size in self.roots:
            self._root(canvas, centre, axes, size)
        wide = _row(room * 1.35)
        deep = torch.where(v > 0, _row(room * (0.95 + 0.55 * gap)), _row(room * 1.0))
        canvas.paint(box, edge((1 - (u / wide) ** 2 - (v / deep) ** 2) * 4, soft), 0.85 * c.fat, 1.0)
        sac = self.way.sac[rows]
        ring = _ring(u, v + 0.4, sac[:, 0], sac[:, 1])
        canvas.paint(box, edge(ring + 0.7, soft), c.fibre, 0.0)
        cord = self.way.cord[rows]
        core = edge(_ring(u, v + 0.3, cord[:, 0], cord[:, 1]), soft)
        # Roots lie on the floor of the sac, which is its back in a patient lying on it.
        floor = ((v / _row(sac[:, 1].clamp_min(1.0))) * 0.5 + 0.55).clamp(0, 1)
        dark = self.strength * edge(0.8 * self.strands + 2.4 * floor - 1.5, 0.6)
        fluid = c.fluid * (1 - 0.25 * self.flow) * (1 - dark)
        canvas.paint(box, edge(ring, soft), fluid + core * (c.cord - fluid), 0.0)

    def _root(self, canvas: Canvas, centre: np.ndarray, axes: np.ndarray, size: np.ndarray) -> None:
        """The fat of a foramen with its nerve root."""
        box = canvas.grid.box(centre, np.abs(axes.T) @ size * 1.15 + REACH)
        if box is None:
            return
        d, h, w = (canvas.grid.axis(k, part.start, part.stop) for k, part in enumerate(box))
        d, h, w = d + (canvas.offset - centre[0]), h - centre[1], w - centre[2]
        p = [float(r[0]) * d[:, None, None] + (float(r[1]) * h[:, None] + float(r[2]) * w) for r in axes]
        ball = sum((q / float(s)) ** 2 for q, s in zip(p, size, strict=True))
        nerve = edge(2.3 - (p[1] ** 2 + (0.8 * p[2] - 1.5) ** 2).sqrt(), 0.7)
        value = 0.85 * self.c.fat + nerve * (self.c.cord * 0.6 - 0.85 * self.c.fat)
        canvas.paint(box, edge((1 - ball) * 3, canvas.soft), value, 1 - nerve)


def _ring(u: torch.Tensor, v: torch.Tensor, wide: torch.Tensor, deep: torch.Tensor) -> torch.Tensor:
    """About the distance (mm, positive inside) to an ellipse with half-axes [H]; nothing where they vanish."""
    a, b = _row(wide.clamp_min(0.3)), _row(deep.clamp_min(0.3))
    r = ((u / a) ** 2 + (v / b) ** 2).sqrt()
    return (1 - r) * _row(deep.clamp_min(0.0)) - NOWHERE * _row((deep < 0.3).float())


def make_canal(
    way: Courses,
    chain: Chain,
    bodies: list[Body],
    grid: Grid,
    c: Contrast,
    draw: np.random.Generator,
    g: torch.Generator,
) -> Canal:
    """The canal of a chain."""
    margin = 26.0
    low = np.array([float(way.canal_d.min()), 0.0, float(way.canal.min())])
    high = np.array([float(way.canal_d.max()), grid.shape[1] * grid.spacing[1], float(way.canal.max())])
    box = grid.box((low + high) / 2, (high - low) / 2 + [margin, margin, margin * 0.8])
    box = box or (slice(0, 1), slice(0, 1), slice(0, 1))
    shape = (box[0].stop - box[0].start, box[1].stop - box[1].start, box[2].stop - box[2].start)
    strands = sized(shape, grid.spacing, (4, 45, 1.6), g)
    flow = edge(sized(shape, grid.spacing, (12, 30, 6), g) - 0.8, 0.4)
    roots = []
    for i in range(chain.first, len(chain)):
        body = bodies[i]
        wide, deep, tall = body.half
        for side in (-1, 1):
            local = np.array([side * 0.72 * wide, -deep - 5, -0.75 * tall])
            roots.append((body.centre + local @ body.frame, body.frame, np.array([7.5, 5.0, 7.5]) * wide / 24))
    return Canal(way, box, strands, flow, c, roots, float(draw.uniform(0.2, 0.6)))
