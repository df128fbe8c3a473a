"""What Cobb angles say of the patient: the curve's apex, region and side, its severity, and how it bends out.

(A) Regions by apex (Lenke et al., J Bone Joint Surg Am 83:1169-1181, 2001, as in the AO Surgery Reference): proximal
thoracic T3..T5, main thoracic T6 to the disc T11-T12, thoracolumbar T12..L1, lumbar from the disc L1-L2 to L4; the
last two are one region there. Flexibility is the share of the standing Cobb angle that the bending film loses (He et
al., PLoS One 12:e0190141, 2017). From 10 degrees a curve is a scoliosis (SOSORT guidelines: Negrini et al., Scoliosis
Spinal Disord 13:3, 2018). (C) The bounds 25 and 40 are those of many reviews, which follow the usual steps of
treatment; there is no one standard (others draw the line at 20, 30 or 45, SOSORT's aims among them), so they are
parameters. Apices beyond the named levels go to the nearest region, the disc T5-T6 to the proximal one.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from spinelib.cases.readers.landmarks import LEVELS
from spinelib.measures.cobb.reading import end_vertebrae
from spinelib.measures.cobb.rules import Floats, apical_translation, tilt_matrix

SEVERITIES = ("none", "mild", "moderate", "severe")
BOUNDS = (10.0, 25.0, 40.0)
# Last apex (T1 is 0, a disc is half a level below its vertebra) of every region but the last.
PROXIMAL, MAIN = 4.5, 10.5
# A bulge below this many px is rounding.
NO_BULGE = 1e-6
REGIONS = ("proximal thoracic", "main thoracic", "thoracolumbar/lumbar")


@dataclass(frozen=True)
class Curve:
    """The major curve of one film.

    angle: degrees. upper, lower: names of its end vertebrae; ends: their positions from the top. apex: name of a
    vertebra ("T8") or a disc ("T8-T9"); region: one of REGIONS, by the apex. side: `convex_side`, in the image: on
    films shown as a surgeon sees the back (image right is the patient's right) it is the patient's side, on films shown
    as if facing the patient (as the digital patient's) it is the other one. translation: apical vertebral translation,
    px along the image's rows, from the line between first and last vertebra; positive to the right.
    """

    angle: float
    upper: str
    lower: str
    apex: str
    region: str
    side: str
    translation: float
    ends: tuple[int, int]


def major_curve(corners: ArrayLike) -> Curve:
    """The major curve of the corners [17, 4, 2] px (T1..L5) of one film.

    The apex lies between the end vertebrae, farthest from the line between their centres: at a vertebra or, when a
    parabola through the three farthest centres peaks nearer to half-way, at a disc. Raises ValueError for another
    shape or an unknown (NaN) corner: without all levels none has a name.
    """
    corners = _levels(corners)
    return curve_between(corners, *end_vertebrae(corners))


def curve_between(corners: ArrayLike, upper: int, lower: int, names: Sequence[str] = LEVELS) -> Curve:
    """The curve from vertebra `upper` to `lower` of known corners [V, 4, 2] px; `names` [V] of the vertebrae.

    With another number than T1..L5 the region is that of the apex's place in the whole row.
    """
    corners = np.asarray(corners, float)
    place = upper + _peak(np.abs(_offsets(corners, upper, lower)))
    level = place * (len(LEVELS) - 1) / (len(corners) - 1)
    region = REGIONS[(level > PROXIMAL) + (level > MAIN)]
    side = convex_side(corners, upper, lower)
    angle = float(tilt_matrix(corners[None])[0, upper, lower])
    translation = float(apical_translation(corners[None])[0])
    apex = _apex(place, names)
    return Curve(angle, names[upper], names[lower], apex, region, side, translation, (upper, lower))


def convex_side(corners: ArrayLike, upper: int, lower: int) -> str:
    """Where in the image the vertebrae [V, 4, 2] from `upper` to `lower` bulge from the line between these two.

    "left", "right", or "none" where nothing lies between them or all of it on the line.
    """
    offset = _offsets(np.asarray(corners, float), upper, lower)
    farthest = offset[np.abs(offset).argmax()]
    if abs(farthest) < NO_BULGE:
        return "none"
    return "right" if farthest > 0 else "left"


def severity(angles: ArrayLike, bounds: Sequence[float] = BOUNDS) -> np.ndarray:
    """Class of each major angle (degrees, any shape), as text.

    "none" below the first bound, "mild" from there, "moderate" from the second, "severe" above the third; "unknown" for
    NaN. Raises ValueError when the three bounds do not rise.
    """
    if len(bounds) != 3 or not bounds[0] < bounds[1] < bounds[2]:
        raise ValueError(f"bounds must be three rising numbers, not {tuple(bounds)}")
    angles = np.asarray(angles, float)
    step = (angles >= bounds[0]).astype(int) + (angles >= bounds[1]) + (angles > bounds[2])
    return np.where(np.isnan(angles), "unknown", np.array(SEVERITIES)[step])


def flexibility(coronal: ArrayLike, bending: ArrayLike) -> float:
    """How much of the major curve a bending film takes away, %: 100 (coronal - bending) / coronal of the same curve.

    Corners [V, 4, 2] px of the standing and the bending film of one patient, the same vertebrae in both. The curve is
    that between the end vertebrae of the standing film; on the bending film it is measured between the same two, and
    counts as negative when bent over to the other side, so values above 100 % occur, and values below 0 when it
    grows. NaN for a straight standing spine or unknown corners. Raises ValueError when the shapes differ.
    """
    standing, bent = np.asarray(coronal, float), np.asarray(bending, float)
    if standing.shape != bent.shape or standing.ndim != 3 or standing.shape[1:] != (4, 2):
        raise ValueError(f"corners must both be [V, 4, 2], not {list(standing.shape)} and {list(bent.shape)}")
    if not (np.isfinite(standing).all() and np.isfinite(bent).all()):
        return float("nan")
    ends = end_vertebrae(standing)
    before, after = _between(standing, *ends), _between(bent, *ends)
    return 100 * (before - after) / before if before else float("nan")


def _between(corners: Floats, upper: int, lower: int) -> float:
    """Signed angle from the upper to the lower vertebra, degrees."""
    across = corners[:, [1, 3]].sum(1) - corners[:, [0, 2]].sum(1)
    turn = np.degrees(np.arctan2(across[lower, 1], across[lower, 0]) - np.arctan2(across[upper, 1], across[upper, 0]))
    return float((turn + 180) % 360 - 180)


def _offsets(corners: Floats, upper: int, lower: int) -> Floats:
    """Distance, px, of the centres from upper to lower to the line between these two; positive to the right."""
    centre = corners[upper : lower + 1].mean(1)
    chord = centre[-1] - centre[0]
    away = centre - centre[0]
    length = np.hypot(*chord) or 1.0
    return (away[:, 0] * chord[1] - away[:, 1] * chord[0]) / length


def _peak(values: Floats) -> float:
    """Position of the largest value, to half a step, by a parabola through it and its neighbours."""
    at = int(values.argmax())
    if not 0 < at < len(values) - 1:
        return float(at)
    before, here, after = values[at - 1 : at + 2]
    bend = before - 2 * here + after
    shift = 0.5 * (before - after) / bend if bend else 0.0
    return round(2 * (at + shift)) / 2


def _apex(place: float, names: Sequence[str]) -> str:
    level = int(place)
    return names[level] if place == level else f"{names[level]}-{names[level + 1]}"


def _levels(corners: ArrayLike) -> Floats:
    corners = np.asarray(corners, float)
    if corners.shape != (len(LEVELS), 4, 2) or not np.isfinite(corners).all():
        raise ValueError(f"corners must be known and [{len(LEVELS)}, 4, 2], not {list(corners.shape)}")
    return corners
