"""From space to film: a cone beam, the framing of the film and its letterbox on the image grid."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from spinelib.phantom.morphometry import L5, T1
from spinelib.phantom.spine import Spine
from spinelib.phantom.style import PLAIN, Style


@dataclass(frozen=True)
class FilmFrame:
    """Where the film lies.

    spacing: mm per px in the plane of the spine; origin: x and z (mm) of pixel centre (0, 0); top, left, height,
    width: film rectangle in px on the image; focus: x, z (mm) of the central ray; distance: signed mm from the
    spine to the X-ray source, positive in front (AP), negative behind (PA); depth: y (mm) of the plane of the spine.
    """

    spacing: float
    origin: tuple[float, float]
    top: int
    left: int
    height: int
    width: int
    focus: tuple[float, float]
    distance: float
    depth: float

    def project(self, points: np.ndarray) -> np.ndarray:
        """Points [...,3] mm to pixels [...,2] (x right, y down, pixel centres at integers)."""
        zoom = self.distance / (self.distance - (points[..., 1] - self.depth))
        x = self.focus[0] + (points[..., 0] - self.focus[0]) * zoom
        z = self.focus[1] + (points[..., 2] - self.focus[1]) * zoom
        return np.stack([(x - self.origin[0]) / self.spacing, (self.origin[1] - z) / self.spacing], -1)

    def film(self) -> FilmFrame:
        """The same film on an image without letterbox."""
        x, z = self.origin
        corner = (x + self.spacing * self.left, z - self.spacing * self.top)
        return replace(self, origin=corner, top=0, left=0)

    def columns(self, width: int) -> np.ndarray:
        """X (mm, plane of the spine) of `width` pixel columns."""
        return self.origin[0] + self.spacing * np.arange(width)

    def rows(self, height: int) -> np.ndarray:
        """Z (mm, plane of the spine) of `height` pixel rows."""
        return self.origin[1] - self.spacing * np.arange(height)


def frame_film(draw: np.random.Generator, spine: Spine, size: tuple[int, int], style: Style = PLAIN) -> FilmFrame:
    """Choose a film that holds T1..L5 of `spine` and letterbox it on an image of `size` (height, width).

    Margins and width / height follow clinical whole-spine films cropped to the column: T1 about 4 % and L5
    about 91 % of the way down, width / height 0.23 to 0.56 (median 0.36); in the plain style one film in
    five shows more.
    """
    corner = spine.corners(1.1, 1.1)[T1 : L5 + 1]
    low, high = corner.min(axis=(0, 1)), corner.max(axis=(0, 1))
    span = high[2] - low[2]
    m = style.margins
    wide = draw.uniform() < m.wide
    above = span * (draw.uniform(0.01, 0.16) if wide else np.clip(m.above[0] + m.above[1] * draw.normal(), 0.005, 0.2))
    lower = draw.uniform(0.02, 0.35) if wide else np.clip(m.below[0] * np.exp(m.below[1] * draw.normal()), 0.01, 0.3)
    below = span * lower
    aspect = np.clip(m.aspect[0] * np.exp(m.aspect[1] * draw.normal()) * (m.broader if wide else 1), 0.23, 0.56)
    tall = span + above + below
    broad = max(aspect * tall, (high[0] - low[0]) * 1.12 + 6)
    room = broad - (high[0] - low[0]) - 4
    centre = (low[0] + high[0]) / 2 + np.clip(draw.normal(0, 0.05) * broad, -room / 2, room / 2)
    spacing = float(max(tall / size[0], broad / size[1]))
    height, width = min(round(tall / spacing), size[0]), min(round(broad / spacing), size[1])
    top, left = (size[0] - height) // 2, (size[1] - width) // 2
    origin = (centre - spacing * (left + (width - 1) / 2), high[2] + above + spacing * top)
    focus = (centre + draw.normal(0, 15), high[2] - tall * draw.uniform(0.4, 0.6))
    distance = draw.uniform(1350, 2100) * (-1 if draw.uniform() < 0.7 else 1)
    return FilmFrame(spacing, origin, top, left, height, width, focus, float(distance), float(corner[..., 1].mean()))
