"""Slices put in order along their normal, when they are one regular stack.

(A) DICOM PS3.3 C.7.6.2: ImageOrientationPatient holds the directions of a row and of a column, ImagePositionPatient
the first pixel of the slice, both in mm to the patient's left, back and head; PixelSpacing is (row, column). (C) The
distance between slices comes from their positions, never from SliceThickness; steps may differ by a tenth. Slices may
leave the line along the normal by 1 % of their distance and a tenth of a pixel. A slice that is there twice is used
once.

Marks: (A) stated in the paper, (C) our choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset

from spinelib.cases.readers.dicom_header import first_whole, numbers, text
from spinelib.cases.readers.limits import check_voxels
from spinelib.cases.readers.slices import REMEDY, Slice, some
from spinelib.core.errors import BadInput

TILT = 0.01
# What tells the volumes of a series apart, and what one of them is called.
VOLUMES = {
    "TemporalPositionIdentifier": "times",
    "TemporalPositionIndex": "times",
    "EchoNumbers": "echoes",
    "EchoTime": "echoes",
    "EffectiveEchoTime": "echoes",
    "DiffusionBValue": "b-values",
    "AcquisitionNumber": "acquisitions",
    "ImageType": "kinds of images",
}


def stacked(folder: Path, slices: Sequence[Slice]) -> tuple[list[Slice], NDArray[np.float64], list[str]]:
    """The slices along their normal, affine (RAS+, mm) of [columns, rows, slices], and remarks. Raises BadInput."""
    for each in slices:
        _check_header(each)
    _check_equal(slices)
    slices, notes = _without_copies(folder, slices)
    check_voxels(folder, shape(slices))
    row, column = np.array(numbers(slices[0].header, "ImageOrientationPatient")).reshape(2, 3)
    normal = np.cross(row, column)
    places = np.array([numbers(each.header, "ImagePositionPatient") for each in slices])
    order = np.argsort(places @ normal, kind="stable")
    slices, places = [slices[k] for k in order], places[order]
    _check_steps(folder, slices, np.diff(places @ normal))
    _check_line(folder, slices, places, normal)
    down, along = numbers(slices[0].header, "PixelSpacing")
    affine = np.eye(4)
    affine[:3, :3] = np.stack([row * along, column * down, (places[-1] - places[0]) / (len(places) - 1)], 1)
    affine[:3, 3] = places[0]
    affine = np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine
    return slices, affine, notes + _numbered(slices, float(np.diff(places @ normal).mean()))


def shape(slices: Sequence[Slice]) -> tuple[int, int, int]:
    """Columns, rows and slices of a stack of equal slices."""
    header = slices[0].header
    return first_whole(header, "Columns", 0), first_whole(header, "Rows", 0), len(slices)


def _check_header(each: Slice) -> None:
    """Raise BadInput for a slice in colour or without a usable place."""
    file, header = each.file, each.header
    if first_whole(header, "SamplesPerPixel", 1) > 1:
        raise BadInput(file, "is in colour", REMEDY)
    for name, count in (("ImageOrientationPatient", 6), ("ImagePositionPatient", 3), ("PixelSpacing", 2)):
        if len(numbers(header, name)) != count:
            raise BadInput(file, f"does not say how the patient lies (no usable {name})", REMEDY)
    turn = np.array(numbers(header, "ImageOrientationPatient")).reshape(2, 3)
    if np.abs(turn @ turn.T - np.eye(2)).max() > TILT or min(numbers(header, "PixelSpacing")) <= 0:
        reason = "states directions that are not at right angles, or a PixelSpacing that is no size"
        raise BadInput(file, reason, REMEDY)


def _check_equal(slices: Sequence[Slice]) -> None:
    first = slices[0].header
    patients = sorted({text(each.header, "PatientID") for each in slices} - {""})
    if len(patients) > 1:
        reason = f"holds slices of {len(patients)} patients (PatientID {some(patients)}) under one SeriesInstanceUID"
        raise BadInput(slices[0].file.parent, reason, "Export the series of each patient again.")
    alike = ("Rows", "Columns", "PhotometricInterpretation")
    for each in slices[1:]:
        turned, scaled = (
            not np.allclose(numbers(each.header, name), numbers(first, name), atol=1e-3)
            for name in ("ImageOrientationPatient", "PixelSpacing")
        )
        if turned or scaled or any(text(each.header, name) != text(first, name) for name in alike):
            raise BadInput(each.file, "differs from the other slices in size, spacing, orientation or greys", REMEDY)


def _without_copies(folder: Path, slices: Sequence[Slice]) -> tuple[list[Slice], list[str]]:
    """The slices, of equal ones at one place the first alone, and a remark. Raises BadInput for several volumes."""
    found: dict[tuple[float, ...], list[Slice]] = {}
    for each in slices:
        found.setdefault(tuple(np.round(numbers(each.header, "ImagePositionPatient"), 3)), []).append(each)
    copies = []
    for same in found.values():
        for other in same[1:]:
            if _stored(other) != _stored(same[0]):
                raise _several(folder, slices, len(found), same[0], other)
            copies.append(other.file.name)
    return [same[0] for same in found.values()], [f"holds a slice twice ({some(copies)})"] if copies else []


def _stored(each: Slice) -> tuple[bytes, ...]:
    """What a slice stores: pixels and their meaning. Raises BadInput."""
    import pydicom

    whole_file = pydicom.dcmread(each.file, force=True)
    meaning = tuple(text(each.header, name).encode() for name in ("RescaleSlope", "RescaleIntercept"))
    return bytes(whole_file.get("PixelData", b"")), str(each.frame).encode(), *meaning


def _several(folder: Path, slices: Sequence[Slice], places: int, one: Slice, other: Slice) -> BadInput:
    for name, what in VOLUMES.items():
        values = {text(each.header, name) for each in slices}
        if text(one.header, name) != text(other.header, name):
            reason = f"holds several volumes: {len(values)} {what} ({some(sorted(values))}) at {places} places"
            return BadInput(folder, reason, REMEDY)
    reason = f"holds several volumes: {len(slices)} slices at {places} places, two of them {one.file.name} and "
    return BadInput(folder, reason + other.file.name, REMEDY)


def _check_steps(folder: Path, slices: Sequence[Slice], steps: NDArray[np.float64]) -> None:
    if len(steps) and steps.min() >= 0.01 and np.ptp(steps) <= 0.1 * np.median(steps):
        return
    said = f"steps of {steps.min():.2f} to {steps.max():.2f} mm" if len(steps) else "one slice only"
    if not len(steps):
        raise BadInput(folder, f"has {said}", REMEDY)
    at = int(np.argmax(steps))
    between = f"{slices[at].file.name} and {slices[at + 1].file.name}"
    reason = f"has {said} between its slices: slices are missing (between {between}), or there are several volumes"
    raise BadInput(folder, reason, REMEDY)


def _check_line(
    folder: Path, slices: Sequence[Slice], places: NDArray[np.float64], normal: NDArray[np.float64]
) -> None:
    """Raise BadInput where the slices do not lie one behind the other along their normal."""
    away = places - places[0]
    depth = away @ normal
    aside = away - depth[:, None] * normal
    leeway = 0.1 * min(numbers(slices[0].header, "PixelSpacing"))
    step = np.linalg.norm(np.diff(aside, axis=0), axis=1)
    far = float(np.linalg.norm(aside[-1]))
    odd = np.flatnonzero(step > TILT * np.diff(depth) + leeway)
    if len(odd) and len(odd) < max(2, len(step) / 2):
        reason = f"is moved in its plane by {step[odd[0]]:.2f} mm against the slice before it"
        raise BadInput(slices[int(odd[0]) + 1].file, reason, REMEDY)
    if len(odd) or far > TILT * depth[-1] + leeway:
        reason = f"has its last slice moved in its plane by {far:.2f} mm against the first: the stack is tilted"
        raise BadInput(folder, reason, REMEDY)


def _numbered(slices: Sequence[Slice], step: float) -> list[str]:
    """Remarks on what the headers count otherwise than the files: missing numbers, more images, smaller steps."""
    notes = []
    found = {_whole(each.header, "InstanceNumber") for each in slices}
    counted = sorted(number for number in found if number is not None)
    if len(counted) == len(slices):
        missing = sorted({*range(min(1, counted[0]), counted[-1])} - {*counted})
        # A series may be numbered from far above 1.
        if missing and len(missing) < 2 * len(counted):
            notes.append(f"has no image number {some([str(number) for number in missing])}: slices may be missing")
    stated = _whole(slices[0].header, "ImagesInAcquisition")
    if stated is not None and stated > len(slices):
        notes.append(f"holds {len(slices)} slices, its headers state {stated} images")
    apart = (*numbers(slices[0].header, "SpacingBetweenSlices"), 0.0)[0]
    if apart > 0 and abs(apart - step) > 0.1 * step:
        notes.append(f"has slices {step:.2f} mm apart by their places, which count; {apart:g} by SpacingBetweenSlices")
    return notes


def _whole(header: Dataset, name: str) -> int | None:
    """A whole number that only counts; None where it is none."""
    try:
        return first_whole(header, name, 0) if name in header else None
    except BadInput:
        return None
