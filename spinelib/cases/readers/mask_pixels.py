"""The pixels of a mask's file as numbers or colours: palettes, transparent layers, lossy formats."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from spinelib.cases.readers import dicom
from spinelib.cases.readers.images import open_picture, read_image
from spinelib.cases.readers.plane import is_nifti

OPAQUE = 127
# Share of a layer's opaque pixels above which a colour was meant, and is no smoothed edge.
MEANT = 0.02


@dataclass(frozen=True)
class MaskPixels:
    """values: float32 [H, W], or [H, W, 3] where colours differ. lossy: whether the format changes values in saving."""

    values: NDArray[np.float32]
    lossy: bool = False


def read_mask_pixels(path: Path) -> MaskPixels:
    """The pixels of a mask, upright. Raises BadInput as `read_image` does.

    Palettes: the index is the label, and the palette only paints it. Where the palette holds nothing but greys, or is
    black somewhere else than at its index 0, a program has sorted it for size, and what a viewer shows counts.
    Transparent layers: what is opaque is marked (255), whatever its colour, where there is one colour only.
    """
    if dicom.is_dicom(path) or path.suffix.lower() == ".npy" or is_nifti(path):
        return MaskPixels(read_image(path))
    picture = open_picture(path)
    lossy = is_lossy(path)
    if picture.mode in ("P", "PA"):
        return MaskPixels(_palette(picture), lossy)
    if picture.mode in ("LA", "RGBA", "La", "RGBa"):
        return MaskPixels(_layer(picture.convert("RGBA")), lossy)
    return MaskPixels(read_image(path), lossy)


def is_lossy(path: Path) -> bool:
    """Whether a picture's format changes its values: JPEG, JPEG 2000, lossy WebP, JPEG within TIFF.

    JPEG 2000 may be lossless, and does not say whether it is.
    """
    with Image.open(path) as picture:
        if picture.format in ("JPEG", "MPO", "JPEG2000"):
            return True
        if picture.format == "TIFF":
            return picture.info.get("compression") in ("jpeg", "tiff_jpeg", "webp")
        if picture.format != "WEBP":
            return False
    with path.open("rb") as file:
        return b"VP8L" not in file.read(4096)


def _palette(picture: Image.Image) -> NDArray[np.float32]:
    index = np.asarray(picture.getchannel(0))
    layer = picture.convert("RGBA")
    used, first = np.unique(index, return_index=True)
    shown = np.asarray(layer).reshape(-1, 4)[first]
    colours, opaque = shown[:, :3], shown[:, 3] > OPAQUE
    if opaque.any() and not opaque.all() and opaque[0]:
        return _layer(layer)
    grey, black = (colours == colours[:, :1]).all(), (colours == 0).all(1)
    for_size = (grey and (colours[:, 0] != used).any()) or (black.any() and not black[0])
    # Where a viewer shows two numbers alike, the palette says less than they do.
    if len(used) > 1 and for_size and len(np.unique(colours, axis=0)) == len(used):
        return _as_grey(np.asarray(layer, np.float32)[..., :3])
    return index.astype(np.float32)


def _layer(picture: Image.Image) -> NDArray[np.float32]:
    pixels = np.asarray(picture, np.float32)
    colours, opacity = pixels[..., :3], pixels[..., 3]
    if opacity.min() == opacity.max():
        return _as_grey(colours)
    opaque = opacity > OPAQUE
    _, counts = np.unique(colours[opaque], axis=0, return_counts=True)
    if (counts > MEANT * opaque.sum()).sum() > 1:
        return colours * opaque[..., None]
    return np.where(opaque, 255, 0).astype(np.float32)


def _as_grey(colours: NDArray[np.float32]) -> NDArray[np.float32]:
    return colours[..., 0] if (colours == colours[..., :1]).all() else colours
