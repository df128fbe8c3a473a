"""Any supported image file as grey or RGB float32, or one clear BadInput."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers import dicom
from spinelib.cases.readers.dicom_header import one_line
from spinelib.cases.readers.picture import EXPORT as EXPORT
from spinelib.cases.readers.picture import MAX_PIXELS as MAX_PIXELS
from spinelib.cases.readers.picture import Facts as Facts
from spinelib.cases.readers.picture import Picture as Picture
from spinelib.cases.readers.picture import check_file as check_file
from spinelib.cases.readers.picture import check_size as check_size
from spinelib.cases.readers.picture import eight_bit as eight_bit
from spinelib.cases.readers.picture import to_grey as to_grey
from spinelib.cases.readers.plane import is_nifti, read_plane
from spinelib.cases.readers.raster import RASTERS, raster_size, read_raster
from spinelib.cases.readers.raster import open_picture as open_picture
from spinelib.core.errors import BadInput

SUFFIXES = (*RASTERS, ".dcm", ".dicom", ".npy")


def read_picture(path: Path | str) -> Picture:
    """The image in a file with its spacing, the shape of its pixels, and what its header says. Raises BadInput.

    PNG, JPEG, TIFF, BMP, WebP and JPEG 2000 (grey, colour or palette; turned as EXIF says; white high, whatever the
    file takes for zero; transparency dropped), NPY, NIfTI of one plane, and single-frame DICOM. Pixels stay in the
    file's own units; colour with three equal channels comes back as grey. Refused is what is missing, empty, broken, no
    image, larger than MAX_PIXELS, several pictures in one file, or holds NaN or infinite values.
    """
    path = check_file(path)
    if dicom.is_dicom(path):
        found = dicom.read(path)
    elif path.suffix.lower() == ".npy":
        found = Picture(_numpy(path))
    elif is_nifti(path):
        found = read_plane(path)
    else:
        pixels, aspect = read_raster(path)
        found = Picture(pixels, aspect=aspect)
    return dataclasses.replace(found, pixels=_checked(path, found.pixels))


def read_image(path: Path | str) -> NDArray[np.float32]:
    """The pixels alone of `read_picture`, float32 [H, W] or [H, W, 3]. Raises BadInput."""
    return read_picture(path).pixels


def read_spacing(path: Path | str) -> tuple[float, float] | None:
    """Millimetres per pixel (row, column) by a DICOM or NIfTI header; None for other files or where not stated."""
    path = check_file(path)
    if is_nifti(path):
        return read_plane(path).spacing
    return dicom.header_spacing(path) if dicom.is_dicom(path) else None


def picture_size(path: Path | str) -> tuple[int, int]:
    """Height and width of the image as `read_image` gives it, from its header where that tells. Raises BadInput."""
    path = check_file(path)
    if dicom.is_dicom(path):
        return dicom.header_size(path)
    if path.suffix.lower() == ".npy" or is_nifti(path):
        height, width = (read_plane(path).pixels if is_nifti(path) else _numpy(path)).shape[:2]
        return height, width
    return raster_size(path)


def _checked(path: Path, pixels: NDArray[Any]) -> NDArray[np.float32]:
    if not np.isfinite(pixels).all():
        raise BadInput(path, "holds NaN or infinite pixels", EXPORT)
    if pixels.ndim == 3 and (pixels == pixels[..., :1]).all():
        pixels = pixels[..., 0]
    return np.ascontiguousarray(pixels, np.float32)


def _numpy(path: Path) -> NDArray[Any]:
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
        shape = values.shape
        if values.dtype.kind not in "buif" or not (len(shape) == 2 or (len(shape) == 3 and shape[2] == 3)):
            reason = f"holds {values.dtype} values of shape {list(shape)}"
            raise BadInput(path, reason, "Save numbers of shape [H, W] or [H, W, 3].")
        check_size(path, shape[0], shape[1])
        return np.asarray(values)
    except BadInput:
        raise
    except Exception as error:
        raise BadInput(path, f"is no readable array ({one_line(error)})", "Save it again with numpy.save.") from error
