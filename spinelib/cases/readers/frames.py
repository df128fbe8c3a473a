"""The frames of one enhanced DICOM file as headers of single slices.

(A) DICOM PS3.3 C.7.6.16: what differs between frames stands in PerFrameFunctionalGroupsSequence, the rest in
SharedFunctionalGroupsSequence, each attribute in the item of its functional group.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset

from spinelib.cases.readers.dicom_header import first_whole, short
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
    if len(own) != count:
        raise BadInput(file, f"holds {count} frames and says of {len(own)} where they lie", REMEDY)
    common = Dataset()
    common.update({element.tag: element for element in header if element.keyword not in GROUPS})
    shared = list(header.get(GROUPS[0]) or [])[:1]
    return [_frame(file, common, [*shared, item]) for item in own]


def frame_pixels(file: Path, header: Dataset, frame: int) -> Dataset:
    """The header of a frame with the pixels of frame number `frame` of its file. Raises BadInput."""
    from pydicom.pixels import pixel_array
    from pydicom.uid import ExplicitVRLittleEndian

    try:
        values = np.asarray(pixel_array(file, index=frame, correct_unused_bits=False))
    # Decoder plug-ins raise their own kinds of errors.
    except Exception as error:
        raise BadInput(file, f"holds pixels that cannot be decoded ({short(error)})", REMEDY) from error
    single = Dataset()
    single.update(header)
    single.file_meta = FileMetaDataset()
    single.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    single.BitsAllocated = 8 * values.dtype.itemsize
    single.PixelData = values.astype(values.dtype.newbyteorder("<")).tobytes()
    single.filename = str(file)
    return single


def _frame(file: Path, common: Dataset, groups: list[Any]) -> Dataset:
    single = Dataset()
    single.update(common)
    for group in groups:
        for part in PARTS:
            for item in list(group.get(part) or [])[:1]:
                single.update(item)
    single.NumberOfFrames = 1
    single.filename = str(file)
    return single
