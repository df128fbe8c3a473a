"""Vertebrae on the film: bodies with end-plates, pedicles, laminae and processes, one patch per vertebra.

Every pixel of a patch is expressed in the vertebra's own axes (a across, b along, c front to back, in halves
of the body) through the projection of its 3-D axes. Rotation and forward lean therefore move the pedicles and
open the end-plates into ellipses as they do on a film.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.fields import bell, edge
from spinelib.phantom.morphometry import L5, LEVELS, T1, column
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.spine import Spine

# Reach of a patch, mm up and across for an average adult: cervical and thoracic, lumbar.
HALF_PATCH = ((26.0, 40.0), (30.0, 54.0))


class Capsule(NamedTuple):
    """A posterior part, drawn on both sides unless in the middle.

    a, b, c of both ends (halves of the body), radius in mm, attenuation.
    """

    start: tuple[float, float, float]
    stop: tuple[float, float, float]
    radius: float
    strength: float


# Lamina, transverse, articular, spinous process: thoracic and lumbar.
CAPSULES = (
    (
        Capsule((0.55, -0.1, -2.0), (0.05, -0.9, -2.5), 3.6, 0.10),
        Capsule((0.55, -0.2, -2.2), (0.08, -0.9, -2.6), 4.5, 0.12),
    ),
    (Capsule((0.8, 0.3, -1.7), (1.0, 0.55, -2.3), 3.6, 0.14), Capsule((0.9, 0.1, -1.6), (1.0, 0.15, -1.9), 3.2, 0.10)),
    (
        Capsule((0.5, 1.0, -1.9), (0.55, -0.7, -2.1), 3.4, 0.07),
        Capsule((0.62, 1.25, -2.0), (0.55, -1.35, -2.2), 4.6, 0.14),
    ),
    (
        Capsule((0.0, -1.0, -2.8), (0.0, -1.9, -3.6), 2.4, 0.13),
        Capsule((0.0, -0.5, -2.8), (0.0, -1.0, -3.6), 2.8, 0.18),
    ),
)
TRANSVERSE = CAPSULES[1]


@dataclass
class Patch:
    """Pixels of V patches. row, column, inside (on the film) [V,h,w]; a, b [V,h,w] body coordinates.

    drift [V,2]: change of a and b per half depth; half [V,2]: half-width and half-height in px; line: width
    of a cortical line in px.
    """

    row: torch.Tensor
    column: torch.Tensor
    inside: torch.Tensor
    a: torch.Tensor
    b: torch.Tensor
    drift: np.ndarray
    half: np.ndarray
    line: float


def draw_vertebrae(canvas: torch.Tensor, spine: Spine, frame: FilmFrame, patient: Anatomy) -> None:
    """Add the attenuation of C3..S1 to `canvas` [H,W] in place."""
    row = frame.project(spine.centre)[:, 1]
    for levels, reach in zip((range(L5 - 4), range(L5 - 4, len(LEVELS))), HALF_PATCH, strict=True):
        size = [int(np.ceil(mm * float(patient.scale) / frame.spacing)) for mm in reach]
        seen = [k for k in levels if frame.top - size[0] < row[k] < frame.top + frame.height + size[0]]
        if seen:
            _draw(canvas, spine, frame, patient, np.array(seen), size)


def _draw(
    canvas: torch.Tensor, spine: Spine, frame: FilmFrame, patient: Anatomy, levels: np.ndarray, size: list[int]
) -> None:
    """Add some `levels`, each on a patch that reaches `size` px up and across from its centre."""
    o = {name: float(patient.organs[name]) for name in ("bone", "spongy", "shell", "posterior")}
    spine = Spine(*(getattr(spine, f.name)[levels] for f in fields(Spine)))
    patch = _patch(spine, frame, size)
    thick = _t(2 * np.linalg.norm(spine.axes[:, 1], axis=-1) * o["bone"])
    value = _body(patch, spine, thick * (0.0105 * o["spongy"]), thick * (0.0062 * o["shell"]))
    value += (_pedicles(patch, levels) + _processes(patch, levels, frame)) * (o["bone"] * o["posterior"])
    flat = (patch.row * canvas.shape[1] + patch.column)[patch.inside]
    canvas.view(-1).scatter_add_(0, flat, value[patch.inside])


def _patch(spine: Spine, frame: FilmFrame, size: list[int]) -> Patch:
    """Patches around the projected centres."""
    ends = frame.project(np.concatenate([spine.centre[:, None], spine.centre[:, None] + spine.axes], 1))
    centre, axes = ends[:, 0], ends[:, 1:] - ends[:, :1]
    inverse = np.linalg.inv(np.stack([axes[:, 0], axes[:, 2]], -1))
    middle = np.rint(centre).astype(np.int64)
    row = torch.from_numpy(middle[:, 1])[:, None, None] + torch.arange(-size[0], size[0] + 1)[:, None]
    col = torch.from_numpy(middle[:, 0])[:, None, None] + torch.arange(-size[1], size[1] + 1)
    dy, dx = row - _t(centre[:, 1]), col - _t(centre[:, 0])
    low, high = (frame.top, frame.left), (frame.top + frame.height, frame.left + frame.width)
    i = _t(inverse.reshape(-1, 4).T)
    return Patch(
        row=row.expand(-1, -1, col.shape[2]),
        column=col.expand(-1, row.shape[1], -1),
        inside=(row >= low[0]) & (row < high[0]) & (col >= low[1]) & (col < high[1]),
        a=i[0] * dx + i[1] * dy,
        b=i[2] * dx + i[3] * dy,
        drift=np.einsum("vij,vj->vi", inverse, axes[:, 1]),
        half=np.linalg.norm(axes[:, ::2], axis=-1),
        line=max(0.75 / frame.spacing, 0.6),
    )


def _t(values: np.ndarray) -> torch.Tensor:
    """Values [..., V] as float32 [..., V, 1, 1]."""
    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))[..., None, None]


def _body(p: Patch, spine: Spine, spongy: torch.Tensor, shell: torch.Tensor) -> torch.Tensor:
    """Vertebral bodies [V,h,w]: the share of the depth that a ray passes, and the shell.

    The shell shows as bright lines: front and back rim of both end-plates, and the side walls.
    """
    taper, wedge, drift, across, along = _t(
        np.stack([spine.taper, spine.wedge, p.drift[:, 1], p.half[:, 0] / p.line, p.half[:, 1] / p.line])
    )
    a = p.a / (1 - taper * p.b)
    side = (a / (1 - 0.09 * (1 - p.b * p.b).clamp_min(0))).abs()
    chord = (1 - side * side).clamp_min(0).sqrt()
    top = 1 + wedge * a
    cover = edge(top - p.b.abs(), drift.abs() * 0.7 + 1 / along)
    rim = drift * chord
    lines = torch.zeros_like(p.a)
    for sign in (1.0, -1.0):
        for front in (1.0, -1.0):
            lines += bell((p.b - sign * top - front * rim) * along)
    walls = bell((side - 0.97) * across)
    cortex = 0.6 * lines * edge((1 - side) * across, 2.0) + 0.9 * walls * cover
    return spongy * chord.pow(0.7) * cover + shell * cortex


def _pedicles(p: Patch, levels: np.ndarray) -> torch.Tensor:
    """Oval rings at the upper outer parts of the bodies [V,h,w]."""
    wide = (np.minimum(column("pedicle_width"), 10.0) / column("upper_width"))[levels]
    tall = (column("pedicle_height") / column("height"))[levels]
    out = np.interp(levels, (T1, T1 + 4, L5 - 4, L5), (0.75, 0.62, 0.66, 0.74))
    centre = np.stack(
        [out, 1.3 * p.drift[:, 0], 1 / wide, 1.3 * p.drift[:, 1] - 0.28, 1 / tall, wide * p.half[:, 0] / p.line]
    )
    across, shift, wide, lift, tall, thin = _t(centre)
    v = (p.b + lift) * tall
    v = v * v
    total = torch.zeros_like(p.a)
    for sign in (1.0, -1.0):
        u = (p.a - sign * across + shift) * wide
        r = (u * u + v).sqrt()
        total += 0.17 * bell((r - 0.95) * thin) + 0.05 * (r < 0.95)
    return total


def _processes(p: Patch, levels: np.ndarray, frame: FilmFrame) -> torch.Tensor:
    """Laminae, transverse, articular and spinous processes [V,h,w]: capsules, brighter at their borders."""
    share = np.clip((levels - (L5 - 5.5)) / 2, 0, 1)
    span = (column("transverse_span") / (column("upper_width") + column("lower_width")))[levels] * 2
    x, y = p.a * _t(p.half[:, 0]), p.b * _t(p.half[:, 1])
    total = torch.zeros_like(p.a)
    for parts in CAPSULES:
        thoracic, lumbar = (np.concatenate([np.ravel(value) for value in part])[None] for part in parts)
        mixed = (1 - share[:, None]) * thoracic + share[:, None] * lumbar
        start, stop, radius, strength = np.split(mixed, (3, 6, 7), axis=1)
        if parts is TRANSVERSE:
            stop[:, 0] = span
        for sign in (1.0, -1.0) if np.any(start[:, 0]) else (1.0,):
            ends = [(end[:, :2] * (sign, 1) + end[:, 2:] * p.drift) * p.half for end in (start, stop)]
            total += _capsule(x, y, ends[0], ends[1], radius[:, 0] / frame.spacing, strength[:, 0], p.line)
    return total


def _capsule(
    x: torch.Tensor,
    y: torch.Tensor,
    start: np.ndarray,
    stop: np.ndarray,
    radius: np.ndarray,
    strength: np.ndarray,
    line: float,
) -> torch.Tensor:
    """Capsules between start and stop [V,2] px with `radius` [V] px, seen at x, y [V,h,w]."""
    u = stop - start
    way = u / np.maximum((u * u).sum(-1, keepdims=True), 1e-6)
    x0, y0, ux, uy, wx, wy, radius_, strength_ = _t(
        np.stack([start[:, 0], start[:, 1], u[:, 0], u[:, 1], way[:, 0], way[:, 1], radius, strength])
    )
    dx, dy = x - x0, y - y0
    t = (dx * wx + dy * wy).clamp(0, 1)
    r = ((dx - t * ux).square() + (dy - t * uy).square()).sqrt()
    return strength_ * (0.55 * edge(radius_ - r, line) + 0.6 * bell((r - 0.9 * radius_) * (1 / line)))
