"""Posterior parts: pedicles, laminae, articular, transverse and spinous processes, and the wings of the sacrum.

Each part is a plump line (a rounded bar with its own width and height); the union of a vertebra's bars is its arch.
Bars belong to the vertebra that they spring from; where two joints meet, a voxel goes to the bar it lies deeper in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from spinelib.phantom.fields import edge
from spinelib.phantom.mr.canvas import Canvas
from spinelib.phantom.mr.chain import L5, T12, Chain
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import Body, Box

FAR = -30.0
ROUGH, ROUGHEST = 6.0, 1.2  # surface for the grain of the marrow (sd 0.15), and the most of it, mm (C, our choice)
BORDER = 1.3  # soft border of a bar, mm


@dataclass(frozen=True)
class Bar:
    """From start to stop (image mm); rows [3,3]: left, front, up; size [3]: half-thickness along them in mm."""

    start: np.ndarray
    stop: np.ndarray
    rows: np.ndarray
    size: np.ndarray
    label: int
    box: Box

    def distance(self, grid: Grid, offset: float) -> torch.Tensor:
        """Distance (mm, positive inside) of the voxels of the box."""
        scale = self.rows / self.size[:, None]
        way = scale @ (self.stop - self.start)
        length = max(float(way @ way), 1e-6)
        d, h, w = (grid.axis(k, part.start, part.stop) for k, part in enumerate(self.box))
        d, h, w = d + (offset - self.start[0]), h - self.start[1], w - self.start[2]
        p = [float(s[0]) * d[:, None, None] + (float(s[1]) * h[:, None] + float(s[2]) * w) for s in scale]
        along = (p[0] * float(way[0]) + p[1] * float(way[1]) + p[2] * float(way[2])).mul_(1 / length).clamp_(0, 1)
        far = sum((q - float(v) * along).square() for q, v in zip(p, way, strict=True))
        return (1 - far.sqrt()) * float(self.size.min())


@dataclass(frozen=True)
class Arches:
    """All bars of a chain, the box that holds them, grain [box] of their marrow, and their greys."""

    bars: list[Bar]
    box: Box
    grain: torch.Tensor
    marrow: float
    fatty: float
    labelled: bool

    def paint(self, canvas: Canvas, fibre: float) -> None:
        """Paint every arch, and its label where arches are labelled."""
        shape = self.grain.shape
        depth = torch.full(shape, FAR)
        owner = torch.zeros(shape, dtype=torch.uint8)
        for bar in self.bars:
            part = tuple(slice(a.start - b.start, a.stop - b.start) for a, b in zip(bar.box, self.box, strict=True))
            deep, own = depth[part], owner[part]
            new = bar.distance(canvas.grid, canvas.offset)
            own[new > deep] = bar.label
            torch.maximum(deep, new, out=deep)
        # Joints and laminae are rough, not turned on a lathe.
        depth += (ROUGH * self.grain).clamp(-ROUGHEST, ROUGHEST)
        shell = edge(depth - 0.7, max(0.4, canvas.soft))
        value = fibre + shell * (self.marrow * (1 + self.grain) - fibre)
        canvas.paint(self.box, edge(depth + 0.4, canvas.soft), value, self.fatty)
        if self.labelled:
            inside = depth > 0
            canvas.labels[self.box][inside] = owner[inside]


def canal_depth(level: int) -> float:
    """Half the depth of the canal (mm) behind a body of an average adult."""
    return float(np.interp(level, (T12 - 4, T12, L5), (7.0, 8.0, 8.5)))


def make_arches(
    chain: Chain,
    bodies: list[Body],
    grid: Grid,
    marrow: float,
    fatty: float,
    labelled: bool,
    draw: np.random.Generator,
    grain: torch.Tensor,
) -> Arches | None:
    """The arches that the grid shows; `grain` [D,H,W] is the unevenness of their marrow. None when it shows none."""
    bars: list[Bar] = []
    size = float(chain.half[chain.first, 0]) / 24
    long = draw.uniform(0.85, 1.15)
    for i, body in enumerate(bodies):
        if chain.sacral[i] and not chain.label[i]:
            continue
        rows = _sacral(chain, i) if chain.sacral[i] else _free(chain, i, size, long, draw)
        for start, stop, thick in rows:
            for side in (1, -1) if start[0] or stop[0] else (1,):
                ends = [body.centre + np.array((p[0] * side, p[1], p[2])) @ body.frame for p in (start, stop)]
                wide = np.array(thick) * (1 + (ROUGHEST + BORDER) / min(thick))
                reach = np.abs(ends[1] - ends[0]) / 2 + np.abs(body.frame.T) @ wide
                box = grid.box((ends[0] + ends[1]) / 2, reach)
                if box is not None:
                    bars.append(Bar(ends[0], ends[1], body.frame, np.array(thick), int(chain.label[i]), box))
    if not bars:
        return None
    d, h, w = (slice(min(b.box[k].start for b in bars), max(b.box[k].stop for b in bars)) for k in range(3))
    return Arches(bars, (d, h, w), grain[d, h, w], marrow, fatty, labelled)


Row = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


def _free(chain: Chain, i: int, s: float, long: float, draw: np.random.Generator) -> list[Row]:
    """Bars (start, stop, half-thickness) of a free vertebra; s: size against an average adult."""
    w, d, h = chain.half[i]
    level = int(chain.level[i])
    lumbar = float(np.clip((level - (T12 - 2)) / 3, 0, 1))
    canal = 2 * canal_depth(level) * s
    pw, ph = np.minimum(chain.pedicle[i], (6.5, 8.5))
    x = 0.60 * w if level < L5 else 0.7 * w
    back, tall = -d - canal, (13 + 2 * lumbar) * s
    drop = -(0.35 + 0.85 * (1 - lumbar)) * 22 * s
    tip = back - (19 + 5 * lumbar) * s * long * draw.uniform(0.92, 1.08)
    thin = (2.6 + 1.0 * lumbar) * s
    return [
        ((x, -0.7 * d, 0.35 * h), (x, -d - 0.55 * canal, 0.3 * h), (pw, pw, ph)),
        ((x, -d - 0.5 * canal, 0.1 * h), (0.12 * w, back - 3 * s, -0.55 * h), (3.4 * s, 3.4 * s, 8.5 * s)),
        ((0.86 * x, -d - 0.7 * canal, 0.4 * h), (0.9 * x, -d - 0.75 * canal, 1.15 * h), (4.6 * s, 3.6 * s, 5 * s)),
        ((0.75 * x, back + 1, -0.4 * h), (0.72 * x, back + 0.5, -1.35 * h), (4.4 * s, 3.8 * s, 6 * s)),
        ((x, -d - 0.45 * canal, 0.3 * h), (w + 20 * s, -d - 0.7 * canal, 0.45 * h), (4 * s, 2.8 * s, 4.5 * s)),
        ((0.0, back - 3 * s, -0.45 * h), (0.0, tip, -0.45 * h + drop * 0.5), (thin, 4.5 * s, tall * 0.72)),
    ]


def _sacral(chain: Chain, i: int) -> list[Row]:
    """Bars of a piece of the sacrum: its wings, its back wall and the crest."""
    w, d, h = chain.half[i]
    top = i + 1 >= chain.first
    canal = 12.0 if top else 9.0
    wing = 0.85 * w if top else 0.7 * w
    return [
        ((wing, -0.3 * d, -0.15 * h), (wing + 26, -0.9 * d, -0.5 * h), (10, 0.62 * d, 1.2 * h)),
        ((wing, -d * 0.7, 0), (0.75 * wing, -d - canal, -0.2 * h), (4.5, 4.0, 0.9 * h)),
        ((0.75 * wing, -d - canal, -0.2 * h), (0.0, -d - canal - 2, -0.2 * h), (3.5, 3.0, 0.8 * h)),
        ((0.0, -d - canal - 1, -0.2 * h), (0.0, -d - canal - (7 if top else 4), -0.4 * h), (3.2, 3.5, 0.6 * h)),
    ]
