"""What a lateral cervical film shows beside the vertebrae: head, jaw, hyoid, airway, soft tissue, shoulders."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.fields import bell, edge, fractal, smooth_noise
from spinelib.phantom.plates import plate, rounded
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.ribbons import ribbons, tube
from spinelib.phantom.sagittal import C2, C3, C7, T1, LateralSpine
from spinelib.phantom.tissue import SOFT


class CervicalTissue:
    """Soft tissue and skull of one patient on one film. Grids in mm: y (to the front) [1,W], z (up) [H,1]."""

    def __init__(
        self,
        side: LateralSpine,
        frame: FilmFrame,
        organs: dict[str, float],
        draw: np.random.Generator,
        generator: torch.Generator,
    ) -> None:
        self.side, self.frame, self.o, self.draw, self.generator = side, frame, organs, draw, generator
        self.size = (frame.height, frame.width)
        rows = frame.rows(frame.height)
        self.z = _column(rows)
        self.y = torch.from_numpy(side.facing * frame.columns(frame.width)).float()[None]
        self.front, self.back = _column(side.wall(rows, 1.0)), _column(side.wall(rows, -1.0))
        self.s = side.scale
        tip = side.place(C2, np.array([3.0, 24.0 * self.s]))
        self.dens = float(side.facing * tip[0]), float(tip[2])

    def attenuation(self) -> torch.Tensor:
        """Line integral [H,W] through everything soft and through the skull, which needs no outline."""
        wander = 2.5 * smooth_noise(self.size, 5, self.generator)
        path = torch.maximum(self.neck(wander), self.head(wander))
        path = torch.maximum(path, self.shoulders(wander))
        path = (path - self.airway(wander)).clamp_min(0)
        texture = 0.05 * SOFT * 150 * 0.3 * fractal(self.size, 6, 3, self.generator)
        inside = (path / 30).clamp(0, 1)
        return path * SOFT + texture * inside + self.skull()

    def neck(self, wander: torch.Tensor) -> torch.Tensor:
        """Path (mm) through the neck: from the skin before the airway to the skin of the nape."""
        s = self.s
        first = self.front + s * (self.throat() + 30 + 9 * float(np.clip(self.o["fat"] / 16, 0, 2)))
        last = self.back - s * (52 + 12 * float(np.clip(self.o["fat"] / 16, 0, 2)))
        t = (self.y - (first + last) / 2 + wander) / ((first - last) / 2)
        return 1.8 * self.o["neck_width"] * (1 - t.abs().clamp_max(1) ** 2.4).sqrt()

    def throat(self) -> torch.Tensor:
        """Soft tissue (mm of an adult) between the vertebrae and the airway, [H,1]: thin above, thick below C5."""
        low, high = self.side.height(C3 + 2.6), self.side.height(C3 + 1.2)
        return 4.5 + 9.5 * edge(((low + high) / 2 - self.z), (high - low) / 2)

    def head(self, wander: torch.Tensor) -> torch.Tensor:
        """Path (mm) through the head and the floor of the mouth."""
        s, (y0, z0) = self.s, self.dens
        ball = 1 - ((self.y - y0 - 14 * s) / (104 * s)) ** 2 - ((self.z - z0 - 66 * s) / (76 * s)) ** 2
        face = 1 - ((self.y - y0 - 62 * s + wander) / (52 * s)) ** 2 - ((self.z - z0 + 4 * s) / (50 * s)) ** 2
        return torch.maximum(148 * s * ball.clamp_min(0).sqrt(), 105 * s * face.clamp_min(0).sqrt())

    def shoulders(self, wander: torch.Tensor) -> torch.Tensor:
        """Path (mm) through the shoulders, whose slope veils the last cervical vertebrae."""
        draw, s = self.draw, self.s
        y7, z7 = float(self.side.wall(np.array([self.side.height(C7)]), 0.0)[0]), self.side.height(C7)
        # High behind (trapezius), low in front; how high depends on how well the arms were pulled down.
        top = z7 + s * draw.normal(-12, 15) - draw.uniform(0.1, 0.5) * (self.y - y7) + 2 * wander
        rise = edge(top - self.z, float(draw.uniform(12, 30)) * s)
        t = (self.y - y7 - 10 * s) / (float(draw.uniform(85, 120)) * s)
        wide = float(draw.uniform(0.75, 1.05)) * self.o["shoulder_width"]
        lung = 0.55 * wide * edge(self.side.height(T1 + 1.3) - self.z, 14.0) * edge(self.y - self.front, 14.0)
        return (1.3 * wide * rise - lung).clamp_min(0) * (1 - t.abs().clamp_max(1) ** 2.2).sqrt()

    def airway(self, wander: torch.Tensor) -> torch.Tensor:
        """Air (mm) in pharynx, larynx and trachea, before the spine; a gap at the glottis."""
        s = self.s
        wide = s * max(7.0 + 1.2 * float(self.draw.normal()), 4.5)
        roof = self.dens[1] + 12 * s
        start = self.front + s * self.throat()
        lag = 0.45 * (self.side.height(C7) - self.z).clamp_min(0)
        t = (self.y - start - wide - 0.4 * wander + 0.3 * lag) / wide
        tall = edge(roof - self.z, 5.0)
        glottis = 1 - 0.75 * bell((self.z - self.side.height(C3 + 2.2 + 0.4 * float(self.draw.normal()))) / (5 * s))
        mouth = (
            1 - ((self.y - self.dens[0] - 58 * s) / (26 * s)) ** 2 - ((self.z - self.dens[1] + 12 * s) / (5 * s)) ** 2
        )
        air = 22 * s * (1 - t * t).clamp_min(0).sqrt() * tall * glottis
        return torch.maximum(air, 30 * s * float(self.draw.uniform(0, 1)) * mouth.clamp_min(0))

    def skull(self) -> torch.Tensor:
        """Attenuation of vault, skull base and mastoid."""
        s, (y0, z0) = self.s, self.dens
        u, v = (self.y - y0 - 10 * s) / (96 * s), (self.z - z0 - 66 * s) / (66 * s)
        grain = fractal(self.size, 30, 2, self.generator)
        r = (u * u + v * v).sqrt()
        vault = 0.16 * edge(1 - r, 0.03) + 0.28 * bell((r - 0.975) / 0.03)
        base = 1 - ((self.y - y0 - 4 * s) / (42 * s)) ** 2 - ((self.z - z0 - 17 * s) / (13 * s)) ** 2
        mastoid = 1 - ((self.y - y0 + 8 * s) / (13 * s)) ** 2 - ((self.z - z0 - 2 * s) / (15 * s)) ** 2
        total = vault + 0.45 * edge(base, 0.25) * (1 + 0.25 * grain) + 0.14 * edge(mastoid, 0.2) * (1 + 0.3 * grain)
        return self.o["bone"] * total * (0.7 + 0.3 * self.o["jaw"])


def draw_jaw(
    canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float], draw: np.random.Generator
) -> None:
    """Add lower jaw (both sides), teeth with some fillings, and hyoid to `canvas` [H,W] in place."""
    s, line, bone = side.scale, max(1.0 / frame.spacing, 0.6), organs["bone"] * (0.6 + 0.4 * organs["jaw"])
    top = side.place(C2, np.array([0.0, 24.0 * s]))
    y0, z0 = side.facing * top[0] + draw.normal(0, 5) * s, top[2] + draw.normal(0, 6) * s
    drop = draw.normal(-38, 6)
    jaw = [
        (12, 12),
        (24, 10),
        (30, -4),
        (36, -14),
        (84, -16),
        (94, -20),
        (96, -44),
        (86, -46),
        (40, drop),
        (24, drop + 6),
        (17, drop + 16),
    ]
    ring = rounded(np.asarray(jaw, float) * s)
    for out in (-42.0, 42.0):
        shifted = ring + draw.normal(0, 2.0, 2) * s
        points = side.at(shifted[:, 0] + y0, shifted[:, 1] + z0, out * s)
        plate(canvas, frame.project(points), 0.17 * bone, 0.17 * bone, line)
    for k in range(9):
        for row in (-1, 1):
            box = np.array([(-3.4, 9), (3.4, 9), (2.5, -9), (-2.5, -9)]) * (1, row) + (46 + 6.2 * k, -9 + 8.5 * row)
            metal = draw.uniform(1.0, 2.0) if draw.uniform() < 0.06 else 0.0
            points = side.at(box[:, 0] * s + y0, box[:, 1] * s + z0)
            plate(canvas, frame.project(points), 0.2 * bone + metal, 0.1 * bone, line)
    _hyoid(canvas, side, frame, bone, draw)


def _hyoid(canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, bone: float, draw: np.random.Generator) -> None:
    s = side.scale
    z = side.height(C3 + float(draw.normal(0.3, 0.35)))
    start = float(side.wall(np.array([z]), 1.0)[0]) + (17 + draw.normal(0, 2)) * s
    t = np.linspace(0, 1, 8)
    lines = np.stack([side.at(start + 26 * s * t, z + s * (7 * t - 9 * (1 - t) * t), out * s) for out in (-14.0, 14.0)])
    half = np.tile((2.2 + 1.6 * t**3) * s / frame.spacing, (2, 1))
    points, wide = (torch.from_numpy(values).float() for values in (frame.project(lines), half))
    ribbons(canvas, points, wide, torch.full(wide.shape, 0.16 * bone), tube)


def _column(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()[:, None]
