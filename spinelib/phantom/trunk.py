"""The trunk's frame in one view: outline and midline as functions of height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.morphometry import LEVELS, at_level
from spinelib.phantom.spine import Spine


@dataclass(frozen=True)
class Trunk:
    """Knots over height: z [K] mm ascending, middle [K] (x of the midline), half [K] (half-width), deep [K] (front to back)."""

    z: np.ndarray
    middle: np.ndarray
    half: np.ndarray
    deep: np.ndarray

    def middle_at(self, z: np.ndarray) -> np.ndarray:
        """X of the trunk's midline at heights `z` (mm)."""
        return np.interp(z, self.z, self.middle)

    def half_at(self, z: np.ndarray) -> np.ndarray:
        """Half-width of the body outline at heights `z` (mm)."""
        return np.interp(z, self.z, self.half)

    def deep_at(self, z: np.ndarray) -> np.ndarray:
        """Thickness of the body in the midline at heights `z` (mm)."""
        return np.interp(z, self.z, self.deep)


def trunk_of(patient: Anatomy, spine: Spine, bending: bool) -> Trunk:
    """Trunk of one patient around `spine`; when bending it follows the spine much more closely."""
    o = patient.organs
    z, x = spine.centre[::-1, 2], spine.centre[::-1, 0]
    levels = ("S1", "L4", "L2", "T12", "T8", "T4", "T2", "T1", "C6", "C3")
    half = (
        "hip_width",
        "hip_width",
        "waist_width",
        "chest_width",
        "chest_width",
        "chest_width",
        "shoulder_width",
    )
    knots = np.array([at_level(spine.centre[:, 2], LEVELS.index(level)) for level in levels])
    widths = [float(o[name]) for name in half] + [
        0.72 * float(o["shoulder_width"]),
        float(o["neck_width"]),
        float(o["neck_width"]),
    ]
    deep = [float(o["abdomen_depth"])] * 3 + [float(o["chest_depth"])] * 4 + [0.8 * float(o["chest_depth"])]
    deep += [float(o["neck_depth"])] * 2
    heights = np.linspace(z[0] - 120, z[-1] + 60, 64)
    course = np.interp(heights, z, x)
    smooth = np.convolve(
        np.pad(course, 6, mode="edge"), np.hanning(15)[1:-1] / np.hanning(15).sum(), mode="valid"
    )
    follow = 0.85 if bending else float(np.clip(o["follow"], 0.0, 1.0))
    straight = np.interp(heights, (z[0], z[-1]), (x[0], at_level(spine.centre[:, 0], LEVELS.index("C7"))))
    middle = follow * smooth + (1 - follow) * straight + float(o["trunk_shift"])
    return Trunk(heights, middle, np.interp(heights, knots, widths), np.interp(heights, knots, deep))
