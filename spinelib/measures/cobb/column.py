"""The column of a spine mask: cleaned, and its centreline (numpy, scipy).

(C) Our choice. All lengths are in units of the column's own width, so results do not depend on the grid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from spinelib.measures.cobb.rules import Floats

Mask = NDArray[np.bool_]
# Samples per width along the column; px below which a thinner column has fewer.
STEPS, FINEST = 32, 0.25
# Standard deviation of the Gaussian weights of the centreline's fit, in median widths of the mask's rows.
BANDWIDTH = 0.8
# A component is a speck under this share of the squared width, and elsewhere beyond this many widths of the line.
SPECK, ASIDE = 0.08, 0.8


@dataclass(frozen=True)
class Centreline:
    """A centreline from the top down at even steps.

    points [M, 2] px (x, y); tilts [M] radians of the line across it (0 is along x, positive turns x towards y); widths
    [M] px; step: distance of two points, px.
    """

    points: Floats
    tilts: Floats
    widths: Floats
    step: float

    @property
    def length(self) -> float:
        """Length along the centreline, px."""
        return self.step * (len(self.points) - 1)

    @property
    def down(self) -> Floats:
        """Unit vectors [M, 2] along the centreline."""
        return np.stack([-np.sin(self.tilts), np.cos(self.tilts)], 1)


def clean_mask(mask: Mask) -> Mask:
    """`mask` [H, W] without specks and without parts that lie beside the column."""
    for _ in range(2):
        found, count = ndimage.label(mask)
        if count < 2:
            return mask
        line = trace_centreline(mask)
        y, x = np.nonzero(mask)
        part, width = found[y, x], float(np.median(line.widths))
        off = np.abs(x - np.interp(y, line.points[:, 1], line.points[:, 0]))
        off *= np.cos(np.interp(y, line.points[:, 1], line.tilts))
        area = np.bincount(part, minlength=count + 1)[1:]
        # The mean over pixels: the middle of a long bent piece may lie beside it.
        aside = np.bincount(part, off, count + 1)[1:] / area
        keep = (area >= SPECK * width**2) & (aside <= ASIDE * width)
        if keep.all() or not keep.any():
            return mask
        mask = np.concatenate([[False], keep])[found]
    return mask


def trace_centreline(mask: Mask) -> Centreline:
    """The centreline of a mask [H, W] that is not empty: a local straight-line fit to the pixels at every row."""
    rows = np.flatnonzero(mask.any(1))
    y = np.arange(rows[0], rows[-1] + 1)
    count = mask[y].sum(1).astype(float)
    across = np.arange(mask.shape[1])
    total = mask[y] @ across.astype(float)
    scale = BANDWIDTH * float(np.median(count[count > 0]))
    x, slope = _local_line(y.astype(float), count, total, scale)
    spread = (mask[y] * (across - x[:, None]) ** 2).sum(1)
    weight = gaussian_smooth(count, scale)
    known = weight > 1e-3 * weight.max()
    variance = np.interp(y, y[known], gaussian_smooth(spread, scale)[known] / weight[known]) + 1 / 12
    widths = np.sqrt(12 * variance / (1 + slope**2))
    return _even(np.stack([x, y], 1), -np.arctan(slope), widths)


def _local_line(y: Floats, count: Floats, total: Floats, scale: float) -> tuple[Floats, Floats]:
    """Place and slope dx/dy [R] of the weighted straight line through the pixels around each row."""
    weight = gaussian_smooth(count, scale)
    known = weight > 1e-3 * weight.max()
    weight = np.where(known, weight, 1)
    at, x = gaussian_smooth(count * y, scale) / weight, gaussian_smooth(total, scale) / weight
    variance = gaussian_smooth(count * y**2, scale) / weight - at**2
    slope = (gaussian_smooth(total * y, scale) / weight - at * x) / np.maximum(variance, 1e-3)
    # Across a stretch without any pixel the line goes straight on.
    return np.interp(y, y[known], (x + slope * (y - at))[known]), np.interp(y, y[known], slope[known])


def gaussian_smooth(values: Floats, scale: float) -> Floats:
    """Gaussian sum of `values` along a line, with nothing beyond its ends; `scale` is the standard deviation."""
    return ndimage.gaussian_filter1d(values, scale, mode="constant", truncate=3.0)


def _even(points: Floats, tilts: Floats, widths: Floats) -> Centreline:
    """The centreline at even steps, half a pixel longer at both ends, where its pixels end."""
    ends = [points[0] - (0.5 * -np.tan(tilts[0]), 0.5), points[-1] + (0.5 * -np.tan(tilts[-1]), 0.5)]
    points = np.concatenate([ends[:1], points, ends[1:]])
    tilts, widths = np.pad(tilts, 1, mode="edge"), np.pad(widths, 1, mode="edge")
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    step = max(float(np.median(widths)) / STEPS, FINEST)
    size = max(round(along[-1] / step), 2) + 1
    at = np.linspace(0, along[-1], size)
    even = [np.interp(at, along, values) for values in (points[:, 0], points[:, 1], tilts, widths)]
    return Centreline(np.stack(even[:2], 1), even[2], even[3], float(at[1]))
