"""A folder of DICOM slices as one volume.

(A) DICOM PS3.3 C.7.6.2: ImageOrientationPatient holds the directions of a row and of a column, ImagePositionPatient
the first pixel of the slice, both in mm to the patient's left, back and head; PixelSpacing is (row, column). (C) The
distance between slices comes from their positions, never from SliceThickness; steps may differ by a tenth.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.readers.limits import check_voxels
from spinelib.core.errors import BadInput

MAX_FILES = 2000
TAGS = (
    "SeriesInstanceUID",
    "SeriesDescription",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "PixelSpacing",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
)
REMEDY = "Give a folder that holds one sagittal series, or convert it to NIfTI with dcm2niix."


def read(path: Path, strict: bool) -> tuple[NDArray[Any], NDArray[np.float64], str]:
    """Voxels float32 [columns, rows, slices], affine (RAS+, mm) and a remark. Raises BadInput."""
    slices, affine = _sorted(path)
    planes = [_pixels(file) for file, _ in slices]
    if len({plane.shape for plane in planes}) != 1:
        raise BadInput(path, "holds slices of different sizes", REMEDY)
    return np.stack(planes, 2), affine, ""


def geometry(path: Path) -> tuple[tuple[int, ...], NDArray[np.float64]]:
    """Shape [columns, rows, slices] and affine (RAS+, mm) as the headers state them. Raises BadInput."""
    slices, affine = _sorted(path)
    return _shape(slices), affine


def _sorted(path: Path) -> tuple[list[tuple[Path, Any]], NDArray[np.float64]]:
    """Files with their headers in the order of the slices, and the affine."""
    slices = _headers(path)
    _check_equal(path, slices)
    check_voxels(path, _shape(slices))
    row, column = np.asarray(slices[0][1].ImageOrientationPatient, float).reshape(2, 3)
    normal = np.cross(row, column)
    depth = np.array([float(normal @ np.asarray(header.ImagePositionPatient, float)) for _, header in slices])
    order = np.argsort(depth, kind="stable")
    steps = np.diff(depth[order])
    if len(steps) == 0 or steps.min() < 0.01 or np.ptp(steps) > 0.1 * np.median(steps):
        said = "one slice only" if len(steps) == 0 else f"steps of {steps.min():.2f} to {steps.max():.2f} mm"
        reason = f"has {said} between its slices: slices are missing, or there are several volumes"
        raise BadInput(path, reason, REMEDY)
    slices = [slices[k] for k in order]
    return slices, _affine(slices, row, column)


def _affine(slices: list[tuple[Path, Any]], row: NDArray[Any], column: NDArray[Any]) -> NDArray[np.float64]:
    first, last = (np.asarray(slices[k][1].ImagePositionPatient, float) for k in (0, -1))
    down, along = (float(mm) for mm in slices[0][1].PixelSpacing)
    affine = np.eye(4)
    affine[:3, :3] = np.stack([row * along, column * down, (last - first) / (len(slices) - 1)], 1)
    affine[:3, 3] = first
    return np.asarray(np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine, float)


def _headers(path: Path) -> list[tuple[Path, Any]]:
    """Headers of all DICOM images in the folder that have a place in the patient."""
    import pydicom

    files = sorted(file for file in path.iterdir() if file.is_file() and not file.name.startswith("."))
    if len(files) > MAX_FILES:
        raise BadInput(path, f"holds {len(files)} files, the limit is {MAX_FILES}", REMEDY)
    found = []
    for file in files:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                header = pydicom.dcmread(file, stop_before_pixels=True, specific_tags=list(TAGS))
        # What is no DICOM file surfaces as many kinds of errors, and may well lie beside the slices.
        except Exception:
            continue
        if header.get("Rows") and header.get("Columns"):
            found.append((file, header))
    if not found:
        raise BadInput(path, "is a folder without DICOM images", REMEDY)
    return found


def _check_equal(path: Path, slices: list[tuple[Path, Any]]) -> None:
    if len({str(header.get("SeriesInstanceUID")) for _, header in slices}) > 1:
        names = sorted({str(header.get("SeriesDescription", "without a name")) for _, header in slices})
        raise BadInput(path, f"holds several series ({', '.join(names[:4])})", REMEDY)
    for file, header in slices:
        if int(header.get("NumberOfFrames") or 1) > 1:
            raise BadInput(file, f"holds {header.NumberOfFrames} frames", "Convert it to NIfTI with dcm2niix.")
        if int(header.get("SamplesPerPixel") or 1) > 1:
            raise BadInput(file, "is in colour", REMEDY)
        for name, count in (("ImageOrientationPatient", 6), ("ImagePositionPatient", 3), ("PixelSpacing", 2)):
            _check_numbers(file, header, name, count)
    first = slices[0][1]
    for file, header in slices[1:]:
        turned = not np.allclose(header.ImageOrientationPatient, first.ImageOrientationPatient, atol=1e-3)
        scaled = not np.allclose(header.PixelSpacing, first.PixelSpacing, rtol=1e-3)
        if turned or scaled or (header.Rows, header.Columns) != (first.Rows, first.Columns):
            raise BadInput(file, "differs from the other slices in size, spacing or orientation", REMEDY)


def _check_numbers(file: Path, header: Any, name: str, count: int) -> None:
    try:
        values = np.asarray(header.get(name), float)
    except (TypeError, ValueError):
        values = np.zeros(0)
    if values.shape != (count,) or not np.isfinite(values).all():
        raise BadInput(file, f"does not say how the patient lies (no usable {name})", REMEDY)


def _shape(slices: list[tuple[Path, Any]]) -> tuple[int, int, int]:
    header = slices[0][1]
    return int(header.Columns), int(header.Rows), len(slices)


def _pixels(file: Path) -> NDArray[np.float32]:
    from pydicom import dcmread
    from pydicom.pixels import apply_modality_lut

    try:
        header = dcmread(file)
        return np.asarray(apply_modality_lut(header.pixel_array, header), np.float32).T
    # Decoder plug-ins raise their own kinds of errors.
    except Exception as error:
        reason = f"holds pixels that cannot be decoded ({' '.join(str(error).split())[:120]})"
        raise BadInput(file, reason, REMEDY) from error
