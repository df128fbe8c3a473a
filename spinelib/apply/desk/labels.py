"""Corrected corners as a Labelme file with its film beside it, as Labelme opens them and source `folder` reads them."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from spinelib.apply.export.labelme import labelme_text
from spinelib.apply.export.pictures import COPIED
from spinelib.apply.export.results import NAMELESS
from spinelib.apply.export.rings import vertebra_ring
from spinelib.apply.film import OutlinedFilm
from spinelib.cases.readers.images import eight_bit
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.core.files import digest, replace
from spinelib.measures.cobb.rules import Floats

# Beside the folder that is written to, so that no reader of labels finds them.
EARLIER = "earlier"


def write_labels(source: Path, found: OutlinedFilm, corners: Floats, folder: Path) -> Path:
    """Write corners [V, 4, 2] px of the film in the file `source` to `folder` as Labelme JSON; gives that file.

    Points count from pixel edges of the file, as Labelme's do. Seventeen vertebrae are T1 to L5. The film lies beside
    it: a copy, or for DICOM and other kinds that Labelme does not open a PNG of the same pixels. What lies there
    already and differs is kept in the folder ``earlier`` beside `folder`. Raises BadInput where that cannot be written.
    """
    place = found.film.place
    quads = np.asarray(place.to_file(corners), float)
    names = LEVELS if len(quads) == len(LEVELS) else [NAMELESS] * len(quads)
    kept = source.suffix.lower() in COPIED
    picture = folder / f"{source.stem}{source.suffix if kept else '.png'}"
    rings = [(name, vertebra_ring(quad)) for name, quad in zip(names, quads, strict=True)]
    _put(picture, source.read_bytes() if kept else _file_picture(found))
    file = picture.with_suffix(".json")
    _put(file, labelme_text(picture.name, place.file, rings).encode())
    return file


def _file_picture(found: OutlinedFilm) -> bytes:
    """The whole picture of a file in its own pixels as PNG, greys stretched to 8 bits."""
    greys = np.rot90(found.film.picture, -found.film.place.turns)
    buffer = io.BytesIO()
    Image.fromarray(eight_bit(greys)).save(buffer, "PNG")
    return buffer.getvalue()


def _put(file: Path, content: bytes) -> None:
    """Write a file, whole or not at all; what somebody may have changed there moves out of the way, never lost."""
    if file.exists():
        if digest(file) == digest(content):
            return
        earlier = file.parent.with_name(EARLIER) / f"{file.stem}-{digest(file)}{file.suffix}"
        with replace(earlier) as temporary:
            shutil.copyfile(file, temporary)
    with replace(file) as temporary:
        temporary.write_bytes(content)
