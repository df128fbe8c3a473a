"""Distances (mm, positive inside) to the surfaces of bodies, discs and posterior parts, on boxes of voxels."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from spinelib.phantom.mr.chain import Chain
from spinelib.phantom.mr.sampling import Grid

ROUND = 2.4  # radius of the rim between wall and end-plate, mm
Box = tuple[slice, slice, slice]


@dataclass(frozen=True)
class Plate:
    """One end-plate: hollow (mm), and Schmorl nodes as rows x, y, radius, depth (mm)."""

    hollow: float
    nodes: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))


@dataclass(frozen=True)
class Body:
    """One vertebra in image mm: centre [3], frame [3,3] (rows left, front, up), half [3], and the shape's numbers.

    waist: narrowing at half height; notch: hollow of the back wall; spur: flare of the rims, all as fractions; top and
    bottom: the end-plates.
    """

    centre: np.ndarray
    frame: np.ndarray
    half: np.ndarray
    taper: float
    wedge: float
    lean: float
    waist: float
    notch: float
    spur: float
    top: Plate
    bottom: Plate

    def local(self, grid: Grid, box: Box, offset: float) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Coordinates x, y, z (mm from the centre: left, front, up) of the voxels of `box`, `offset` mm on in d."""
        d, h, w = (grid.axis(k, part.start, part.stop) for k, part in enumerate(box))
        d, h, w = d + (offset - self.centre[0]), h - self.centre[1], w - self.centre[2]
        rows = self.frame
        x, y, z = (float(r[0]) * d[:, None, None] + (float(r[1]) * h[:, None] + float(r[2]) * w) for r in rows)
        return x, y, z

    def across(self, x: torch.Tensor, y: torch.Tensor, b: torch.Tensor | float) -> torch.Tensor:
        """Radius (1 on the wall) of the points at height `b` (-1 lower, 1 upper end-plate)."""
        rim = b * b
        wide = (1 - self.taper * b) * (1 - self.waist + (self.waist + self.spur * rim) * rim)
        u, v = (x / (wide * float(self.half[0]))), (y / (wide * float(self.half[1])))
        u = u * u
        back = 1 + self.notch * (1 - u).clamp_min(0)
        v = torch.where(v < 0, v * back, v)
        v = v * v
        # Between an ellipse and a rectangle.
        return (u * u + v * v + 1.1 * u * v + 1e-9).sqrt().sqrt()

    def level(self, x: torch.Tensor, y: torch.Tensor, r: torch.Tensor, side: int) -> torch.Tensor:
        """Height z (mm) of the upper (side 1) or lower (-1) end-plate above the points."""
        plate = self.top if side > 0 else self.bottom
        tall = float(self.half[2])
        tilt = 1 + (self.wedge / float(self.half[0])) * x + (self.lean / float(self.half[1])) * y
        inner = (1 - r * r).clamp_min(0)
        z = tall * tilt - plate.hollow * inner
        for x0, y0, radius, depth in plate.nodes:
            near = (1 - ((x - float(x0)) ** 2 + (y - float(y0)) ** 2) * float(0.4 / radius**2)).clamp_min(0)
            z = z - float(depth) * near * near
        return z if side > 0 else -z


def make_bodies(chain: Chain, grid: Grid, draw: np.random.Generator) -> list[Body]:
    """The bodies of the chain, placed in the image, with drawn shapes; worn discs make spurs."""
    found = []
    soft = draw.uniform() < 0.15  # soft bone: hollow end-plates, sometimes sunken
    for i in range(len(chain)):
        sacral = bool(chain.sacral[i])
        wear = max(chain.wear[i], chain.wear[i + 1] if i + 1 < len(chain) else 0)
        half = chain.half[i].copy()
        lean = float(chain.lean[i])
        if soft and not sacral and draw.uniform() < 0.2:
            loss = draw.uniform(0.05, 0.25)
            half[2] *= 1 - loss / 2
            lean -= loss * 0.6
        hollow = draw.uniform(0.6, 2.3, 2) * (1.8 if soft else 1) * (0.2 if sacral else 1) * half[2] / 13
        spur = draw.uniform(0, 0.16) * max(wear - 0.35, 0) if not sacral else 0.0
        body = Body(
            centre=grid.place(chain.centre[i]),
            frame=chain.frame[i] @ grid.turn.T,
            half=half,
            taper=float(chain.taper[i]),
            wedge=float(chain.wedge[i]),
            lean=lean,
            waist=float(draw.uniform(0.04, 0.09)) if not sacral else 0.02,
            notch=float(draw.uniform(0.04, 0.13)),
            spur=float(spur),
            top=Plate(float(hollow[0]), _nodes(draw, half, sacral)),
            bottom=Plate(float(hollow[1]), _nodes(draw, half, sacral)),
        )
        found.append(body)
    return found


def _nodes(draw: np.random.Generator, half: np.ndarray, sacral: bool) -> np.ndarray:
    """Schmorl nodes of one end-plate, most often none."""
    count = 0 if sacral else int(draw.choice((0, 1, 2), p=(0.91, 0.08, 0.01)))
    x = draw.normal(0, 0.3, count) * half[0]
    y = draw.normal(-0.15, 0.25, count) * half[1]
    return np.stack([x, y, draw.uniform(2.5, 5, count), draw.uniform(2, 6, count)], -1)


def wall(x: torch.Tensor, y: torch.Tensor, r: torch.Tensor) -> torch.Tensor:
    """Distance (mm) to a wall where the radius is 1, along the ray from the middle."""
    rho = (x * x + y * y).sqrt()
    return rho / r.clamp_min(0.05) - rho


def smooth_minimum(a: torch.Tensor, b: torch.Tensor, radius: float) -> torch.Tensor:
    """The smaller of two distances with a rounded edge; at most `radius` deep inside."""
    p, q = (radius - a).clamp_min(0), (radius - b).clamp_min(0)
    return radius - (p * p + q * q).sqrt()
