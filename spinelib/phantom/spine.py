"""The spine in space: positions, orientation and end-plates of C3..S1 for one patient and one view.

Axes in mm: x to the patient's left (image right), y to the front, z up; the middle of S1 is the origin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from spinelib.phantom import curves
from spinelib.phantom.morphometry import LABELLED, LEVELS, S1, T1

if TYPE_CHECKING:
    from spinelib.phantom.anatomy import Anatomy

SIDES = {"coronal": 0, "left_bending": 1, "right_bending": -1}
# No vertebra leans further on bending: beyond it bodies would lie on their sides, and the one below would come to lie
# above on the film.
STEEPEST = np.radians(80.0)


@dataclass(frozen=True)
class Spine:
    """One patient's vertebrae in one view.

    centre float64 [23,3] mm; axes [23,3,3]: half-width, half-depth and half-height vectors (to the left,
    front, up) in mm; taper, wedge [23]: widening downwards and extra half-height on the left, as fractions;
    tilt [23] coronal lean, radians.
    """

    centre: np.ndarray
    axes: np.ndarray
    taper: np.ndarray
    wedge: np.ndarray
    tilt: np.ndarray

    def corners(self, width: float | np.ndarray = 1.0, height: float = 1.0) -> np.ndarray:
        """Corners [23,4,3] mm (TL, TR, BL, BR) of each body in its own coronal mid-plane.

        `width` (one factor or one per level) and `height` scale them about the centre.
        """
        a = np.array([-1.0, 1.0, -1.0, 1.0])[None]
        b = np.array([1.0, 1.0, -1.0, -1.0])[None]
        across = a * np.reshape(width, (-1, 1)) * (1 - self.taper[:, None] * b)
        along = b * height * (1 + self.wedge[:, None] * a)
        return (
            self.centre[:, None] + across[..., None] * self.axes[:, None, 0] + along[..., None] * self.axes[:, None, 2]
        )


def pose(patient: Anatomy, view: str = "coronal") -> Spine:
    """Spine of one patient (an Anatomy without patient axis) standing, or bending to the left or right.

    Raises KeyError for an unknown view.
    """
    side = SIDES[view]
    tilt, twist, curvature = coronal(patient, side)
    axes = frames(tilt, patient.sagittal, twist)
    half = np.stack(
        [
            (patient.upper_width + patient.lower_width) / 4,
            (patient.upper_depth + patient.lower_depth) / 4,
            patient.height / 2,
        ],
        axis=-1,
    )
    centre = stack_up(axes[:, 2], patient.height, patient.disc_below)
    wedge = np.clip(patient.wedge_share * curvature * half[:, 0] / half[:, 2] / 2, -0.25, 0.25)
    taper = (patient.lower_width - patient.upper_width) / (patient.lower_width + patient.upper_width)
    return Spine(centre, axes * half[..., None], taper, wedge, tilt)


def coronal(patient: Anatomy, side: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Coronal tilt, axial rotation (both radians) and curvature (radians per level) of the 23 levels."""
    levels = np.arange(len(LEVELS), dtype=np.float64)
    angles = np.radians(curves.bent_angles(patient.curve_angle, patient.flexibility, side))
    shape = np.zeros(len(LEVELS))
    curvature = np.zeros(len(LEVELS))
    for angle, apex, extent in zip(angles, patient.curve_apex, patient.curve_extent, strict=True):
        shape -= angle * curves.share_below(levels, apex, extent)
        inside = np.abs(levels - apex) < extent
        curvature += np.where(inside, angle * (1 + np.cos(np.pi * (levels - apex) / extent)) / (2 * extent), 0.0)
    # Bodies turn towards the convexity; the apex turns most.
    twist = -patient.axial_ratio * curvature * 4.0 + patient.turn
    if side == 0:
        steps = np.append(patient.height[:-1] + patient.disc_below[:-1], 0.0)[T1:]
        lean = (patient.balance - (steps * shape[T1:]).sum()) / steps.sum()
    else:
        bend = np.radians(patient.bend[0 if side > 0 else 1]) * side
        bent = bend * curves.share_below(levels, *curves.LONG_BEND)
        shape = shape + bent
        lean = -shape[S1] + np.radians(patient.pelvic_tilt)
        lean = lean + give_way(shape + lean, bent)
    # The cervical spine brings the head back to the vertical.
    upright = np.interp(levels, (0, T1 + 1), (0.35, 1.0)) if side == 0 else np.ones(len(LEVELS))
    return (shape + lean) * upright, twist, curvature


