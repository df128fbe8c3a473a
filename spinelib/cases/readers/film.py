"""The film in an image file: what lies around it is cut off, and its pixels are square. The one reader of films."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.area import find_area
from spinelib.cases.film_place import SQUARE, FilmPlace
from spinelib.cases.readers.images import Facts, check_size, read_picture, to_grey
from spinelib.core.errors import BadInput

# No detector, scanner or export makes pixels more oblong than this; whatever says so means something else.
OBLONG = 10.0


@dataclass(frozen=True)
class Film:
    """A film as it is looked at, measured and learned from.

    pixels: float32 [h, w] or [h, w, 3], the film alone in square pixels, upright, white bone. place: where it lies in
    its file. picture: float32 [H, W] or [H, W, 3], all of the file. spacing: mm per pixel of the film (row, column);
    file_spacing: of the file; both None where unknown. facts: what the header says. remark: what a reader should know;
    "" for a clean one.
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

    spacing: mm per pixel of the file (row, column) as a manifest states it; it stands above what the file says. Frames,
    bars and borders around the film are left out (`spinelib.cases.area`); where pixels are oblong the longer side is
    divided, so that nothing is lost. Raises BadInput for a file that cannot be read, and for pixels more than OBLONG
    times as high as wide or the other way round.
    """
    read = read_picture(path)
    spacing = spacing or read.spacing
    aspect = spacing[0] / spacing[1] if spacing else read.aspect
    if not 1 / OBLONG <= aspect <= OBLONG:
        reason = f"says that its pixels are {aspect:.3g} times as high as wide"
        raise BadInput(path, reason, "Correct the size of a pixel in its header, or export it again.")
    picture = read.pixels
    place = FilmPlace.of((picture.shape[0], picture.shape[1]), find_area(to_grey(picture)), aspect)
    check_size(Path(path), *place.film)
    per_pixel = (spacing[0] / place.stretch[0], spacing[1] / place.stretch[1]) if spacing else None
    remark = read.remark
    if abs(aspect - 1) > SQUARE:
        words = f"pixels are {aspect:.4g} times as high as wide and were made square"
        remark = f"{remark}; {words}" if remark else words
    return Film(place.greys(picture), place, picture, per_pixel, spacing, read.facts, remark)
