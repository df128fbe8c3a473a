"""Vertebrae on a lateral film: bodies in slices, and the parts behind them.

A body is drawn as three slices across its width, each with its own cone-beam projection. End-plates of a leaning or
turned vertebra therefore show as two lines, as on a film. What lies behind (pedicles, articular pillars, laminae,
spinous processes) is drawn once per side of the patient. Proportions are ours, after atlases of plain films.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch

from spinelib.phantom.plates import plate, rounded
from spinelib.phantom.projection import FilmFrame
from spinelib.phantom.sagittal import C2, C7, L1, L5, S1, LateralSpine, body_ring

SLICES = ((-0.72, 0.3), (0.0, 0.4), (0.72, 0.3))  # place across the width, share of the bone
RIM = 0.75  # mm, width of a cortical line
Part = tuple[np.ndarray, float, float, float]  # outline [P,2] mm, distance from the mid-plane, fill, rim


def draw_lateral_vertebrae(
    canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float], levels: range
) -> None:
    """Add the vertebrae `levels` (positions in C2..S1) to `canvas` [H,W] in place; `organs` as in `organs.SCALARS`."""
    line = max(RIM / frame.spacing, 0.6)
    for level in levels:
        _body(canvas, side, frame, organs, level, line)
        strength = organs["bone"] * np.clip(organs["posterior"], 0.3, 2.0)
        for ring, out, fill, rim in _behind(side, level):
            for sign in (-1.0, 1.0) if out else (0.0,):
                points = frame.project(side.place(level, ring, sign * out))
                plate(canvas, points, fill * strength, rim * strength, line)


def _body(
    canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float], level: int, line: float
) -> None:
    """Inside and shell of one body: as much bone as a ray along its width passes."""
    thick = 2 * side.half[level, 0] * organs["bone"]
    # The small cervical bodies are denser than lumbar ones.
    thick *= 1.7 if level <= C7 else 1.0
    spongy, shell = thick * 0.0105 * organs["spongy"], thick * 0.0062 * organs["shell"]
    # Only old bodies have spurs.
    lip = 0.25 * float(np.clip(organs["jaw"] - 1.1, 0.0, 1.0))
    for place, share in SLICES:
        # In cross-section the front is round, the wall of the canal nearly flat.
        shrink = ((1 - abs(place) ** 2.2) ** 0.5, (1 - abs(place) ** 4) ** 0.5)
        ring = body_ring(side, level, lip if not place else 0.0, shrink)
        points = frame.project(side.place(level, ring, place * side.half[level, 0]))
        plate(canvas, points, 1.1 * spongy * share, 1.25 * shell * share, line)


def _behind(side: LateralSpine, level: int) -> Iterator[Part]:
    parts: Callable[[LateralSpine, int], Iterator[Part]] = (
        _cervical if level <= C7 else _lumbar if level >= L1 - 1 else _thoracic
    )
    return parts(side, level) if level != S1 else iter(())


def _cervical(side: LateralSpine, level: int) -> Iterator[Part]:
    """C2..C7: pillars that stand slanting on each other, laminae, spinous processes that grow downwards."""
    s, deep, tall = side.scale, side.half[level, 1], side.half[level, 2] / side.scale
    grow = (level - C2) / 5
    low = tall if level > C2 else 0.8 * tall
    pillar = [
        (1.5, low * 0.75),
        (-6, low * 1.45),
        (-12.5, low * 0.55),
        (-12, -low * 1.35),
        (-5, -low * 0.75),
        (1.5, -low * 0.5),
    ]
    yield _ring(pillar, s, -deep), 0.85 * side.half[level, 0] + 8 * s, 0.07, 0.07
    canal = -deep - 17 * s
    lamina = [(0, 6), (-3.5, 5), (-5.5, -4), (-2, -7), (0.5, -5)]
    yield _ring(lamina, s, canal), 7 * s, 0.06, 0.06
    length = (24 if level == C2 else np.interp(grow, (0.2, 0.6, 1.0), (13, 17, 30))) * s
    thick = 7.5 if level == C2 else 4.5 + 1.5 * grow
    drop = np.interp(grow, (0, 0.2, 1.0), (0.35, 0.45, 0.5)) * length
    spine = [
        (0, 4),
        (-0.55 * length / s, 4 - 0.35 * drop / s),
        (-length / s, 3 - drop / s),
        (-length / s - 1.5, -drop / s - thick * 0.6),
        (-length / s + 1.5, -drop / s - thick),
        (-0.4 * length / s, -0.4 * drop / s - thick),
        (0, -6),
    ]
    yield _ring(spine, s, canal - 3 * s), 0.0, 0.16, 0.12


def _thoracic(side: LateralSpine, level: int) -> Iterator[Part]:
    """T1..T11: pedicles, articular processes, spinous processes that hang down."""
    s, deep, tall = side.scale, side.half[level, 1], side.half[level, 2] / side.scale
    pedicle = [(1, 0.9 * tall), (-8, 0.85 * tall), (-8, 0.1 * tall), (1, 0.1 * tall)]
    yield _ring(pedicle, s, -deep), 8 * s, 0.06, 0.07
    joint = [(-7, 1.3 * tall), (-12, 1.2 * tall), (-14, -1.2 * tall), (-10, -1.3 * tall), (-8, -0.3 * tall)]
    yield _ring(joint, s, -deep), 9 * s, 0.06, 0.05
    spine = [(-15, 2), (-20, -2), (-44, -30), (-42, -34), (-17, -14)]
    yield _ring(spine, s, -deep), 0.0, 0.10, 0.09


def _lumbar(side: LateralSpine, level: int) -> Iterator[Part]:
    """T12..L5: strong pedicles, upper and lower articular processes, broad spinous processes."""
    s, deep, tall = side.scale, side.half[level, 1], side.half[level, 2] / side.scale
    out = 0.55 * side.half[level, 0]
    pedicle = [
        (1.5, 0.88 * tall),
        (-5, 0.8 * tall),
        (-10, 0.9 * tall),
        (-11, 0.05 * tall),
        (-5, 0.12 * tall),
        (1.5, 0.0),
    ]
    yield _ring(pedicle, s, -deep), out, 0.13, 0.15
    upper = [(-8, 0.5 * tall), (-8.5, 1.0 * tall), (-11, 1.45 * tall), (-15, 1.35 * tall), (-16.5, 0.4 * tall)]
    yield _ring(upper, s, -deep), 1.1 * out, 0.09, 0.11
    lower = [
        (-11, 0.3 * tall),
        (-17, 0.35 * tall),
        (-22, -0.8 * tall),
        (-21, -1.55 * tall),
        (-16.5, -1.6 * tall),
        (-13.5, -0.7 * tall),
    ]
    yield _ring(lower, s, -deep), 0.9 * out, 0.10, 0.11
    length = 30 if level < L5 else 22
    spine = [(0, 3), (-0.7 * length, 1), (-length, -3), (-length - 1, -18), (-length + 4, -20), (-8, -15), (0, -12)]
    yield _ring(spine, s, -deep - 21 * s), 0.0, 0.14, 0.12


def draw_atlas(canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float]) -> None:
    """Add C1 to `canvas` in place: its front arch before the dens, its lateral masses and its back arch."""
    s, line = side.scale, max(RIM / frame.spacing, 0.6)
    tall = side.half[C2, 2] / s
    dens = tall + 9.0
    turn = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    circle = np.stack([np.cos(turn), np.sin(turn)], -1)
    parts = [
        (circle * (3.4, 5.6) + (10.5, dens - 1), 0.0, 0.22, 0.16),
        (circle * (9.5, 7.5) + (0, dens - 3), 17.0, 0.06, 0.05),
        (circle * (10, 2.6) + (-21, dens - 3), 12.0, 0.07, 0.06),
        (circle * (3.0, 4.2) + (-30, dens - 4), 0.0, 0.20, 0.16),
    ]
    for ring, out, fill, rim in parts:
        for sign in (-1.0, 1.0) if out else (0.0,):
            points = frame.project(side.place(C2, ring * s, sign * out * s))
            plate(canvas, points, fill * organs["bone"], rim * organs["bone"], line)


def draw_sacrum(canvas: torch.Tensor, side: LateralSpine, frame: FilmFrame, organs: dict[str, float]) -> None:
    """Add what hangs below and behind the body of S1 to `canvas` in place: S2..S4, their wings and crest."""
    line, bone = max(RIM / frame.spacing, 0.6), organs["bone"]
    deep, tall, s = side.half[S1, 1], side.half[S1, 2], side.scale
    size = tall * np.array([2.0, 1.8, 1.6, 1.3])
    middle = np.zeros((4, 2))
    for k in range(1, 4):
        lean = np.radians(13.0 * k)
        c, n = np.cos(lean), np.sin(lean)
        middle[k] = middle[k - 1] - (size[k - 1] + size[k]) / 2 * np.array([n, c])
        half = np.array([deep * (0.72 - 0.14 * k), size[k] / 2 - 1.0 * s])
        box = np.array([(-1, 1), (1, 0.94), (0.9, -1), (-1, -0.94)]) * half
        ring = box @ np.array([[c, -n], [n, c]]) + middle[k]
        plate(canvas, frame.project(side.place(S1, ring)), 0.16 * bone, 0.14 * bone, line)
    back = np.array([-deep - 16 * s, 0.0])
    wings = np.concatenate([middle + np.array([0.5 * deep, 0.0]), middle[::-1] + back]) + np.array([0.0, 0.3 * tall])
    for sign in (-1.0, 1.0):
        plate(canvas, frame.project(side.place(S1, wings, sign * 26 * s)), 0.10 * bone, 0.03 * bone, 3 * line)
    # Behind the canal the crest closes it.
    crest = np.concatenate([middle + back, middle[::-1] + back - np.array([6 * s, 0.0])])
    plate(canvas, frame.project(side.place(S1, crest)), 0.12 * bone, 0.10 * bone, line)


def _ring(points: Sequence[Sequence[float]], scale: float, forward: float) -> np.ndarray:
    """Outline [P,2] in mm from points of an average adult, the first coordinate counted from `forward` mm."""
    return rounded(np.asarray(points, float) * scale + (forward, 0.0))