def give_way(tilt: np.ndarray, bent: np.ndarray) -> np.ndarray:
    """What to add to `tilt` [23] (radians) so that no labelled level leans beyond `STEEPEST`; zero where none does.

    (C, our choice) A patient whose curves lean far bends the trunk less: of its part of the tilt, `bent` [23], as
    little as needed is taken back, down to none. What is left over is taken back by the pelvis, all levels alike,
    which keeps every angle; and where even that would not do, the whole curve gives way in proportion.
    """
    part = tilt[LABELLED]
    if np.abs(part).max() <= STEEPEST:
        return np.zeros_like(tilt)
    away = np.sign(bent[T1])
    room = (STEEPEST - away * (part - bent[LABELLED])) / np.abs(bent[LABELLED])
    less = tilt - (1 - np.clip(room.min(), 0, 1)) * bent
    low, high = less[LABELLED].min(), less[LABELLED].max()
    if high - low > 2 * STEEPEST:
        return (less - (low + high) / 2) * 2 * STEEPEST / (high - low) - tilt
    return less - max(high - STEEPEST, 0) - min(low + STEEPEST, 0) - tilt


def frames(tilt: np.ndarray, sagittal: np.ndarray, twist: np.ndarray) -> np.ndarray:
    """Unit vectors [23,3,3] (rows: left, front, up) for coronal lean, forward lean and rotation in radians."""
    up = np.stack([np.sin(tilt) * np.cos(sagittal), np.sin(sagittal), np.cos(tilt) * np.cos(sagittal)], -1)
    left = np.stack([np.cos(tilt), np.zeros_like(tilt), -np.sin(tilt)], -1)
    front = np.cross(up, left)
    c, s = np.cos(twist)[:, None], np.sin(twist)[:, None]
    return np.stack([c * left + s * front, c * front - s * left, up], 1)


def stack_up(up: np.ndarray, height: np.ndarray, disc: np.ndarray) -> np.ndarray:
    """Centres [23,3] mm of bodies piled on S1: half a body, the disc along the mean direction, half a body."""
    middle = up[1:] + up[:-1]
    middle = middle / np.linalg.norm(middle, axis=-1, keepdims=True)
    step = up[:-1] * height[:-1, None] / 2 + middle * disc[:-1, None] + up[1:] * height[1:, None] / 2
    return np.concatenate([np.cumsum(step[::-1], axis=0)[::-1], np.zeros((1, 3))])


def endplate_tilts(spine: Spine) -> np.ndarray:
    """Coronal tilt of upper and lower end-plates of T1..L5 in space: [17,2] degrees, left side up positive."""
    corner = spine.corners()[LABELLED]
    upper, lower = corner[:, 1] - corner[:, 0], corner[:, 3] - corner[:, 2]
    return np.degrees(np.stack([np.arctan2(v[:, 2], v[:, 0]) for v in (upper, lower)], -1))


def cobb_3d(spine: Spine) -> np.ndarray:
    """Cobb angles [3] in degrees from the end-plates in space: the largest, the largest above it and below it.

    The largest is taken over all pairs (upper end-plate of one vertebra, lower end-plate of a vertebra below it), seen
    along the patient's front-back axis, as a reader with perfect sight of the end-plates would (Cobb, 1948).
    """
    tilts = endplate_tilts(spine)
    apart = np.triu(np.abs(tilts[:, None, 0] - tilts[None, :, 1]), 1)
    top, bottom = np.unravel_index(np.argmax(apart), apart.shape)
    return np.array([apart.max(), apart[: top + 1, : top + 1].max(), apart[bottom:, bottom:].max()])
