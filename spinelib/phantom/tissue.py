"""Soft tissue on the film: body, lungs, mediastinum, heart, airway, bowel gas. Attenuation as a pure number."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.fields import bell, edge, fractal, smooth_noise
from spinelib.phantom.morphometry import LEVELS, at_level
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.ribbons import pockets
from spinelib.phantom.spine import Spine
from spinelib.phantom.trunk import Trunk

SOFT = 0.0175  # attenuation per mm of soft tissue at diagnostic energies (NIST XCOM, about 70 keV, less scatter)


class Tissue:
    """Soft tissue of one patient on one film. Grids in mm: x [1,W], z [H,1], middle [H,1] (trunk's midline)."""

    def __init__(
        self,
        patient: Anatomy,
        spine: Spine,
        trunk: Trunk,
        frame: FilmFrame,
        size: tuple[int, int],
        generator: torch.Generator,
    ) -> None:
        self.o = {name: float(v) for name, v in patient.organs.items() if v.ndim == 0}
        self.bowel, self.scale = patient.organs["bowel"], float(patient.scale)
        self.spine, self.trunk, self.frame, self.size, self.generator = spine, trunk, frame, size, generator
        rows = frame.rows(size[0])
        self.z = _column(rows)
        self.x = torch.from_numpy(frame.columns(size[1])).float()[None]
        self.middle = _column(trunk.middle_at(rows))
        self.off = self.x - self.middle
        self.half = _column(trunk.half_at(rows))
        self.deep = _column(trunk.deep_at(rows))

    def level(self, name: str, offset: float = 0.0) -> float:
        """Height (mm) of a level, shifted by `offset` levels downwards."""
        return at_level(self.spine.centre[:, 2], LEVELS.index(name) + offset)

    def attenuation(self) -> torch.Tensor:
        """Line integral [H,W] through everything soft."""
        body = self.body()
        air = torch.minimum(self.lungs(), 0.85 * body)
        total = (body - air).clamp_min(0) * SOFT
        total += 0.05 * SOFT * 150 * 0.3 * fractal(self.size, 6, 3, self.generator)
        gas = self.gas()
        return (total - SOFT * torch.minimum(gas, 0.6 * body)).clamp_min(0)

    def body(self) -> torch.Tensor:
        """Path (mm) through the body: an oval cross-section at each height."""
        wander = 4.0 * smooth_noise(self.size, 3, self.generator)
        t = (self.off.abs() + wander) / self.half
        path = self.deep * (1 - t.clamp(0, 1) ** 2.6).sqrt() + self.breasts()
        o, s = self.o, self.scale
        jaw_z = self.level("C3") + o["jaw_height"]
        jaw = 1 - (self.off / (62 * s)) ** 2 - ((self.z - jaw_z) / (52 * s)) ** 2
        return path + 90 * o["jaw"] * edge(jaw, 0.05)

    def breasts(self) -> torch.Tensor | float:
        """Path (mm) through the breasts; round below, fading upwards."""
        o, s = self.o, self.scale
        if o["breast"] <= 0:
            return 0.0
        size = o["breast_size"]
        u = (self.off.abs() - 78 * s) / size
        v = (self.z - self.level("T9")) / size
        ball = (1 - u * u - v * v).clamp_min(0).sqrt() * (1 - v).clamp_min(0)
        return 60 * o["breast"] * ball

    def lungs(self) -> torch.Tensor:
        """Path (mm) through air in lungs and airway."""
        o, s = self.o, self.scale
        apex = self.level("T2", o["apex_level"])
        path = torch.zeros(self.size)
        wander = 3.0 * smooth_noise(self.size, 7, self.generator)
        for side in (-1.0, 1.0):
            dome = self.level("T10", o["dome_level"]) - (o["dome_drop"] if side > 0 else 0.0)
            out = side * self.off
            wall = self.half.clamp_max(o["chest_width"]) - o["fat"] - 8.0 + wander
            span = wall - 12.0
            across = ((out - 12.0) / span).clamp(0, 1)
            round_ = (1 - (2 * across - 1).abs() ** 3.2).clamp_min(0).sqrt()
            roof = apex - 95 * s * (across - 0.32).clamp_min(0) ** 2 - 60 * s * (0.32 - across).clamp_min(0) ** 2
            floor = dome - o["dome_curve"] * ((across - 0.42) / 0.58) ** 2 + 0.5 * wander
            above = edge(roof - self.z, 6.0)
            recess = 0.3 * ((self.z - floor) / (50 * s) + 1).clamp(0, 1)
            lung = round_ * above * (recess + 0.7 * edge(self.z - floor, 2.5))
            path += lung * self.deep * o["lung_depth"]
        return self.middle_shadow(path) + self.airway()

    def middle_shadow(self, path: torch.Tensor) -> torch.Tensor:
        """Take mediastinum, heart, aorta and the tissue beside the spine out of the lungs' `path`."""
        o, s = self.o, self.scale
        edge_wander = 5.0 * smooth_noise(self.size, 9, self.generator)
        top, low = self.level("T1"), self.level("T7")
        share = ((self.z - low) / (top - low)).clamp(0, 1)
        left = o["mediastinum"] * (0.85 + 0.3 * share) + edge_wander
        knob = bell((self.z - self.level("T5")) / (13 * s)) * o["knob"]
        rows = self.frame.rows(self.size[0])
        order = np.argsort(self.spine.centre[:, 2])
        column = _column(np.interp(rows, self.spine.centre[order, 2], self.spine.centre[order, 0]))
        # The great vessels keep closer to the spine than the trunk does.
        off = self.off - 0.4 * (column - self.middle)
        band = edge(left + knob - off, 4.0) * edge(left * 0.85 + off, 4.0)
        path = path * (1 - min(o["mediastinum_depth"], 0.95) * band)
        path = (path - o["heart_depth"] * self.heart(edge_wander)).clamp_min(0)
        aorta = ((self.off - o["aorta_x"]) / o["aorta_width"]).abs()
        # The descending aorta begins at the arch.
        falls = edge(self.level("T5") - self.z, 6.0)
        path = (path - 1.5 * o["aorta_width"] * falls * (1 - aorta**2).clamp_min(0).sqrt()).clamp_min(0)
        beside = ((self.x - column) / o["beside_width"]).abs()
        return (path - o["beside"] * (1 - beside**4).clamp_min(0).sqrt()).clamp_min(0)

    def heart(self, wander: torch.Tensor) -> torch.Tensor:
        """Chord (0 to 1) through the heart, an ellipsoid lying on the left dome."""
        o = self.o
        dx, dz = self.off - o["heart_x"] + 0.4 * wander, self.z - self.level("T8", 0.5 + o["heart_level"])
        c, n = float(np.cos(o["heart_turn"])), float(np.sin(o["heart_turn"]))
        u, v = (c * dx - n * dz) / o["heart_long"], (n * dx + c * dz) / o["heart_short"]
        return (1 - u * u - v * v).clamp_min(0).sqrt()

    def airway(self) -> torch.Tensor:
        """Air in trachea and main bronchi (mm)."""
        o, s = self.o, self.scale
        fork = self.level("T5")
        spread = 0.55 * (fork - self.z).clamp(0, 45 * s)
        d = ((self.off - o["airway_x"]).abs() - spread).abs() / o["airway"]
        shape = (1 - d * d).clamp_min(0).sqrt() * 2 * o["airway"]
        return shape * edge(self.z - fork + 40 * s, 12.0)

    def gas(self) -> torch.Tensor:
        """Gas (mm) in stomach and bowel: chains of pockets, some mottled with stool; a level under the left dome."""
        o = self.o
        air = torch.zeros(self.size)
        amount = np.clip(o["gas"], 0, 3)
        runs = self.bowel[self.bowel[:, 5] < 0.45 * amount]
        if len(runs):
            spacing = self.frame.spacing
            t = np.linspace(0, 1, 9)[None]
            turn = runs[:, 3:4] + 0.8 * np.sin(4 * t + runs[:, :1])
            step = runs[:, 2:3] / 8
            middle = float(self.trunk.middle_at(np.array([self.level("L2")]))[0])
            x = runs[:, :1] + np.cumsum(np.cos(turn) * step, 1) + middle
            z = np.array([self.level("L2", k) for k in runs[:, 1]])[:, None] + np.cumsum(np.sin(turn) * step, 1)
            wide = runs[:, 4:5] * (0.7 + 0.3 * np.sin(40 * t + runs[:, 1:2]))
            centre = np.stack([x - self.frame.origin[0], self.frame.origin[1] - z], -1).reshape(-1, 2) / spacing
            pockets(air, _f(centre), _f(wide.reshape(-1) / spacing))
            stool = fractal(self.size, 60, 2, self.generator).sub(float(-1.5 + 1.2 * o["stomach"])).clamp(0, 1)
            air = (air * (0.5 * spacing)).clamp_max(32.0) * stool
        return air + self.stomach()

    def stomach(self) -> torch.Tensor:
        """Gas bubble (mm) under the left dome, with a flat fluid level when there is one."""
        o, s = self.o, self.scale
        size = max(o["stomach"], 0.0) * 30 * s
        if size < 4:
            return torch.zeros(self.size)
        top = self.level("T10", o["dome_level"]) - o["dome_drop"] - 10 * s
        u = (self.off - 72 * s) / (1.25 * size)
        v = (self.z - top + size) / size
        bubble = (1 - u * u - v * v).clamp_min(0).sqrt()
        return 1.6 * size * bubble * edge(v + 0.35, 0.06)


def _column(values: np.ndarray) -> torch.Tensor:
    return _f(values)[:, None]


def _f(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()
