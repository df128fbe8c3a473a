"""The spine seen from the side: the same vertebrae as in `spine`, turned by 90 degrees, with C2 on top.

Axes of the turned space in mm: u along the film (the patient's front, or back, to the right), d towards the tube (the
patient's left), z up. Sizes of C2 (body 17 mm high, dens 16 mm high and 10.5 mm deep) are round values of an adult as
in the other tables (see `morphometry`), scaled by C3 of the patient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.morphometry import LEVELS as BELOW_C2
from spinelib.phantom.spine import pose

LATERAL_LEVELS = ("C2", *BELOW_C2)
C2, C3, C7, T1, T12, L1, L5, S1 = (
    LATERAL_LEVELS.index(name) for name in ("C2", "C3", "C7", "T1", "T12", "L1", "L5", "S1")
)
C2_HEIGHT, DENS_HEIGHT, DENS_DEPTH = 17.0, 16.0, 10.5
# Front over back height of a body, less one and halved: lumbar bodies are higher in front, those of the chest behind.
WEDGE = np.interp(
    np.arange(len(LATERAL_LEVELS)),
    (C2, C7, T1, T12, L1, L5 - 1, L5, S1),
    (-0.02, -0.03, -0.03, -0.03, -0.02, 0.03, 0.07, 0.02),
)


@dataclass(frozen=True)
class LateralSpine:
    """C2..S1 of one patient from the side, 24 levels.

    centre float64 [24,3] mm (u, d, z); front, left, up [24,3]: unit vectors; half [24,3]: half width, depth and height
    in mm; taper [24]: how much deeper a body is below than above, as a fraction; wedge [24] as WEDGE; scale of the
    patient; facing: 1 where the front of the body is on the right of the film, else -1.
    """

    centre: np.ndarray
    front: np.ndarray
    left: np.ndarray
    up: np.ndarray
    half: np.ndarray
    taper: np.ndarray
    wedge: np.ndarray
    scale: float
    facing: int

    def place(self, level: int, points: np.ndarray, out: float | np.ndarray = 0.0) -> np.ndarray:
        """Points [...,3] of the turned space from `points` [...,2]: mm in front of and above the middle of a vertebra.

        `out`: mm to the patient's left.
        """
        forward, upward = points[..., :1], points[..., 1:]
        out = np.broadcast_to(np.asarray(out, float), points.shape[:-1])[..., None]
        return self.centre[level] + forward * self.front[level] + upward * self.up[level] + out * self.left[level]

    def at(self, forward: np.ndarray, z: np.ndarray, out: float | np.ndarray = 0.0) -> np.ndarray:
        """Points [...,3] of the turned space from mm to the front, up and to the left, all from the middle of S1."""
        forward, z, out = np.broadcast_arrays(forward, z, out)
        return np.stack([self.facing * forward, out, z], -1).astype(float)

    def height(self, level: float) -> float:
        """Z (mm) at a fractional level, C2 = 0."""
        return float(np.interp(level, np.arange(len(LATERAL_LEVELS)), self.centre[:, 2]))

    def wall(self, z: np.ndarray, share: float) -> np.ndarray:
        """Y (mm before the middle of S1) of the bodies at heights `z`: `share` 1 front wall, 0 middle, -1 back wall."""
        line = self.facing * self.centre[:, 0] + share * self.half[:, 1]
        return np.interp(z, self.centre[::-1, 2], line[::-1])


def lateral_spine(patient: Anatomy, facing: int, flexion: float = 0.0) -> LateralSpine:
    """One patient (an Anatomy without patient axis) from the side; `flexion` of the cervical spine in radians at C2."""
    bend = np.interp(np.arange(len(BELOW_C2)), (0, BELOW_C2.index("T1")), (flexion, 0.0))
    spine = pose(replace(patient, sagittal=patient.sagittal + bend))
    size = np.linalg.norm(spine.axes, axis=-1)
    unit = spine.axes / size[..., None]
    top, grown = _axis(unit, flexion), float(size[0, 2] * 2 / 11.6)
    taper = (patient.lower_depth - patient.upper_depth) / (patient.lower_depth + patient.upper_depth)
    half2 = np.array([size[0, 0], size[0, 1] * 0.98, C2_HEIGHT * grown / 2])
    step = size[0, 2] + 0.95 * patient.disc_below[0] + half2[2]
    centre = np.vstack([spine.centre[0] + step * _between(top[2], unit[0, 2]), spine.centre])
    axes = np.concatenate([top[None], unit])
    return LateralSpine(
        centre=_turn(centre, facing),
        front=_turn(axes[:, 1], facing),
        left=_turn(axes[:, 0], facing),
        up=_turn(axes[:, 2], facing),
        half=np.vstack([half2, size]),
        taper=np.append(0.02, taper),
        wedge=WEDGE,
        scale=float(patient.scale),
        facing=facing,
    )


def _turn(vectors: np.ndarray, facing: int) -> np.ndarray:
    return np.stack([facing * vectors[:, 1], vectors[:, 0], vectors[:, 2]], -1)


def _axis(unit: np.ndarray, flexion: float) -> np.ndarray:
    """Unit vectors [3,3] of C2: those of C3, tipped back a little (the cervical curve goes on)."""
    angle = np.radians(-4.0) + flexion / 5
    left, front, up = unit[0]
    c, s = np.cos(angle), np.sin(angle)
    return np.stack([left, c * front - s * up, c * up + s * front])


def _between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return (a + b) / np.linalg.norm(a + b)


def body_ring(side: LateralSpine, level: int, lip: float = 0.0, shrink: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Outline [P,2] of a body in its own mid-plane: mm in front of and above its middle, C2 with its dens.

    `lip`: how far spurs stand out at the front corners, as a share of the half depth; `shrink` scales the front and
    the back half of the depth (outlines of slices beside the mid-plane).
    """
    deep, tall = side.half[level, 1], side.half[level, 2]
    t = np.linspace(-1, 1, 9)
    # Corners are rounded, end-plates and walls hollow.
    end = 1 - 0.07 * (1 - t**2) - 0.05 * np.abs(t) ** 12
    upper = np.stack([t, end], -1)
    lower = np.stack([t[::-1], -end[::-1]], -1)
    u = np.linspace(0.82, -0.82, 6)
    front = np.stack([1 - 0.09 * (1 - u**2) + lip * np.abs(u) ** 6, u], -1)
    back = np.stack([-1 + 0.07 * (1 - u[::-1] ** 2), u[::-1]], -1)
    ring = np.concatenate([upper, front, lower, back])
    if level == C2:
        ring = np.concatenate([_dens(side), front, lower, back])
    wide = 1 - side.taper[level] * ring[:, 1].clip(-1, 1)
    high = 1 + side.wedge[level] * ring[:, 0].clip(-1, 1)
    part = np.where(ring[:, 0] > 0, shrink[0], shrink[1])
    return np.stack([ring[:, 0] * wide * part * deep, ring[:, 1] * high * tall], -1)


