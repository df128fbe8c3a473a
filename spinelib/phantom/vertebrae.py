"""Vertebrae on the film: bodies with end-plates, pedicles, laminae and processes, one local patch per vertebra.

Every pixel of a patch is expressed in the vertebra's own axes (a across, b along, c front to back, units of half the body),
through the projection of its 3-D axes. Rotation and forward lean therefore move the pedicles and open the end-plates
into ellipses as they do on a film.
"""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.fields import bell, edge
from spinelib.phantom.morphometry import L5, LEVELS, T1, column
from spinelib.phantom.projection import Frame
from spinelib.phantom.spine import Spine

HALF_PATCH = (36.0, 54.0)  # mm up and across, for an average adult
# Posterior parts as capsules (a, b, c of both ends, radius in mm, strength); a is mirrored. Chest, then loin.
CAPSULES = {
    "lamina": (
        ((0.55, -0.1, -2.0), (0.05, -0.9, -2.5), 3.6, 0.10),
        ((0.55, -0.2, -2.2), (0.08, -0.9, -2.6), 4.5, 0.12),
    ),
    "transverse": (
        ((0.8, 0.3, -1.7), (1.0, 0.55, -2.3), 3.6, 0.14),
        ((0.9, 0.1, -1.6), (1.0, 0.15, -1.9), 3.2, 0.10),
    ),
    "facet": (
        ((0.5, 1.0, -1.9), (0.55, -0.7, -2.1), 3.4, 0.07),
        ((0.62, 1.25, -2.0), (0.55, -1.35, -2.2), 4.6, 0.14),
    ),
    "spinous": (
        ((0.0, -1.0, -2.8), (0.0, -1.9, -3.6), 2.4, 0.13),
        ((0.0, -0.5, -2.8), (0.0, -1.0, -3.6), 2.8, 0.18),
    ),
}


def draw_vertebrae(canvas: torch.Tensor, spine: Spine, frame: Frame, patient: Anatomy) -> None:
    """Add the attenuation of C3..S1 to `canvas` [H,W] in place."""
    plane = _plane(spine, frame, float(patient.scale))
    thick = torch.from_numpy(2 * np.linalg.norm(spine.axes[:, 1], axis=-1)).float()[:, None, None]
    bone = float(patient.organs["bone"])
    value = _body(plane, spine) * (thick * 0.0105 * bone * float(patient.organs["spongy"]))
    value += _cortex(plane, spine) * (thick * 0.0062 * bone * float(patient.organs["shell"]))
    value += (_pedicles(plane) + _processes(plane, frame)) * (bone * float(patient.organs["posterior"]))
    width = canvas.shape[1]
    flat = (plane["row"] * width + plane["column"])[plane["inside"]]
    canvas.view(-1).scatter_add_(0, flat, value[plane["inside"]])


def _plane(spine: Spine, frame: Frame, scale: float) -> dict[str, torch.Tensor]:
    """Patch pixels (row, column, inside) [V,h,w] and their body coordinates a, b; the drift of a and b with depth, sizes."""
    ends = frame.project(np.concatenate([spine.centre[:, None], spine.centre[:, None] + spine.axes], 1))
    centre, axes = ends[:, 0], ends[:, 1:] - ends[:, :1]
    inverse = np.linalg.inv(np.stack([axes[:, 0], axes[:, 2]], -1))
    drift = np.einsum("vij,vj->vi", inverse, axes[:, 1])
    reach = [int(np.ceil(mm * scale / frame.spacing)) for mm in HALF_PATCH]
    middle = np.rint(centre).astype(np.int64)
    row = torch.from_numpy(middle[:, 1])[:, None, None] + torch.arange(-reach[0], reach[0] + 1)[:, None]
    col = torch.from_numpy(middle[:, 0])[:, None, None] + torch.arange(-reach[1], reach[1] + 1)
    dy, dx = row - _v(centre[:, 1]), col - _v(centre[:, 0])
    low, high = (frame.top, frame.left), (frame.top + frame.height, frame.left + frame.width)
    half = np.linalg.norm(axes, axis=-1)
    return {
        "row": row.expand(-1, -1, col.shape[2]),
        "column": col.expand(-1, row.shape[1], -1),
        "inside": (row >= low[0]) & (row < high[0]) & (col >= low[1]) & (col < high[1]),
        "a": _v(inverse[:, 0, 0]) * dx + _v(inverse[:, 0, 1]) * dy,
        "b": _v(inverse[:, 1, 0]) * dx + _v(inverse[:, 1, 1]) * dy,
        "drift_a": _v(drift[:, 0]),
        "drift_b": _v(drift[:, 1]),
        "across": _v(half[:, 0]),
        "along": _v(half[:, 2]),
        "line": torch.tensor(max(0.75 / frame.spacing, 0.6)),
    }


