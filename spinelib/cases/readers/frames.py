"""The frames of one enhanced DICOM file as headers of single slices.

(A) DICOM PS3.3 C.7.6.16: what differs between frames stands in PerFrameFunctionalGroupsSequence, the rest in
SharedFunctionalGroupsSequence, each attribute in the item of its functional group.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from spinelib.cases.readers.dicom_header import file_of, first_whole, short
from spinelib.core.errors import BadInput

GROUPS = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
# The functional groups that say where a frame lies, what its numbers mean, and which of several volumes it is of.
PARTS = (
    *("PixelMeasuresSequence", "PlaneOrientationSequence", "PlanePositionSequence"),
    *("PixelValueTransformationSequence", "FrameContentSequence", "MREchoSequence", "MRDiffusionSequence"),
)
REMEDY = "Convert it to NIfTI with dcm2niix."


def split_frames(file: Path, header: Dataset) -> list[Dataset] | None:
    """A header for every frame of an enhanced object; None for a file of a single slice.

    Raises BadInput for frames that do not say where they lie.
    """
    count = first_whole(header, "NumberOfFrames", 1)
    own = header.get(GROUPS[1])
    if not own:
        if count > 1:
            raise BadInput(file, f"holds {count} frames", REMEDY)
        return None
    if first_whole(header, "BitsAllocated", 16) < 8:
        raise BadInput(file, "holds one bit per pixel: a DICOM segmentation", "Save it as .nii.gz with 3D Slicer.")
    if len(own) != count:
        raise BadInput(file, f"holds {count} frames and says of {len(own)} where they lie", REMEDY)
    common = Dataset()
    common.update({element.tag: element for element in header if element.keyword not in GROUPS})
    shared = list(header.get(GROUPS[0]) or [])[:1]
    return [_frame(file, common, [*shared, item]) for item in own]


def frame_pixels(whole: Dataset, header: Dataset, frame: int) -> Dataset:
    """The header of a frame with the stored pixels of frame number `frame` of the object `whole`. Raises BadInput."""
    from pydicom.encaps import encapsulate, get_frame

    single = Dataset()
    single.update(header)
    single.filename, single.file_meta = header.filename, whole.file_meta
    count, content = first_whole(whole, "NumberOfFrames", 1), bytes(whole.get("PixelData", b""))
    try:
        if whole.file_meta.TransferSyntaxUID.is_encapsulated:
            single.PixelData = encapsulate([get_frame(content, frame, number_of_frames=count)])
            return single
    # Damaged streams surface as many kinds of errors.
    except Exception as error:
        reason = f"holds frames that cannot be told apart ({short(error)})"
        raise BadInput(file_of(header), reason, REMEDY) from error
    size = math.prod(first_whole(header, name, 1) for name in ("Rows", "Columns", "SamplesPerPixel"))
    size = size * first_whole(header, "BitsAllocated", 16) // 8
    if len(content) < size * count:
        raise BadInput(file_of(header), f"is cut short ({len(content)} of {size * count} bytes of pixels)", REMEDY)
    single.PixelData = content[frame * size : (frame + 1) * size]
    return single


def _frame(file: Path, common: Dataset, groups: list[Any]) -> Dataset:
    single = Dataset()
    single.update(common)
    for group in groups:
        for part in PARTS:
            for item in list(group.get(part) or [])[:1]:
                single.update(item)
    # Elements are shared with the whole object, so that none is changed.
    single.add_new("NumberOfFrames", "IS", 1)
    single.filename = str(file)
    return single
