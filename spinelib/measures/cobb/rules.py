"""Cobb angles and apical translation from vertebral corners: the AASCE 2019 rule (numpy only).

Corners are [N, V, 4, 2] in native pixels, order top-left, top-right, bottom-left, bottom-right, (x, y), y down.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def aasce_angles(
    corners: ArrayLike,
    heights: ArrayLike,
    cosine_floor: float = -1.0,
    row: Literal["lower", "upper"] = "lower",
) -> Floats:
    """The three angles of the AASCE 2019 challenge (SpineWeb set 16; Wu et al., MICCAI 2017), in degrees [N, 3].

    `corners` [N, V, 4, 2] px of V vertebrae from the top down (V = 17: T1..L5), `heights` [N] image heights in px
    (the S-shape branch depends on them, so crops change results). `row` is the end-plate whose height that branch
    reads: "lower" follows the organisers' MATLAB, "upper" the 0-based Python port. `cosine_floor=0` limits angles to
    90 degrees as that port does. A film with an unknown (NaN) corner gives NaN.
    Raises ValueError when shapes do not fit or `row` is neither word.
    """
    corners, heights = _checked(corners, heights)
    if row not in ("lower", "upper"):
        raise ValueError(f"row must be 'lower' or 'upper', not {row!r}")
    # A vertebra without width has no direction: its film is unknown too.
    known = np.isfinite(tilt_matrix(corners)).all((1, 2))
    angles = np.full((len(corners), 3), np.nan)
    if known.any():
        angles[known] = _angles(corners[known], heights[known], cosine_floor, row == "lower")
    return angles


def apical_translation(corners: ArrayLike) -> Floats:
    """Largest horizontal distance of a vertebral centre from the line between first and last centre, px [N].

    Signed: positive towards larger x. NaN where a corner is unknown.
    """
    corners = np.asarray(corners, float)
    centre = corners.mean(2)
    first, last = centre[:, :1], centre[:, -1:]
    span = last[..., 1] - first[..., 1]
    share = (centre[..., 1] - first[..., 1]) / np.where(span == 0, np.nan, span)
    offset = centre[..., 0] - (first[..., 0] + share * (last[..., 0] - first[..., 0]))
    apex = np.abs(np.where(np.isfinite(offset), offset, 0)).argmax(1)
    return np.where(np.isfinite(offset).all(1), offset[np.arange(len(offset)), apex], np.nan)


def tilt_matrix(corners: ArrayLike, cosine_floor: float = -1.0) -> Floats:
    """Angle between the mid-lines of every two vertebrae, degrees [N, V, V]."""
    corners = np.asarray(corners, float)
    direction = (corners[:, :, 1] + corners[:, :, 3] - corners[:, :, 0] - corners[:, :, 2]) / 2
    length = np.linalg.norm(direction, axis=-1, keepdims=True)
    unit = direction / np.where(length == 0, np.nan, length)
    cosine = unit @ unit.swapaxes(1, 2)
    # Exactly symmetric, so that of the two vertebrae of the largest angle the upper one is the first.
    cosine = np.minimum(cosine, cosine.swapaxes(1, 2))
    return np.degrees(np.arccos(np.clip(cosine, cosine_floor, 1.0)))


def s_shaped(corners: ArrayLike) -> NDArray[np.bool_]:
    """Whether the end-plate mid-points lie on both sides of the line from the first to the last but two [N].

    As in the organisers' code, the last two of the 2 V mid-points take no part in the test itself, and a first
    mid-point exactly above the last one (a division by zero, NaN unequal to NaN in MATLAB) counts as S-shaped.
    """
    ends = end_plates(corners)
    first, last = ends[:, :1], ends[:, -1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (ends[:, :-2] - last) / (first - last)
        q = share[..., 1] - share[..., 0]
        # sum(q q') differs from sum |q q'| exactly when two entries have opposite signs.
        return ~(np.abs(q.sum(1) ** 2 - np.abs(q).sum(1) ** 2) <= 1e-4)


def end_plates(corners: ArrayLike) -> Floats:
    """Mid-points of the end-plates, upper then lower of each vertebra, [N, 2 V, 2] px."""
    corners = np.asarray(corners, float)
    pairs = np.stack([corners[:, :, :2].mean(2), corners[:, :, 2:].mean(2)], 2)
    return pairs.reshape(len(corners), -1, 2)


def _angles(corners: Floats, heights: Floats, cosine_floor: float, lower: bool) -> Floats:
    tilt = tilt_matrix(corners, cosine_floor)
    film, count = np.arange(len(tilt)), tilt.shape[1]
    # First on ties, as MATLAB's max.
    partner = tilt.argmax(2)
    end = tilt.max(2).argmax(1)
    other = partner[film, end]
    largest = tilt[film, end, other]

    rows = np.arange(count)
    above_end = np.where(rows <= end[:, None], tilt[film, end], -np.inf)
    upper, upper_at = above_end.max(1), above_end.argmax(1)
    below_other = np.where(rows >= other[:, None], tilt[film, other], -np.inf).max(1)
    above_upper = np.where(rows <= upper_at[:, None], tilt[film, upper_at], -np.inf).max(1)

    plates = end_plates(corners)[..., 1]
    reach = plates[film, 2 * end + lower] + plates[film, 2 * other + lower]
    third_if_s = np.where(reach < heights, below_other, above_upper)
    s = s_shaped(corners)
    second = np.where(s, upper, tilt[film, 0, end])
    third = np.where(s, third_if_s, tilt[film, count - 1, other])
    return np.stack([largest, second, third], 1)


def _checked(corners: ArrayLike, heights: ArrayLike) -> tuple[Floats, Floats]:
    corners = np.asarray(corners, float)
    if corners.ndim != 4 or corners.shape[2:] != (4, 2) or corners.shape[1] < 2:
        raise ValueError(f"corners must be [N, V, 4, 2] with V of 2 or more, not {list(corners.shape)}")
    heights = np.asarray(heights, float).reshape(-1)
    if len(heights) != len(corners):
        raise ValueError(f"{len(heights)} heights for {len(corners)} films")
    return corners, heights
