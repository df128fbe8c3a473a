"""Frames of one file as single slices."""

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

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


def test_the_pixels_of_a_frame_are_its_own(tmp_path):
    header = with_groups(path=tmp_path / "a.dcm")
    header.save_as(tmp_path / "a.dcm")
    single = frame_pixels(tmp_path / "a.dcm", split_frames(FILE, header)[1], 1)
    np.testing.assert_array_equal(np.frombuffer(single.PixelData, "<u2"), np.arange(12, 24))
    with pytest.raises(BadInput, match="cannot be decoded"):
        frame_pixels(tmp_path / "a.dcm", single, 2)


def test_a_file_of_one_slice_is_no_frame_and_frames_without_places_are_refused():
    assert split_frames(FILE, data_set()) is None
    with pytest.raises(BadInput, match="holds 2 frames"):
        split_frames(FILE, data_set(np.zeros((2, 3, 4), np.uint16)))
