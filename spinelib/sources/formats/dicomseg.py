"""DICOM segmentations among the DICOM films that they outline, wherever both lie.

(A) DICOM PS3.3 A.51 and C.8.20.2: segments have a number and a label; a frame is one segment of one source image, which
is named by its SOPInstanceUID. (C, our choice) A label is the name of a structure; a vertebra's corners are those of
its convex outline. Segmentations of series of slices are not read.

Marks: (A) stated in the standard, (C) our choice.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from spinelib.cases.manifest import Case
from spinelib.cases.outlines import region_outline
from spinelib.cases.readers.dicom import is_dicom
from spinelib.cases.readers.dicom_header import one_line, read_header, text
from spinelib.core.errors import BadInput
from spinelib.sources.conversion import Conversion, Draw, FilmLabels, label_films
from spinelib.sources.layouts import stem_of
from spinelib.sources.listing import Listing

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

# (A) PS3.4 B.5: the class of a segmentation.
SEGMENTATION = "1.2.840.10008.5.1.4.1.1.66.4"
AGAIN = "Save it again as a DICOM segmentation of the film."
BESIDE = "Put the DICOM film beside it. That of a volume: save it as .nii.gz with 3D Slicer."


def fits(listing: Listing) -> bool:
    """Whether there is a DICOM segmentation."""
    return any(kind == SEGMENTATION for kind, _ in _identities(listing).values())


def cases(conversion: Conversion) -> list[Case]:
    """A case for every DICOM film with a segmentation."""
    listing, found = conversion.listing, _identities(conversion.listing)
    films = {uid: path for path, (kind, uid) in found.items() if kind != SEGMENTATION}
    outlined: dict[str, list[Path]] = defaultdict(list)
    for path in (path for path, (kind, _) in found.items() if kind == SEGMENTATION):
        uids = _sources(read_header(path)) & set(films)
        listing.decide(path, "used", "DICOM segmentation")
        if len(uids) == 1:
            outlined[uids.pop()].append(path)
        else:
            problem = f"outlines {'several images' if uids else 'an image that is not there'}"
            conversion.exclude(stem_of(path.name), path, problem, BESIDE)
    draw: dict[Path, Draw] = {films[uid]: partial(_draw, uid=uid, files=files) for uid, files in outlined.items()}
    return label_films(conversion, draw)


def _identities(listing: Listing) -> dict[Path, tuple[str, str]]:
    """Class and identifier of every DICOM file."""
    import pydicom

    found = dict[Path, tuple[str, str]]()
    for path in listing.files.values():
        if path.is_file() and is_dicom(path):
            try:
                header = pydicom.dcmread(path, specific_tags=["SOPClassUID", "SOPInstanceUID"], stop_before_pixels=True)
            # A damaged file is told where it is read as a film.
            except Exception:
                continue
            found[path] = (text(header, "SOPClassUID"), text(header, "SOPInstanceUID"))
    return found


def _sources(segmentation: Dataset) -> set[str]:
    """Identifiers of the images that a segmentation, or one of its frames, refers to."""
    found = set[str]()
    for series in segmentation.get("ReferencedSeriesSequence") or []:
        found |= {text(each, "ReferencedSOPInstanceUID") for each in series.get("ReferencedInstanceSequence") or []}
    for frame in segmentation.get("PerFrameFunctionalGroupsSequence") or []:
        found |= _frame_sources(frame)
    return found


def _frame_sources(frame: Dataset) -> set[str]:
    derived = frame.get("DerivationImageSequence") or []
    return {text(each, "ReferencedSOPInstanceUID") for one in derived for each in one.get("SourceImageSequence") or []}


def _draw(labels: FilmLabels, uid: str, files: list[Path]) -> Path:
    if len(files) > 1:
        names = ", ".join(sorted(file.name for file in files))
        raise BadInput(labels.film, f"is outlined in several files ({names})", "Keep one of them.")
    for name, inside in _segments(files[0], uid):
        labels.area(files[0], name, inside)
        value, level = labels.label(files[0], name)
        if value and level and inside.any():
            points = region_outline(inside)
            upright = points if labels.turned is None else np.asarray(labels.turned.to_upright(points), np.float64)
            labels.rings.setdefault(level, []).append(upright)
    return files[0]


def _segments(file: Path, uid: str) -> list[tuple[str, NDArray[np.bool_]]]:
    """Labels and pixels [H, W] of the segments of the image `uid`. Raises BadInput."""
    header = read_header(file)
    try:
        frames = np.asarray(header.pixel_array)
        names = {int(each.SegmentNumber): text(each, "SegmentLabel") for each in header.SegmentSequence}
        shared = (header.get("SharedFunctionalGroupsSequence") or [{}])[0]
        highest = int(header.get("MaximumFractionalValue") or 1)
        found = list[tuple[str, NDArray[np.bool_]]]()
        for frame, own in zip(
            frames.reshape(-1, *frames.shape[-2:]), header.PerFrameFunctionalGroupsSequence, strict=True
        ):
            which = (own.get("SegmentIdentificationSequence") or shared.get("SegmentIdentificationSequence"))[0]
            # A frame that names no source is of the only image that the whole file names.
            if uid in (_frame_sources(own) or {uid}):
                found.append((names[int(which.ReferencedSegmentNumber)], frame > highest / 2))
    # Damaged headers surface as many kinds of errors.
    except Exception as error:
        raise BadInput(file, f"is no segmentation that can be read ({one_line(error)})", AGAIN) from error
    return found
