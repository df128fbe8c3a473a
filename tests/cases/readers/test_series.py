"""A folder of DICOM slices: voxels, places and greys as the headers state them, or a refusal."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from spinelib.cases import read_volume
from spinelib.cases.readers import series
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_series

IMAGE, LABELS = lumbar()


def values(folder):
    """Voxels in the order of the canonical array."""
    return series.read(folder, strict=True)[0].T[::-1]


def test_slices_are_ordered_by_their_places_and_scaled_by_their_distances(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING)
    found, affine, remark = series.read(tmp_path / "s", strict=True)
    # Columns, rows, slices from left to right: the names of the files are in another order.
    np.testing.assert_array_equal(found, IMAGE[::-1].transpose(2, 1, 0))
    assert (found.dtype, remark) == (np.float32, "")
    # Columns run to the back, rows downwards, slices 4 mm to the right though they are 3.6 mm thick.
    np.testing.assert_allclose(affine[:3, :3], [[0, 0, 4], [-1.25, 0, 0], [0, -1.5, 0]], atol=1e-12)
    np.testing.assert_allclose(affine[:3, 3], [20 - 6 * 4, 15, 30])
    shape, stated = series.geometry(tmp_path / "s")
    assert shape == found.shape
    np.testing.assert_array_equal(stated, affine)


def test_greys_are_those_that_the_slope_and_the_offset_mean(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING, RescaleSlope=2, RescaleIntercept=-100)
    np.testing.assert_array_equal(values(tmp_path / "s"), 2 * IMAGE - 100.0)


def test_each_slice_has_the_slope_that_its_own_header_states(tmp_path):
    def slope(k, data):
        data.RescaleSlope, data.RescaleIntercept = k + 1, 0

    save_series(tmp_path / "s", IMAGE, SPACING, change=slope)
    np.testing.assert_array_equal(values(tmp_path / "s"), IMAGE * np.arange(1.0, 8.0)[:, None, None])


def test_white_is_zero_is_turned_round_alike_in_all_slices(tmp_path):
    negative = (65535 - IMAGE.astype(np.int64)).astype(np.uint16)
    save_series(tmp_path / "s", negative, SPACING, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_array_equal(values(tmp_path / "s"), IMAGE)

    def slope(k, data):
        data.RescaleSlope, data.RescaleIntercept = k + 1, 0

    save_series(tmp_path / "t", negative, SPACING, PhotometricInterpretation="MONOCHROME1", change=slope)
    with pytest.raises(BadInput, match="rescaled each in another way"):
        read_volume(tmp_path / "t")


def test_bits_above_the_stored_ones_are_not_the_pixels(tmp_path):
    save_series(tmp_path / "s", IMAGE + 0x7000, SPACING, BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(values(tmp_path / "s"), IMAGE)


def test_a_window_is_a_viewers_and_not_applied(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING, WindowCenter=100, WindowWidth=2)
    np.testing.assert_array_equal(values(tmp_path / "s"), IMAGE)


def test_padding_becomes_what_is_black(tmp_path):
    padded = np.where(LABELS > 0, 4000, IMAGE)
    save_series(tmp_path / "s", padded, SPACING, PixelPaddingValue=4000)
    found = values(tmp_path / "s")
    np.testing.assert_array_equal(found[LABELS == 0], IMAGE[LABELS == 0])
    assert (found[3][LABELS[3] > 0] == IMAGE[3][LABELS[3] == 0].min()).all()


def test_a_slice_that_is_cut_short_is_named(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING)
    file = tmp_path / "s" / "IM0014"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(BadInput, match="cannot be decoded") as error:
        read_volume(tmp_path / "s")
    assert error.value.file.endswith("IM0014")


def enhanced(folder, array, **changes):
    """All slices as frames of one file, each with its own place and slope, the rest shared."""

    def gather(k, data):
        shared, frames = Dataset(), []
        measures, turn = Dataset(), Dataset()
        measures.PixelSpacing, turn.ImageOrientationPatient = data.PixelSpacing, data.ImageOrientationPatient
        shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = [measures], [turn]
        for n in (3, 0, 2, 1, 4, 6, 5):
            frame, place, meaning = Dataset(), Dataset(), Dataset()
            place.ImagePositionPatient = [n * SPACING[0] - 20, -15, 30]
            meaning.RescaleSlope, meaning.RescaleIntercept = n + 1, 0
            frame.PlanePositionSequence, frame.PixelValueTransformationSequence = [place], [meaning]
            frames.append(frame)
        data.SharedFunctionalGroupsSequence, data.PerFrameFunctionalGroupsSequence = [shared], frames
        data.PixelData = array[[3, 0, 2, 1, 4, 6, 5]].astype("<u2").tobytes()
        data.NumberOfFrames = 7
        for name in ("PixelSpacing", "ImageOrientationPatient", "ImagePositionPatient"):
            delattr(data, name)
        for name, value in changes.items():
            setattr(data, name, value)

    save_series(folder, array[:1], SPACING, change=gather)


def test_frames_of_one_enhanced_file_are_slices(tmp_path):
    enhanced(tmp_path / "s", IMAGE)
    save_series(tmp_path / "t", IMAGE, SPACING)
    found, affine, remark = series.read(tmp_path / "s", strict=True)
    np.testing.assert_array_equal(found.T[::-1], IMAGE * np.arange(1.0, 8.0)[:, None, None])
    np.testing.assert_allclose(affine, series.geometry(tmp_path / "t")[1])
    assert remark == ""
    enhanced(tmp_path / "u", IMAGE, NumberOfFrames=6)
    with pytest.raises(BadInput, match="holds 6 frames and says of 7 where they lie"):
        read_volume(tmp_path / "u")
