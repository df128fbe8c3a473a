"""Frames of one file as single slices."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, RLELossless

from spinelib.cases.readers.dicom_pixels import grey_values
from spinelib.cases.readers.frames import frame_pixels, split_frames
from spinelib.core.errors import BadInput

from .dicoms import data_set

FILE = Path("a.dcm")


def item(**values):
    out = Dataset()
    for name, value in values.items():
        setattr(out, name, value)
    return out


def with_groups(**tags):
    header = data_set(np.arange(24, dtype=np.uint16).reshape(2, 3, 4), **tags)
    header.SharedFunctionalGroupsSequence = [item(PixelMeasuresSequence=[item(PixelSpacing=[2.0, 1.0])])]
    header.PerFrameFunctionalGroupsSequence = [
        item(PlanePositionSequence=[item(ImagePositionPatient=[k, 0.0, 0.0])]) for k in (5.0, 6.0)
    ]
    return header


def test_a_frame_has_what_is_shared_and_what_is_its_own():
    frames = split_frames(FILE, with_groups())
    assert [frame.ImagePositionPatient for frame in frames] == [[5, 0, 0], [6, 0, 0]]
    assert [frame.PixelSpacing for frame in frames] == [[2, 1], [2, 1]]
    assert {frame.NumberOfFrames for frame in frames} == {1}
    assert {frame.filename for frame in frames} == {"a.dcm"}


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless])
def test_the_pixels_of_a_frame_are_its_own(syntax):
    header = with_groups()
    if syntax == RLELossless:
        header.compress(syntax, generate_instance_uid=False)
    single = frame_pixels(header, split_frames(FILE, header)[1], 1)
    np.testing.assert_array_equal(grey_values(single, windowed=False), np.arange(12, 24).reshape(3, 4))


def test_missing_frames_are_named():
    header = with_groups()
    frames = split_frames(FILE, header)
    header.PixelData = header.PixelData[:-2]
    with pytest.raises(BadInput, match=r"cut short .46 of 48 bytes of pixels") as error:
        frame_pixels(header, frames[0], 0)
    assert error.value.file == "a.dcm"
    header = with_groups()
    header.compress(RLELossless, generate_instance_uid=False)
    header.PixelData = header.PixelData[:40]
    with pytest.raises(BadInput, match="cannot be told apart"):
        frame_pixels(header, frames[1], 1)


def test_a_file_of_one_slice_is_no_frame_and_frames_without_places_are_refused():
    assert split_frames(FILE, data_set()) is None
    with pytest.raises(BadInput, match="holds 2 frames"):
        split_frames(FILE, data_set(np.zeros((2, 3, 4), np.uint16)))


def test_a_segmentation_of_one_bit_per_pixel_is_refused():
    with pytest.raises(BadInput, match="one bit per pixel"):
        split_frames(FILE, with_groups(BitsAllocated=1, BitsStored=1, HighBit=0))
