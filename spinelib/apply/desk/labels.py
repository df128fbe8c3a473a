"""Corrected corners as a Labelme file with its film beside it, as Labelme opens them and source `folder` reads them."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from spinelib.apply.film import OutlinedFilm
from spinelib.cases.readers.landmarks import LEVELS
from spinelib.core.files import digest, replace
from spinelib.measures.cobb.rules import Floats

# The version of Labelme whose files these are like.
LIKE = "5.4.1"
# What Labelme shows by itself; anything else is drawn again as PNG.
SHOWN = (".png", ".jpg", ".jpeg", ".bmp")
# A vertebra that nobody can name, by `spinelib.cases.readers.spine_names`.
UNNAMED = "vertebra"
# Around the four corners of a vertebra, which are kept as TL, TR, BL, BR.
RING = (0, 1, 3, 2)
WINDOW = (0.1, 99.9)
# Beside the folder that is written to, so that no reader of labels finds them.
EARLIER = "earlier"


def write_labels(source: Path, found: OutlinedFilm, corners: Floats, folder: Path) -> Path:
    """Write corners [V, 4, 2] px of the film in the file `source` to `folder` as Labelme JSON; gives that file.

    Points count from pixel edges of the file, as Labelme's do. Seventeen vertebrae are T1 to L5. The film lies beside
    it: a copy, or for DICOM and other kinds that Labelme does not open a PNG of the same pixels. What lies there
    already and differs is kept in the folder ``earlier`` beside `folder`. Raises BadInput where that cannot be written.
    """
    place = found.film.place
    points = np.asarray(place.to_file(corners), float) + 0.5
    names = LEVELS if len(points) == len(LEVELS) else [UNNAMED] * len(points)
    kept = source.suffix.lower() in SHOWN
    picture = folder / f"{source.stem}{source.suffix if kept else '.png'}"
    content = labelme_content(points, names, picture.name, place.file)
    _put(picture, source.read_bytes() if kept else _file_picture(found))
    file = picture.with_suffix(".json")
    _put(file, (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    return file


def labelme_content(points: Floats, names: Sequence[str], picture: str, size: tuple[int, int]) -> dict[str, Any]:
    """What a Labelme file of a picture of `size` (height, width) holds: a polygon for each of `points` [V, 4, 2] px."""
    shapes = [
        {"label": name, "points": quad[list(RING)].round(2).tolist(), "group_id": None, "shape_type": "polygon"}
        | {"flags": {}}
        for name, quad in zip(names, points, strict=True)
    ]
    about = {"imagePath": picture, "imageData": None, "imageHeight": size[0], "imageWidth": size[1]}
    return {"version": LIKE, "flags": {}, "shapes": shapes, **about}


def _file_picture(found: OutlinedFilm) -> bytes:
    """The whole picture of a file in its own pixels as PNG, greys stretched to 8 bits."""
    greys = np.rot90(found.film.picture, -found.film.place.turns)
    low, high = np.percentile(greys, WINDOW)
    small = (255 * np.clip((greys - low) / max(float(high - low), 1e-6), 0, 1)).astype(np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(small).save(buffer, "PNG")
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
