"""The picture of a film as annotation programs open it, and what was found in it in the pixels of that picture.

(C, our choice) PNG, JPEG and BMP are copied as they are. What those programs do not read (DICOM, TIFF, ...) becomes a
PNG of as many pixels, 8 bit, upright as the header says, which also states how much higher than wide a pixel is.

Marks: (C) our choice.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.apply.export.results import ReadImage, labels_of
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.readers.images import eight_bit, read_picture
from spinelib.cases.readers.picture import Picture
from spinelib.core.errors import BadInput

Points = NDArray[np.float64]
COPIED = (".png", ".jpg", ".jpeg", ".bmp")
PER_INCH = 300


@dataclass(frozen=True)
class UprightFilm:
    """A film as people correct it: all is in px of its picture there.

    ending: of the picture's file; labels: [H, W]; vertebrae: name and corners [4, 2] (x, y, pixel centres at integers)
    from above; spacing: mm per pixel (row, column), None where the film's file states none.
    """

    read: ReadImage
    ending: str
    labels: NDArray[np.uint8]
    vertebrae: tuple[tuple[str, Points], ...]
    spacing: tuple[float, float] | None
    picture: Picture | None = None

    def save_picture(self, path: Path) -> None:
        """Write the picture to `path`."""
        if self.picture is None:
            shutil.copyfile(self.read.image.path, path)
            return
        aspect = self.picture.aspect
        stated = {} if aspect == 1 else {"dpi": (PER_INCH * aspect, float(PER_INCH))}
        Image.fromarray(eight_bit(self.picture.pixels)).save(path, "PNG", **stated)


def upright_film(read: ReadImage, copied: Sequence[str] = COPIED) -> UprightFilm:
    """The film of a result, to be written as a picture; files of the endings `copied` stay as they are.

    Raises BadInput for a film whose file cannot be read, or a mask of another size.
    """
    path, labels = read.image.path, labels_of(read)
    if path.suffix.lower() in copied:
        return UprightFilm(read, path.suffix.lower(), labels, read.vertebrae, None)
    picture = read_picture(path)
    height, width = picture.pixels.shape[:2]
    place = FilmPlace.of((height, width), (0, 0, height, width), turns=picture.quarter_turns)
    if labels.shape != place.file:
        raise BadInput(read.mask, "is not as large as its film", "Read the films again.")
    turned = tuple((name, np.asarray(place.to_upright(quad), float)) for name, quad in read.vertebrae)
    upright = np.ascontiguousarray(np.rot90(labels, place.turns))
    return UprightFilm(read, ".png", upright, turned, picture.spacing, picture)
