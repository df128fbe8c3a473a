"""A folder of DICOM slices as one volume: its slices found, put in order, and their greys read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from spinelib.cases.readers.dicom_header import read_header, text
from spinelib.cases.readers.dicom_pixels import grey_values
from spinelib.cases.readers.frames import frame_pixels
from spinelib.cases.readers.slices import REMEDY, Slice, find_slices
from spinelib.cases.readers.stack import shape, stacked
from spinelib.core.errors import BadInput

# What the stored numbers of a slice mean.
MEANING = ("RescaleSlope", "RescaleIntercept", "BitsStored", "PixelRepresentation")


def read(path: Path, strict: bool) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """Voxels float32 [columns, rows, slices], affine (RAS+, mm) and a remark. Raises BadInput."""
    found, notes = find_slices(path)
    slices, affine, more = stacked(path, found)
    _check_greys(path, slices)
    planes = _planes(slices)
    if {plane.shape for plane in planes} != {shape(slices)[:2]}:
        raise BadInput(path, "holds slices of other sizes than their headers state", REMEDY)
    return np.stack(planes, 2), affine, "; ".join(notes + more)


def geometry(path: Path) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape [columns, rows, slices] and affine (RAS+, mm) as the headers state them. Raises BadInput."""
    slices, affine, _ = stacked(path, find_slices(path)[0])
    return shape(slices), affine


def _check_greys(path: Path, slices: list[Slice]) -> None:
    """Raise BadInput where white-is-zero slices would each be turned round about another grey."""
    meanings = {tuple(text(each.header, name) for name in MEANING) for each in slices}
    if len(meanings) > 1 and text(slices[0].header, "PhotometricInterpretation") == "MONOCHROME1":
        raise BadInput(path, "holds MONOCHROME1 slices that are rescaled each in another way", REMEDY)


def _planes(slices: list[Slice]) -> list[NDArray[np.float32]]:
    """The greys [columns, rows] of every slice."""
    # The one file of an enhanced series is read once.
    several = {each.file: read_header(each.file) for each in slices if each.frame is not None}
    planes = []
    for each in slices:
        if each.frame is None:
            header: Dataset = read_header(each.file)
        else:
            header = frame_pixels(several[each.file], each.header, each.frame)
        planes.append(grey_values(header, windowed=False).T)
    return planes
