"""Where a film lies in its file: an upright rectangle of the file's pixels, shown in square pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Pixels whose sides differ by less count as square: an angle is wrong by 0.06 degrees at most.
SQUARE = 0.002
Greys = NDArray[np.float32]
Values = TypeVar("Values", bound=np.generic)


@dataclass(frozen=True)
class FilmPlace:
    """From pixels of a file to pixels of its film and back.

    file: height and width of the file, px. area: top, left, height and width of the film in it, px of the file. film:
    height and width of the film in square pixels. A film that fills its file in square pixels stays as it is.
    """

    file: tuple[int, int]
    area: tuple[int, int, int, int]
    film: tuple[int, int]

    @classmethod
    def of(cls, file: tuple[int, int], area: tuple[int, int, int, int], aspect: float = 1.0) -> FilmPlace:
        """The place of a film whose file has pixels `aspect` times as high as wide: the longer side is divided."""
        height, width = area[2:]
        if abs(aspect - 1) > SQUARE:
            height, width = round(height * max(aspect, 1.0)), round(width * max(1 / aspect, 1.0))
        return cls(file, area, (height, width))

    @classmethod
    def from_row(cls, row: Sequence[float] | NDArray[np.floating]) -> FilmPlace:
        """The place that a row [8] of `CaseArrays.places` describes."""
        a, b, top, left, height, width, c, d = (int(value) for value in row)
        return cls((a, b), (top, left, height, width), (c, d))

    def row(self) -> tuple[int, ...]:
        """Height and width of the file; top, left, height and width of the area; height and width of the film."""
        return (*self.file, *self.area, *self.film)

    @property
    def whole(self) -> bool:
        """Whether the film is the whole picture of its file."""
        return self.area == (0, 0, *self.file)

    @property
    def stretch(self) -> tuple[float, float]:
        """Film pixels per pixel of the file along (rows, columns)."""
        return self.film[0] / self.area[2], self.film[1] / self.area[3]

    def to_film(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Pixels (x, y) of the file as pixels of the film, any leading shape; pixel centres at integers."""
        corner = np.array([self.area[1], self.area[0]])
        if self.film == self.area[2:]:
            return points - corner if corner.any() else points
        return (points - corner + 0.5) * np.array(self.stretch[::-1]) - 0.5

    def to_file(self, points: NDArray[np.floating]) -> NDArray[np.floating]:
        """Pixels (x, y) of the film as pixels of the file, any leading shape."""
        corner = np.array([self.area[1], self.area[0]])
        if self.film == self.area[2:]:
            return points + corner if corner.any() else points
        return (points + 0.5) / np.array(self.stretch[::-1]) - 0.5 + corner

    def greys(self, picture: Greys) -> Greys:
        """The film [h, w] or [h, w, 3] of a picture of the file [H, W] or [H, W, 3]; resampled (bilinear) once."""
        part = self._cut(picture)
        if self.film == self.area[2:]:
            return part
        planes = [_resized(plane, self.film) for plane in np.moveaxis(np.atleast_3d(part), 2, 0)]
        return planes[0] if part.ndim == 2 else np.stack(planes, 2)

    def labels(self, mask: NDArray[Values]) -> NDArray[Values]:
        """The film's part [h, w] of a mask [H, W] of the file, at the nearest pixels."""
        part = self._cut(mask)
        if self.film == self.area[2:]:
            return part
        return part[np.ix_(*(_nearest(*pair) for pair in zip(self.film, self.area[2:], strict=True)))]

    def back(self, labels: NDArray[Values]) -> NDArray[Values]:
        """Labels [h, w] of the film in pixels of the file [H, W], at the nearest pixels; 0 outside the film."""
        if self.film != self.area[2:]:
            labels = labels[np.ix_(*(_nearest(*pair) for pair in zip(self.area[2:], self.film, strict=True)))]
        if self.whole:
            return labels
        out = np.zeros(self.file, labels.dtype)
        top, left, height, width = self.area
        out[top : top + height, left : left + width] = labels
        return out

    def lost(self, mask: NDArray[np.generic]) -> float:
        """Share of the marked pixels of a mask [H, W] of the file that lie outside the film."""
        marked = np.count_nonzero(mask)
        return 1 - np.count_nonzero(self._cut(mask)) / marked if marked else 0.0

    def _cut(self, plane: NDArray[Values]) -> NDArray[Values]:
        top, left, height, width = self.area
        return plane[top : top + height, left : left + width]


def _nearest(wanted: int, given: int) -> NDArray[np.intp]:
    """For each of `wanted` pixels that show the same stretch as `given` ones, the one that holds its centre."""
    return ((np.arange(wanted) + 0.5) * given / wanted).astype(np.intp)


def _resized(plane: Greys, size: tuple[int, int]) -> Greys:
    source = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(source.resize(size[::-1], Image.Resampling.BILINEAR))