def _v(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()[:, None, None]


def _body(p: dict[str, torch.Tensor], spine: Spine) -> torch.Tensor:
    """Share of the body's depth that each pixel's ray passes, 0 to 1."""
    a, b = p["a"] / (1 - _v(spine.taper) * p["b"]), p["b"]
    p["side"] = side = a / (1 - 0.09 * (1 - b * b).clamp_min(0))
    p["chord"] = chord = (1 - side * side).clamp_min(0).sqrt()
    p["top"] = 1 + _v(spine.wedge) * a
    softness = p["drift_b"].abs() * 0.7 + p["line"] / p["along"]
    p["cover"] = edge(p["top"] - b.abs(), softness)
    return chord.pow(0.7) * p["cover"]


def _cortex(p: dict[str, torch.Tensor], spine: Spine) -> torch.Tensor:
    """Bright lines: front and back rim of both end-plates, and the side walls."""
    near = edge((1 - p["side"].abs()) * p["across"], 2 * p["line"])
    rim = p["drift_b"] * p["chord"]
    lines = torch.zeros_like(near)
    for sign in (1.0, -1.0):
        for front in (1.0, -1.0):
            off = (p["b"] - sign * p["top"] - front * rim) * (p["along"] / p["line"])
            lines += 0.6 * bell(off)
    walls = (p["side"].abs() - 0.97) * (p["across"] / p["line"])
    return lines * near + 0.9 * bell(walls) * p["cover"]


def _pedicles(p: dict[str, torch.Tensor]) -> torch.Tensor:
    """Oval rings at the upper outer parts of the body."""
    wide = _v(np.minimum(column("pedicle_width"), 10.0) / column("upper_width"))
    tall = _v(column("pedicle_height") / column("height"))
    out = _v(np.interp(np.arange(len(LEVELS)), (T1, T1 + 4, L5 - 4, L5), (0.75, 0.62, 0.66, 0.74)))
    total = torch.zeros_like(p["a"])
    for sign in (1.0, -1.0):
        u = (p["a"] - sign * out + 1.3 * p["drift_a"]) / wide
        v = (p["b"] - 0.28 + 1.3 * p["drift_b"]) / tall
        r = (u * u + v * v).sqrt()
        ring = (r - 0.95) * (wide * p["across"] / p["line"])
        total += 0.17 * bell(ring) + 0.05 * (r < 0.95)
    return total


def _processes(p: dict[str, torch.Tensor], frame: Frame) -> torch.Tensor:
    """Laminae, transverse, articular and spinous processes as soft capsules with brighter borders."""
    loin = np.clip((np.arange(len(LEVELS)) - (L5 - 5.5)) / 2, 0, 1)
    reach = column("transverse_span") / (column("upper_width") + column("lower_width")) * 2
    total = torch.zeros_like(p["a"])
    for name, (chest, lumbar) in CAPSULES.items():
        start, stop = (
            np.array(chest[k])[None] * (1 - loin[:, None]) + np.array(lumbar[k])[None] * loin[:, None]
            for k in (0, 1)
        )
        radius, strength = (_v(chest[k] * (1 - loin) + lumbar[k] * loin) for k in (2, 3))
        if name == "transverse":
            stop[:, 0] = reach
        for sign in (1.0, -1.0) if name != "spinous" else (1.0,):
            total += strength * _capsule(p, start * (sign, 1, 1), stop * (sign, 1, 1), radius / frame.spacing)
    return total


def _capsule(
    p: dict[str, torch.Tensor], start: np.ndarray, stop: np.ndarray, radius: torch.Tensor
) -> torch.Tensor:
    """Profile of a capsule between two points [V,3] (a, b, c) with `radius` [V,1,1] px: bright border, weaker inside."""
    a0, b0 = (_v(start[:, k]) + _v(start[:, 2]) * p[d] for k, d in ((0, "drift_a"), (1, "drift_b")))
    a1, b1 = (_v(stop[:, k]) + _v(stop[:, 2]) * p[d] for k, d in ((0, "drift_a"), (1, "drift_b")))
    ux, uy = (a1 - a0) * p["across"], (b1 - b0) * p["along"]
    dx, dy = (p["a"] - a0) * p["across"], (p["b"] - b0) * p["along"]
    t = ((dx * ux + dy * uy) / (ux * ux + uy * uy).clamp_min(1e-6)).clamp(0, 1)
    r = ((dx - t * ux) ** 2 + (dy - t * uy) ** 2).sqrt()
    border = (r - radius * 0.9) / p["line"]
    return 0.55 * edge(radius - r, p["line"]) + 0.6 * bell(border)
