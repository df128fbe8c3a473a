"""Ribs, clavicles, shoulder blades and pelvis on the film."""

from __future__ import annotations

import numpy as np
import torch

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.fields import bell, edge, fractal, smooth_noise
from spinelib.phantom.morphometry import S1, T1, at_level
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.ribbons import ribbons, soft, tube
from spinelib.phantom.spine import Spine
from spinelib.phantom.trunk import Trunk

# Half-width of the rib cage at each rib (share of the widest) and how far it runs round, in degrees from the
# back.
RIB_WIDTH = np.array([0.40, 0.60, 0.74, 0.84, 0.91, 0.96, 0.99, 1.0, 0.99, 0.95, 0.88, 0.78])
RIB_END = np.array([140, 148, 150, 150, 150, 150, 148, 140, 130, 120, 80, 58])


def draw_ribs(canvas: torch.Tensor, spine: Spine, frame: FilmFrame, patient: Anatomy, trunk: Trunk) -> None:
    """Add 12 pairs of ribs to `canvas` [H,W] in place: ellipses in tilted planes, hung on their vertebrae."""
    o = patient.organs
    points = np.concatenate([rib_lines(spine, patient, trunk, side) for side in (-1.0, 1.0)])
    # Lower ribs are thinner, and scatter from the belly veils them.
    veil = np.tile(np.interp(np.arange(12), (5, 9), (1.0, 0.45)), 2)
    strength = float(o["rib_density"] * o["bone"]) * veil * np.exp(0.15 * o["ribs"][:, :, 2].T.reshape(-1))
    fade = np.linspace(1.15, 0.75, points.shape[1])[None] * strength[:, None]
    half = float(o["rib_width"]) / frame.spacing * np.linspace(0.8, 1.15, points.shape[1])[None].repeat(24, 0)
    ribbons(canvas, _t(frame.project(points)), _t(half), _t(fade), tube)


def rib_lines(spine: Spine, patient: Anatomy, trunk: Trunk, side: float, nodes: int = 40) -> np.ndarray:
    """Centre lines of the 12 ribs of one side (+1 the patient's left): [12, nodes, 3] mm."""
    o = patient.organs
    level = slice(T1, T1 + 12)
    vary = o["ribs"][:, 0 if side < 0 else 1]
    head = (
        spine.centre[level]
        + side * 0.9 * spine.axes[level, 0]
        - 1.2 * spine.axes[level, 1]
        + 0.7 * spine.axes[level, 2]
    )
    turn = np.radians(np.linspace(0, 1, nodes)[None] * (RIB_END[:, None] - 8) + 8)
    wide = (RIB_WIDTH * float(o["chest_width"] - 0.8 * o["fat"]))[:, None]
    deep = float(o["chest_depth"]) * 0.47 * np.sqrt(RIB_WIDTH)[:, None]
    out = np.sin(turn) - np.sin(turn[:, :1])
    # From its own vertebra the rib passes over to the trunk, which need not follow the spine.
    base = head[:, None, 0] * (1 - np.sin(turn)) + trunk.middle_at(head[:, 2])[:, None] * np.sin(turn)
    x = base + side * wide * out
    y = head[:, None, 1] + deep * (np.cos(turn[:, :1]) - np.cos(turn))
    slope = (
        float(o["rib_slope"]) * (1 + 0.06 * vary[:, :1])
        + np.interp(np.arange(12), (0, 2, 9, 11), (0.1, 0, 0.1, 0.5))[:, None]
    )
    lean = 0.6 * np.sin(spine.tilt[level])[:, None] * side * wide * out
    fall = (float(o["rib_fall"]) + np.linspace(0, 0.3, 12)[:, None] ** 1.5) * wide * np.sin(np.minimum(turn, np.pi / 2))
    z = head[:, None, 2] - slope * deep * (1 - np.cos(turn)) - fall - lean + 2.0 * vary[:, 1:2] * out
    return np.stack([x, y, z], -1)


