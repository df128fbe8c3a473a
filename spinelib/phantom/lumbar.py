"""What a lateral lumbar film shows beside the vertebrae: trunk, lung bases, bowel gas, ribs, pelvis."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.fields import edge, fractal, smooth_noise
from spinelib.phantom.plates import plate, rounded
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.ribbons import pockets, ribbons, tube
from spinelib.phantom.sagittal import L1, L5, S1, T12, LateralSpine
from spinelib.phantom.tissue import SOFT

# Share of the coronal attenuation per mm: lateral lumbar films are taken at a higher voltage.
HARD = 0.8


class LumbarTissue:
    """Soft tissue of one patient on one film. Grids in mm: y (to the front) [1,W], z (up) [H,1]."""

    def __init__(
        self,
        side: LateralSpine,
        frame: FilmFrame,
        organs: dict[str, float],
        draw: np.random.Generator,
        generator: torch.Generator,
    ) -> None:
        self.side, self.frame, self.o, self.draw, self.generator = side, frame, organs, draw, generator
        self.size, self.s = (frame.height, frame.width), side.scale
        rows = frame.rows(frame.height)
        self.z = _column(rows)
        self.y = torch.from_numpy(side.facing * frame.columns(frame.width)).float()[None]
        # The skin of the back runs straighter than the spine.
        near = side.wall(rows, -1.0)
        self.skin = _column(0.45 * near + 0.55 * near.mean() - (58 + 0.6 * organs["fat"]) * self.s)
        levels = np.array([side.height(k) for k in (S1, L5 - 1, L1 + 1, T12, T12 - 3)])[::1]
        wide = [organs[name] for name in ("hip_width", "hip_width", "waist_width", "chest_width", "chest_width")]
        deep = [
            organs[name] for name in ("abdomen_depth", "abdomen_depth", "abdomen_depth", "chest_depth", "chest_depth")
        ]
        order = np.argsort(levels)
        self.half = _column(np.interp(rows, levels[order], np.array(wide)[order]))
        self.deep = _column(np.interp(rows, levels[order], np.array(deep)[order])) * 1.1

    def attenuation(self) -> torch.Tensor:
        """Line integral [H,W] through everything soft."""
        wander = 4.0 * smooth_noise(self.size, 3, self.generator)
        t = (2 * (self.y - self.skin + wander) / self.deep - 1).abs().clamp(0, 1)
        body = 2 * self.half * (1 - t**2.6).sqrt()
        air = torch.minimum(self.lungs(), 0.75 * body)
        gas = torch.minimum(self.gas(), 0.3 * body)
        texture = 0.05 * SOFT * 150 * 0.5 * fractal(self.size, 6, 3, self.generator)
        total = ((body - air - gas).clamp_min(0) * SOFT + texture * (body / 60).clamp(0, 1)) * HARD
        return total.clamp_min(0)

    def lungs(self) -> torch.Tensor:
        """Path (mm) through the lung bases: two domes that fall towards the back."""
        air, share = torch.zeros(self.size), 0.42 * self.o["lung_depth"] / 0.62
        for drop in (0.0, self.o["dome_drop"]):
            dome = self.side.height(T12 - 1.0 + 0.7 * self.o["dome_level"]) - drop + 8 * self.s
            t = (self.y - self.skin) / self.deep
            floor = dome - self.s * (95 * (0.55 - t).clamp_min(0) ** 1.5 + 40 * (t - 0.6).clamp_min(0))
            air += share * self.half * edge(self.z - floor, 4.0)
        return air * 1.1

    def gas(self) -> torch.Tensor:
        """Gas (mm) in stomach and bowel, before the spine."""
        draw, s = self.draw, self.s
        count = int(draw.poisson(7 * float(np.clip(self.o["gas"], 0.1, 2.0))))
        air = torch.zeros(self.size)
        if not count:
            return air
        t = np.linspace(0, 1, 7)
        z = np.interp(draw.uniform(0, 1, count), (0, 1), (self.side.height(S1) - 40, self.side.height(L1)))
        y = self.side.wall(z, 1.0) + s * (6 + np.abs(draw.normal(0, 55, count)))
        turn, length = draw.uniform(0, np.pi, count), draw.gamma(2.0, 14.0, count) * s
        lines = np.stack(
            [
                y[:, None] + np.cos(turn)[:, None] * length[:, None] * t,
                z[:, None] + np.sin(turn)[:, None] * length[:, None] * t,
            ],
            -1,
        )
        points = self.frame.project(self.side.at(lines[..., 0].reshape(-1), lines[..., 1].reshape(-1)))
        radius = np.repeat(np.clip(draw.gamma(4.0, 2.8, count), 3, 26) * s, len(t)) * draw.uniform(
            0.7, 1.2, points.shape[0]
        )
        pockets(air, torch.from_numpy(points).float(), torch.from_numpy(radius / self.frame.spacing).float())
        # Smooth gas on some films, mottled stool on others.
        mottle = 0.45 * float(draw.uniform()) * fractal(self.size, 45, 2, self.generator)
        stool = (mottle + 0.85).clamp(0, 1)
        return (air * self.frame.spacing).clamp_max(40.0 * s) * stool


def draw_lower_ribs(
    canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float], draw: np.random.Generator
) -> None:
    """Add the lower ribs of both sides to `canvas` [H,W] in place: from their vertebra back, round and down."""
    s, lines = side.scale, []
    t = np.linspace(0, 1, 30)
    for level, length in ((T12 - 3, 185), (T12 - 2, 170), (T12 - 1, 120), (T12, 70)):
        for out in (-1.0, 1.0):
            reach = length * draw.uniform(0.85, 1.1) * s
            turn = np.radians(25 + 150 * t) if level < T12 - 1 else np.radians(35 + 105 * t)
            deep = reach * 0.55 * (np.cos(turn[0]) - np.cos(turn)) - 34 * s * np.sin(np.pi * t) ** 0.7
            fall = reach * draw.uniform(0.55, 0.8) * t**1.1
            y = float(side.wall(np.array([side.height(level)]), -1.0)[0]) + deep
            lines.append(side.at(y, side.height(level) - fall, out * organs["chest_width"] * np.sin(turn) * 0.9))
    points = frame.project(np.stack(lines))
    half = np.full(points.shape[:2], organs["rib_width"] / 2 * 1.25 / frame.spacing)
    weight = np.full(half.shape, 0.5 * organs["rib_density"] * organs["bone"])
    lines_, half_, weight_ = (torch.from_numpy(values).float() for values in (points, half, weight))
    ribbons(canvas, lines_, half_, weight_, tube)


def draw_lateral_pelvis(
    canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float], draw: np.random.Generator
) -> None:
    """Add both iliac wings and the heads of the femurs to `canvas` [H,W] in place."""
    s, line, bone = side.scale, max(1.4 / frame.spacing, 0.7), organs["bone"]
    y0 = float(side.wall(np.array([side.height(S1)]), 0.0)[0])
    crest = side.height(S1 - 1.3 + organs["crest_level"])
    shape = [
        (-62, -38),
        (-50, -16),
        (-28, -3),
        (0, 0),
        (28, -8),
        (56, -28),
        (76, -58),
        (72, -78),
        (50, -92),
        (34, -128),
        (44, -165),
        (20, -190),
        (-16, -185),
        (-14, -140),
        (-18, -96),
        (-36, -76),
        (-58, -62),
    ]
    wing = rounded(np.asarray(shape, float) * s * (1, float(np.clip(organs["crest_curve"], 0.6, 1.4))), 2)
    for out in (-105.0, 105.0):
        shift = draw.normal(0, 3.0, 2) * s
        points = frame.project(side.at(wing[:, 0] + y0 + shift[0], wing[:, 1] + crest + shift[1], out * s))
        plate(canvas, points, 0.15 * bone, 0.16 * bone, line)
    turn = np.linspace(0, 2 * np.pi, 32, endpoint=False)
    hip = np.array([y0 + 22 * s + draw.normal(0, 8), side.height(S1) - (105 + draw.normal(0, 8)) * s])
    for out in (-88.0, 88.0):
        head = side.at(hip[0] + 23 * s * np.cos(turn), hip[1] + 23 * s * np.sin(turn), out * s)
        plate(canvas, frame.project(head), 0.25 * bone, 0.12 * bone, line)


def _column(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()[:, None]
