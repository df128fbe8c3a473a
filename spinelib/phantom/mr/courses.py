"""Where spine, canal, skin and belly run through the image, as one number per image row (all mm in image axes)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.interpolate import PchipInterpolator

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.mr.arch import canal_depth
from spinelib.phantom.mr.chain import L5, T12, Chain
from spinelib.phantom.mr.sampling import Grid
from spinelib.phantom.mr.shapes import Body


@dataclass(frozen=True)
class Courses:
    """The courses, each float32 [H].

    middle: d of the bodies; half: their half-width; front, back: their w; canal, canal_d: w and d of the canal's
    middle, canal_half its half-depth; sac, cord [H,2]: half-width and half-depth; spines: w of the tips of the spinous
    processes; skin, belly: w of both borders of the trunk; at: level of a row (index in LEVELS, fractional); gap: 1
    between two laminae, 0 at their middle.
    """

    middle: torch.Tensor
    half: torch.Tensor
    front: torch.Tensor
    back: torch.Tensor
    canal: torch.Tensor
    canal_d: torch.Tensor
    canal_half: torch.Tensor
    sac: torch.Tensor
    cord: torch.Tensor
    spines: torch.Tensor
    skin: torch.Tensor
    belly: torch.Tensor
    at: torch.Tensor
    gap: torch.Tensor


def make_courses(patient: Anatomy, chain: Chain, bodies: list[Body], grid: Grid, draw: np.random.Generator) -> Courses:
    """The courses through every row of `grid`."""
    rows = grid.axis(1).numpy().astype(np.float64)
    size = float(chain.half[chain.first, 0]) / 24
    centre = np.array([b.centre for b in bodies])
    front = np.array([b.frame[1] for b in bodies])
    deep = np.array([b.half[1] for b in bodies])
    ray = np.array([canal_depth(int(level)) for level in chain.level]) * size
    ray[chain.sacral] = np.interp(np.flatnonzero(chain.sacral), (0, 5, 7), (2.5, 6, 8))
    canal = centre - front * (deep + ray + 0.8)[:, None]
    place = chain.first + 0.0
    count = np.arange(len(bodies), dtype=np.float64)

    def along(points: np.ndarray, values: np.ndarray) -> np.ndarray:
        down, carried = points[::-1], values[::-1]
        # A tip of the sacrum that turns up again has no row of its own.
        keep = down >= np.append(-np.inf, np.maximum.accumulate(down)[:-1] + 1)
        smooth = PchipInterpolator(down[keep], carried[keep])(np.clip(rows, down[keep][0], down[keep][-1]))
        return np.asarray(smooth)

    at = along(canal[:, 1], count)
    level = L5 - (at - place)
    thoracic = np.clip((T12 - level) / 3, 0, 1)
    tip = centre - front * (deep + 2 * ray + 26 * size)[:, None]
    spines = along(tip[:, 1], tip[:, 2])
    end = place - draw.uniform(2.2, 3.6)  # where the sac ends, in bodies below L5
    conus = place + 4 + draw.normal(0.3, 0.5)
    room = np.clip((at - end) / 1.6, 0, 1) ** 0.5
    sac = np.stack([(9.5 - 1.5 * thoracic) * room, (6.9 - 0.4 * thoracic) * room], -1) * size * draw.uniform(0.88, 1.12)
    thick = np.clip((at - conus) / 1.2, 0, 1) ** 0.7
    cord = np.stack([4.4 * thick, 3.3 * thick], -1) * size
    skin, belly = _trunk(patient, rows, spines, size, draw)
    t = torch.from_numpy
    values = {
        "middle": along(centre[:, 1], centre[:, 0]),
        "half": along(centre[:, 1], np.array([b.half[0] for b in bodies])),
        "front": along(centre[:, 1], (centre + front * deep[:, None])[:, 2]),
        "back": along(centre[:, 1], (centre - front * deep[:, None])[:, 2]),
        "canal": along(canal[:, 1], canal[:, 2]),
        "canal_d": along(canal[:, 1], canal[:, 0]),
        "canal_half": along(canal[:, 1], ray),
        "sac": sac,
        "cord": cord,
        "spines": spines,
        "skin": skin,
        "belly": belly,
        "at": level,
        "gap": 0.5 - 0.5 * np.cos(2 * np.pi * (at + 0.1)),
    }
    return Courses(**{name: t(np.ascontiguousarray(v, dtype=np.float32)) for name, v in values.items()})


def _trunk(
    patient: Anatomy, rows: np.ndarray, spines: np.ndarray, size: float, draw: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Skin of the back and of the belly [H] (w in mm)."""
    fat = float(np.clip(patient.organs["fat"] + draw.normal(0, 7), 4, 48))
    low = np.clip((rows - np.quantile(rows, 0.55)) / (0.4 * (rows[-1] - rows[0]) + 1), 0, 1)
    # The back is flatter than the row of spines: the hollow of the lower back is filled with muscle.
    x = (rows - rows.mean()) / 150
    flat = np.polynomial.Polynomial.fit(x, spines, 1)(x)
    tips = np.maximum(spines + 2, 0.6 * flat + 0.4 * spines + 6 * size)
    width = max(int(70 / max(rows[1] - rows[0], 0.1)) // 2, 1)
    kernel = np.hanning(2 * width + 3)[1:-1]
    tips = np.convolve(np.pad(tips, width, mode="edge"), kernel / kernel.sum(), mode="valid")
    skin = tips + fat * (0.55 + 0.75 * low)
    deep = float(patient.organs["abdomen_depth"]) * draw.uniform(0.95, 1.15) + fat
    belly = np.convolve(np.pad(skin, width, mode="edge"), kernel / kernel.sum(), mode="valid") - deep
    belly = belly * 0.35 + belly.mean() * 0.65 - 14 * np.cos((rows - rows.mean()) / 110)
    return skin, belly