def draw_girdle(canvas: torch.Tensor, spine: Spine, frame: FilmFrame, patient: Anatomy, trunk: Trunk) -> None:
    """Add clavicles and the inner borders of the shoulder blades to `canvas` in place."""
    o, scale = patient.organs, float(patient.scale)
    t = np.linspace(0, 1, 24)
    z = at_level(spine.centre[:, 2], T1 + 2.2)
    middle = float(trunk.middle_at(np.array([z]))[0])
    lines, half, weight = [], [], []
    for side in (-1.0, 1.0):
        x = middle + side * scale * (14 + 150 * t)
        rise = scale * (150 * t * float(o["clavicle_slope"]) + 9 * np.sin(2 * np.pi * t) + 0.1 * side * 30 * t)
        lines.append(np.stack([x, np.full_like(t, 60.0), z + rise], -1))
        half.append(scale * (6.5 - 2.0 * np.sin(np.pi * t)))
        weight.append(np.full_like(t, 0.34 * float(o.get("clavicle", 1.0))))
        blade = np.stack(
            [
                middle + side * scale * (92 + 40 * (t - 0.5) ** 2),
                np.full_like(t, -80.0),
                z + 15 - 130 * scale * t,
            ],
            -1,
        )
        lines.append(blade)
        half.append(np.full_like(t, 3.0))
        weight.append(np.full_like(t, 0.07))
    bone = float(o["bone"])
    ribbons(
        canvas,
        _t(frame.project(np.stack(lines))),
        _t(np.stack(half) / frame.spacing),
        _t(np.stack(weight) * bone),
        tube,
    )


def draw_pelvis(
    canvas: torch.Tensor, spine: Spine, frame: FilmFrame, patient: Anatomy, generator: torch.Generator
) -> None:
    """Add iliac wings and sacrum to `canvas` in place; irregular, because no two films show them alike."""
    o, scale = patient.organs, float(patient.scale)
    height, width = canvas.shape
    crest = at_level(spine.centre[:, 2], S1 - 1.5 + float(o["crest_level"])) - 4 * scale
    first = int(np.clip((frame.origin[1] - crest - 20) / frame.spacing, 0, height))
    if height - first < 4:
        return
    part = (height - first, width)
    z = torch.from_numpy(frame.rows(height)[first:]).float()[:, None]
    x = torch.from_numpy(frame.columns(width)).float()[None] - float(spine.centre[S1, 0])
    grain = fractal(part, 24, 3, generator)
    wander = 5.0 * smooth_noise(part, 8, generator)
    out = (x.abs() / scale - 88.0) / 48.0
    top = crest - 34 * scale * float(o["crest_curve"]) * out**2 + wander
    inner = x.abs() - scale * (44 + 0.10 * (crest - z)) + wander
    wing = edge(top - z, 2.5) * edge(inner, 5.0)
    rim = bell((top - z - 3.0) / 3.2) * edge(inner, 5.0)
    sacral = scale * (47 - 0.33 * (-z).clamp_min(-10)) - x.abs() + wander
    sacrum = edge(sacral, 6.0) * edge(8.0 - z, 8.0)
    total = wing * (0.22 + 0.05 * grain) + 0.16 * rim + sacrum * (0.16 + 0.06 * grain)
    canvas[first:] += float(o["bone"]) * total


def draw_vessels(canvas: torch.Tensor, roots: np.ndarray, frame: FilmFrame, draw: np.random.Generator) -> None:
    """Add lung vessels to `canvas` in place: branches fan out from the hila `roots` [K,2], mm (x, z)."""
    t = np.linspace(0, 1, 12)
    count = 16
    lines, half = [], []
    for x, z in roots:
        turn = draw.uniform(-1.3, 1.3, count) + (0 if x > roots[:, 0].mean() else np.pi)
        reach = draw.uniform(40, 130, count)
        bow = draw.normal(0, 0.5, count)
        angle = turn[:, None] + bow[:, None] * t
        dx, dz = (np.cumsum(f(angle), 1) / len(t) * reach[:, None] for f in (np.cos, np.sin))
        lines.append(np.stack([x + dx, z + dz], -1))
        half.append(draw.uniform(1.5, 4.0, count)[:, None] * (1.1 - 0.85 * t))
    points = np.concatenate(lines)
    pixels = np.stack([(points[..., 0] - frame.origin[0]), (frame.origin[1] - points[..., 1])], -1) / frame.spacing
    wide = np.concatenate(half)
    ribbons(canvas, _t(pixels), _t(wide / frame.spacing), _t(0.018 * wide), soft)


def _t(values: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(np.ascontiguousarray(values)).float()
