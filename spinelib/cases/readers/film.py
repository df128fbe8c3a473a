"""The film in an image file: what lies around it is cut off, and its pixels are square. The one reader of films."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.area import find_area
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.readers.images import read_picture
from spinelib.cases.readers.picture import Facts, check_aspect, check_size, to_grey


@dataclass(frozen=True)
class Film:
    """A film as it is looked at, measured and learned from.

    pixels: float32 [h, w] or [h, w, 3], the film alone in square pixels, upright, white bone. place: where it lies in
    its file. picture: float32 [H, W] or [H, W, 3], all of the file, upright. spacing: mm per pixel of the film (row,
    column); file_spacing: per pixel of the upright picture; both None where unknown. facts: what the header says.
    remark: what a reader should know; "" for a clean one.
    """

    pixels: NDArray[np.float32]
    place: FilmPlace
    picture: NDArray[np.float32]
    spacing: tuple[float, float] | None = None
    file_spacing: tuple[float, float] | None = None
    facts: Facts = field(default_factory=Facts)
    remark: str = ""


def read_film(path: Path | str, spacing: tuple[float, float] | None = None) -> Film:
    """The film in an image file.

    spacing: mm per pixel of the upright picture (row, column) as a manifest states it; it stands above what the file
    says. Frames, bars and borders around the film are left out (`spinelib.cases.area`); where pixels are oblong the
    longer side is divided. Raises BadInput for a file that cannot be read, and for absurd pixels.
    """
    read = read_picture(path)
    spacing = spacing or read.spacing
    aspect = spacing[0] / spacing[1] if spacing else read.aspect
    check_aspect(Path(path), aspect)
    upright = read.pixels.shape[0], read.pixels.shape[1]
    place = FilmPlace.of(upright, find_area(to_grey(read.pixels)), aspect, read.quarter_turns)
    check_size(Path(path), *place.film)
    per_pixel = (spacing[0] / place.stretch[0], spacing[1] / place.stretch[1]) if spacing else None
    return Film(place.greys(read.pixels), place, read.pixels, per_pixel, spacing, read.facts, read.remark)
