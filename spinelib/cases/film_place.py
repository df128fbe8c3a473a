"""Where a film lies in its file: turned upright, an upright rectangle of it, shown in square pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

# Pixels whose sides differ by less count as square: an angle is wrong by 0.06 degrees at most.
SQUARE = 0.002
Points = NDArray[np.floating]
Greys = NDArray[np.float32]
Values = TypeVar("Values", bound=np.generic)
Area = tuple[int, int, int, int]


@dataclass(frozen=True)
class FilmPlace:
    """From pixels of a file, in which masks and corners are given and written, to pixels of its film and back.

    file: height and width of the file, px. turns: quarter turns anticlockwise that set it upright. area: top, left,
    height and width of the film in the upright picture, px of the file. film: height and width of the film in square
    pixels. A film that fills its file upright and in square pixels stays as it is.
    """

    file: tuple[int, int]
    turns: int
    area: Area
    film: tuple[int, int]

    @classmethod
    def of(cls, upright: tuple[int, int], area: Area, aspect: float = 1.0, turns: int = 0) -> FilmPlace:
        """The place of a film in an upright picture with pixels `aspect` times as high as wide.

        The longer side of a pixel is divided, so that nothing is lost.
        """
        height, width = area[2:]
        if abs(aspect - 1) > SQUARE:
            height, width = round(height * max(aspect, 1.0)), round(width * max(1 / aspect, 1.0))
        return cls(upright[::-1] if turns % 2 else upright, turns % 4, area, (height, width))

    @classmethod
    def from_row(cls, row: Sequence[float] | NDArray[np.floating]) -> FilmPlace:
        """The place that a row [9] of `CaseArrays.places` describes."""
        high, wide, turns, top, left, height, width, rows, columns = (int(value) for value in row)
        return cls((high, wide), turns, (top, left, height, width), (rows, columns))

    def row(self) -> tuple[int, ...]:
        """Height and width of the file; turns; top, left, height and width of the area; those of the film."""
        return (*self.file, self.turns, *self.area, *self.film)

    @property
    def upright(self) -> tuple[int, int]:
        """Height and width of the upright picture, px of the file."""
        return self.file[::-1] if self.turns % 2 else self.file

    @property
    def whole(self) -> bool:
        """Whether the film is the whole picture of its file."""
        return self.area == (0, 0, *self.upright)

    @property
    def square(self) -> bool:
        """Whether the film's pixels are those of the file."""
        return self.film == self.area[2:]

    @property
    def stretch(self) -> tuple[float, float]:
        """Film pixels per pixel of the upright picture along (rows, columns)."""
        return self.film[0] / self.area[2], self.film[1] / self.area[3]

    @property
    def in_file(self) -> Area:
        """Top, left, height and width of the film in the file as it is stored, px."""
        corners = np.array([(0, 0), (self.area[3] - 1, self.area[2] - 1)], np.float64) + self._corner
        x, y = np.sort(_turned(corners, self.upright, -self.turns), axis=0).astype(int).T
        return int(y[0]), int(x[0]), int(y[1] - y[0] + 1), int(x[1] - x[0] + 1)

    def to_upright(self, points: Points) -> Points:
        """Pixels (x, y) of the file as pixels of the upright picture, any leading shape."""
        return _turned(points, self.file, self.turns)

    def from_upright(self, points: Points) -> Points:
        """Pixels (x, y) of the upright picture as pixels of the file, any leading shape."""
        return _turned(points, self.upright, -self.turns)

    def to_film(self, points: Points) -> Points:
        """Pixels (x, y) of the file as pixels of the film, any leading shape; pixel centres at integers."""
        points = self.to_upright(points)
        points = points - self._corner if self._corner.any() else points
        return points if self.square else (points + 0.5) * np.array(self.stretch[::-1]) - 0.5

    def to_file(self, points: Points) -> Points:
        """Pixels (x, y) of the film as pixels of the file, any leading shape."""
        points = points if self.square else (points + 0.5) / np.array(self.stretch[::-1]) - 0.5
        return self.from_upright(points + self._corner if self._corner.any() else points)

    def greys(self, picture: Greys) -> Greys:
        """The film [h, w] or [h, w, 3] of an upright picture [H, W] or [H, W, 3]; resampled (bilinear) once."""
        part = self._cut(picture)
        if self.square:
            return part
        planes = [_resized(plane, self.film) for plane in np.moveaxis(np.atleast_3d(part), 2, 0)]
        return planes[0] if part.ndim == 2 else np.stack(planes, 2)

    def labels(self, mask: NDArray[Values]) -> NDArray[Values]:
        """The film's part [h, w] of a mask [H, W] of the file, at the nearest pixels."""
        part = self._cut(np.rot90(mask, self.turns))
        if self.square:
            return part
        return part[np.ix_(*(_nearest(*pair) for pair in zip(self.film, self.area[2:], strict=True)))]

    def back(self, labels: NDArray[Values]) -> NDArray[Values]:
        """Labels [h, w] of the film in pixels of the file [H, W], at the nearest pixels; 0 outside the film."""
        if not self.square:
            labels = labels[np.ix_(*(_nearest(*pair) for pair in zip(self.area[2:], self.film, strict=True)))]
        if not self.whole:
            out = np.zeros(self.upright, labels.dtype)
            self._cut(out)[:] = labels
            labels = out
        return np.ascontiguousarray(np.rot90(labels, -self.turns))

    def lost(self, mask: NDArray[np.generic]) -> float:
        """Share of the marked pixels of a mask [H, W] of the file that lie outside the film."""
        marked = np.count_nonzero(mask)
        return 1 - np.count_nonzero(self._cut(np.rot90(mask, self.turns))) / marked if marked else 0.0

    @property
    def _corner(self) -> NDArray[np.intp]:
        return np.array([self.area[1], self.area[0]])

    def _cut(self, plane: NDArray[Values]) -> NDArray[Values]:
        top, left, height, width = self.area
        return plane[top : top + height, left : left + width]


def _turned(points: Points, size: tuple[int, int], turns: int) -> Points:
    """Points (x, y) px of a picture of `size` (height, width) after quarter turns anticlockwise, as `numpy.rot90`."""
    for turn in range(turns % 4):
        width = size[1 - turn % 2]
        points = np.stack([points[..., 1], width - 1 - points[..., 0]], -1)
    return points


def _nearest(wanted: int, given: int) -> NDArray[np.intp]:
    """For each of `wanted` pixels that show the same stretch as `given` ones, the one that holds its centre."""
    return ((np.arange(wanted) + 0.5) * given / wanted).astype(np.intp)


def _resized(plane: Greys, size: tuple[int, int]) -> Greys:
    source = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(source.resize(size[::-1], Image.Resampling.BILINEAR))
