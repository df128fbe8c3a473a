"""Samples that Pillow would give with fewer bits or other numbers, read through ITK or from the raw rows.

Pillow keeps the upper 8 of 16 bits of colours, and of grey with transparency, which leaves 16 greys of a film whose
12 bits lie in 16.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile

ORIENTATION = 0x0112
# EXIF orientation: what makes stored rows upright.
TURNS: dict[int, Callable[[NDArray[Any]], NDArray[Any]]] = {
    2: np.fliplr,
    3: lambda pixels: np.rot90(pixels, 2),
    4: np.flipud,
    5: lambda pixels: np.swapaxes(pixels, 0, 1),
    6: lambda pixels: np.rot90(pixels, -1),
    7: lambda pixels: np.swapaxes(np.rot90(pixels, 2), 0, 1),
    8: lambda pixels: np.rot90(pixels, 1),
}


def through_itk(path: Path, kind: str, height: int, width: int) -> NDArray[Any]:
    """Samples [H, W] or [H, W, 3] as stored; kind: TIFF or PNG. Raises any error where they are damaged."""
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    values = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path), imageIO=f"{kind}ImageIO"))
    if values.shape[:2] != (height, width) or values.ndim > 3:
        raise ValueError(f"samples of shape {list(values.shape)}")
    return values[..., :3] if values.ndim == 3 else values


def deep_png(path: Path, picture: Image.Image) -> NDArray[Any] | None:
    """Pixels [H, W] or [H, W, 3] of a PNG with 16 bits and several channels, upright; None for other pictures."""
    if not isinstance(picture, ImageFile.ImageFile) or picture.format != "PNG" or not picture.tile:
        return None
    raw = picture.tile[0][3]
    if raw in ("RGB;16B", "RGBA;16B"):
        pixels = through_itk(path, "PNG", picture.height, picture.width)
    elif raw == "LA;16B" and picture.mode == "RGBA":
        # the four bytes of a pixel as they lie there: grey, then transparency, upper byte first
        picture.tile = [picture.tile[0]._replace(args="RGBA")]
        pairs = np.asarray(picture, np.float32)
        pixels = 256 * pairs[..., 0] + pairs[..., 1]
    else:
        return None
    # what Pillow says of orientation comes last, since it may decode the picture to find it
    return TURNS.get(picture.getexif().get(ORIENTATION, 1), np.asarray)(pixels)
