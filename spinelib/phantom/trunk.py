"""The trunk's frame in one view: outline and midline as functions of height."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spinelib.phantom.anatomy import Anatomy
from spinelib.phantom.morphometry import LEVELS, at_level
from spinelib.phantom.spine import Spine

# Level, half-width and depth there (organ and share of it); at INLET times the organ `inlet`.
OUTLINE = (
    ("S1", "hip_width", 1.0, "abdomen_depth", 1.0),
    ("L4", "hip_width", 1.0, "abdomen_depth", 1.0),
    ("L2", "waist_width", 1.0, "abdomen_depth", 1.0),
    ("T12", "chest_width", 1.0, "chest_depth", 1.0),
    ("T8", "chest_width", 1.0, "chest_depth", 1.0),
    ("T4", "chest_width", 1.0, "chest_depth", 0.9),
    ("T2", "shoulder_width", 1.0, "chest_depth", 1.0),
    ("T1", "shoulder_width", 0.72, "chest_depth", 0.92),
    ("C6", "neck_width", 1.0, "neck_depth", 1.0),
    ("C3", "neck_width", 1.0, "neck_depth", 1.0),
)
INLET = ("T2", "T1")


@dataclass(frozen=True)
class Trunk:
    """Outline over height, as knots z [K] (mm, ascending).

    middle [K]: x of the midline; half [K]: half-width; deep [K]: front to back; all mm.
    """

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
    knots = [at_level(spine.centre[:, 2], LEVELS.index(level)) for level, *_ in OUTLINE]
    widths = [share * float(o[name]) for _, name, share, _, _ in OUTLINE]
    inlet = float(o["inlet"])
    deep = [share * float(o[name]) * (inlet if level in INLET else 1) for level, _, _, name, share in OUTLINE]
    heights = np.linspace(z[0] - 120, z[-1] + 60, 64)
    course = np.interp(heights, z, x)
    smooth = np.convolve(np.pad(course, 6, mode="edge"), np.hanning(15)[1:-1] / np.hanning(15).sum(), mode="valid")
    follow = 0.85 if bending else float(np.clip(o["follow"], 0.0, 1.0))
    straight = np.interp(heights, (z[0], z[-1]), (x[0], at_level(spine.centre[:, 0], LEVELS.index("C7"))))
    middle = follow * smooth + (1 - follow) * straight + float(o["trunk_shift"])
    return Trunk(heights, middle, np.interp(heights, knots, widths), np.interp(heights, knots, deep))
