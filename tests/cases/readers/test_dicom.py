import numpy as np
import pydicom
import pytest

from spinelib.cases import read_image, read_spacing
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import PIXELS, dicom


def test_sixteen_bit_pixels_come_back(tmp_path):
    np.testing.assert_array_equal(read_image(dicom(tmp_path / "a.dcm")), PIXELS)


def test_the_mark_counts_not_the_name(tmp_path):
    np.testing.assert_array_equal(read_image(dicom(tmp_path / "IM 0001, a")), PIXELS)


def test_monochrome1_is_inverted(tmp_path):
    pixels = read_image(dicom(tmp_path / "a.dcm", PhotometricInterpretation="MONOCHROME1"))
    np.testing.assert_array_equal(pixels, 4095 - PIXELS.astype(float))


def test_rescaling_is_applied(tmp_path):
    pixels = read_image(dicom(tmp_path / "a.dcm", RescaleSlope=2, RescaleIntercept=-10))
    np.testing.assert_array_equal(pixels, PIXELS * 2.0 - 10)


def test_padding_becomes_black(tmp_path):
    padded = PIXELS + 100
    padded[0] = 4000
    pixels = read_image(dicom(tmp_path / "a.dcm", padded, PixelPaddingValue=4000))
    assert (pixels[0] == padded[1:].min()).all()


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"PixelSpacing": [0.2, 0.3], "ImagerPixelSpacing": [0.4, 0.4]}, (0.2, 0.3)),
        ({"ImagerPixelSpacing": [0.14, 0.15]}, (0.14, 0.15)),
        ({"PixelSpacing": [0, 0]}, None),
        ({}, None),
    ],
)
def test_spacing_is_row_then_column(tmp_path, tags, expected):
    assert read_spacing(dicom(tmp_path / "a.dcm", **tags)) == expected


def test_several_frames_are_refused_with_a_remedy(tmp_path):
    path = dicom(tmp_path / "a.dcm", np.stack([PIXELS, PIXELS]))
    with pytest.raises(BadInput, match=r"holds 2 frames\. Export the frame"):
        read_image(path)


def test_a_file_without_pixels_is_refused(tmp_path):
    path = dicom(tmp_path / "a.dcm")
    header = pydicom.dcmread(path)
    del header.PixelData
    header.save_as(path)
    with pytest.raises(BadInput, match="without an image"):
        read_image(path)


def test_a_file_cut_short_is_refused(tmp_path):
    path = dicom(tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(BadInput, match=r"cannot be decoded|not a readable"):
        read_image(path)


def test_an_unknown_encoding_is_refused(tmp_path):
    path = dicom(tmp_path / "a.dcm")
    header = pydicom.dcmread(path)
    header.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
    header.PixelData = pydicom.encaps.encapsulate([b"\0" * 64])
    header["PixelData"].VR = "OB"
    header.save_as(path, enforce_file_format=False)
    with pytest.raises(BadInput, match="cannot be decoded"):
        read_image(path)


def test_a_header_that_promises_too_much_is_refused(tmp_path):
    path = dicom(tmp_path / "a.dcm", Rows=60000, Columns=60000)
    with pytest.raises(BadInput, match="60000 x 60000"):
        read_image(path)
