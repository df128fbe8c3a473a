"""A folder of DICOM slices: their order and affine, and folders that are refused."""

import numpy as np
import pytest

from spinelib.cases import read_volume
from spinelib.cases.readers import series
from spinelib.core.errors import BadInput

from ..volumes import SPACING, lumbar, save_series

IMAGE, LABELS = lumbar()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"skip": (3,)}, "steps of 4.00 to 8.00 mm"),
        ({"skip": range(1, 7)}, "one slice only"),
        ({"ImagePositionPatient": [0, 0, 0]}, "several volumes"),
        ({"ImageOrientationPatient": ""}, "does not say how the patient lies"),
        ({"NumberOfFrames": 12}, "holds 12 frames"),
        ({"SamplesPerPixel": 3}, "in colour"),
        ({"ImageOrientationPatient": [1, 0, 0, 0, 0, -1]}, "steps of 0.00"),
    ],
)
def test_a_folder_that_is_no_series_of_slices_is_refused(tmp_path, changes, words):
    save_series(tmp_path / "series", IMAGE, SPACING, **changes)
    with pytest.raises(BadInput, match=words):
        read_volume(tmp_path / "series")


def test_two_series_in_a_folder_are_named(tmp_path):
    save_series(tmp_path / "series", IMAGE, SPACING)
    (tmp_path / "series" / "IM0000").rename(tmp_path / "series" / "first")
    save_series(tmp_path / "series", IMAGE[:1], SPACING, uid="9.9")
    with pytest.raises(BadInput, match=r"several series \(t2 1.2.3, t2 9.9\)"):
        read_volume(tmp_path / "series")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match="without DICOM images"):
        read_volume(tmp_path / "empty")


def test_slices_are_ordered_by_their_places_and_scaled_by_their_distances(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING)
    values, affine, remark = series.read(tmp_path / "s", strict=True)
    # Columns, rows, slices from left to right: the names of the files are in another order.
    np.testing.assert_array_equal(values, IMAGE[::-1].transpose(2, 1, 0))
    assert (values.dtype, remark) == (np.float32, "")
    # Columns run to the back, rows downwards, slices 4 mm to the right though they are 3.6 mm thick.
    np.testing.assert_allclose(affine[:3, :3], [[0, 0, 4], [-1.25, 0, 0], [0, -1.5, 0]], atol=1e-12)
    np.testing.assert_allclose(affine[:3, 3], [20 - 6 * 4, 15, 30])
    shape, stated = series.geometry(tmp_path / "s")
    assert shape == values.shape
    np.testing.assert_array_equal(stated, affine)


def test_greys_are_those_that_the_slope_and_the_offset_mean(tmp_path):
    save_series(tmp_path / "s", IMAGE, SPACING, RescaleSlope=2, RescaleIntercept=-100)
    np.testing.assert_array_equal(series.read(tmp_path / "s", strict=True)[0].T, 2 * IMAGE[::-1] - 100.0)