def _dens(side: LateralSpine) -> np.ndarray:
    """Upper border of C2 [P,2] in halves of its body: shoulders and the dens between them, from back to front."""
    grown = 2 * side.half[C2, 2] / C2_HEIGHT
    reach, wide = DENS_HEIGHT * grown / side.half[C2, 2], DENS_DEPTH * grown / 2 / side.half[C2, 1]
    turn = np.linspace(np.pi, 0, 9)
    middle = 0.22 + 0.06 * (1 - np.sin(turn))
    tip = np.stack([middle + wide * np.cos(turn), 1 + reach * (0.72 + 0.28 * np.sin(turn))], -1)
    feet = np.array([[0.22 - 0.85 * wide, 1.05], [0.22 + 0.9 * wide, 1.05]])
    return np.concatenate([[[-0.98, 0.62], [-0.7, 0.95]], feet[:1], tip, feet[1:], [[0.9, 0.92]]])


def corners(side: LateralSpine, level: int) -> np.ndarray:
    """Corners [4,3] of a body (turned space, mm): upper left, upper right, lower left, lower right on the film.

    Those of C2 are the corners of its body without the dens.
    """
    across = np.array([-1.0, 1.0, -1.0, 1.0]) * side.facing
    along = np.array([1.0, 1.0, -1.0, -1.0])
    wide, high = 1 - side.taper[level] * along, 1 + side.wedge[level] * across
    points = np.stack([across * wide * side.half[level, 1], along * high * side.half[level, 2]], -1)
    return side.place(level, points)
