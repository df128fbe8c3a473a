"""The shape of a pixel as a picture file states it.

(C) The resolution of a picture file counts for the shape of its pixels, not for millimetres: what scanners, screens and
programs write there says nothing of the patient. A difference of the two axes below a hundredth is rounding.
(A) TIFF 6.0 XResolution and YResolution, JFIF 1.02 and PNG pHYs (with unit 0, too, where only the ratio counts), BMP
pixels per metre: all count pixels along x and y, so that a pixel is x / y times as high as wide.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from spinelib.cases.readers.picture import check_aspect

ROUNDING = 0.01
X_RESOLUTION, Y_RESOLUTION = 282, 283


def pixel_aspect(path: Path, stated: list[Any]) -> float:
    """Height of a stored pixel over its width, 1.0 where it is not stated; `stated`: pairs of pixels along x and y.

    The first pair that holds two numbers above zero counts. Raises BadInput where it is absurd.
    """
    for pair in stated:
        along, down = (_positive(part) for part in pair) if isinstance(pair, tuple) and len(pair) == 2 else (0.0, 0.0)
        if along and down:
            check_aspect(path, along / down)
            return 1.0 if abs(along / down - 1) < ROUNDING else along / down
    return 1.0


def stated_resolutions(picture: Image.Image) -> list[Any]:
    """What a picture (not TIFF) says of pixels along x and y, the most trusted first."""
    said: list[Any] = [picture.info.get("jfif_density")]
    # One to one without a unit is what programs write that state nothing.
    if picture.info.get("jfif_unit") == 0 and said == [(1, 1)]:
        said = []
    if picture.format in ("JPEG", "MPO", "WEBP", "PNG"):
        exif = picture.getexif()
        said.append((exif.get(X_RESOLUTION), exif.get(Y_RESOLUTION)))
    # Pillow takes the first of two EXIF resolutions for both.
    return [*said, *(picture.info.get(name) for name in ("aspect", "dpi"))]


def _positive(part: Any) -> float:
    """A number above zero; 0 for what is none (fractions may have no denominator)."""
    try:
        value = float(part)
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return value if 0 < value < 1e9 else 0.0
