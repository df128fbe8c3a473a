import subprocess
import sys

import numpy as np
import pydicom
import pytest

from spinelib.cases import read_image, read_spacing
from spinelib.cases.readers.images import Facts, picture_size, read_picture
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import PIXELS, dicom, with_text


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


@pytest.mark.parametrize(
    ("tags", "expected", "aspect"),
    [
        ({"NominalScannedPixelSpacing": [0.1, 0.2]}, (0.1, 0.2), 0.5),
        ({"PixelSpacing": [0.6, 0.3], "PixelAspectRatio": [1, 1]}, (0.6, 0.3), 2),
        ({"PixelAspectRatio": [3, 2]}, None, 1.5),
        ({"PixelAspectRatio": [0, 2]}, None, 1),
        ({}, None, 1),
    ],
)
def test_the_shape_of_a_pixel_follows_from_its_spacing_or_its_ratio(tmp_path, tags, expected, aspect):
    picture = read_picture(dicom(tmp_path / "a.dcm", **tags))
    assert (picture.spacing, picture.aspect) == (expected, aspect)


def test_a_spacing_may_be_written_with_commas_but_must_be_two_numbers(tmp_path):
    assert read_spacing(with_text(dicom(tmp_path / "a.dcm"), "ImagerPixelSpacing", "0,14\\0,15")) == (0.14, 0.15)
    for words in ("0.14", "0.1\\a"):
        with pytest.raises(BadInput, match="PixelSpacing is"):
            read_picture(with_text(dicom(tmp_path / "b.dcm"), "PixelSpacing", words))


@pytest.mark.parametrize("tags", [{"PixelSpacing": [9, 1]}, {"PixelAspectRatio": [1, 20]}])
def test_pixels_of_an_absurd_shape_are_refused(tmp_path, tags):
    with pytest.raises(BadInput, match="times as high as wide"):
        read_picture(dicom(tmp_path / "a.dcm", **tags))


# PS3.3 C.7.6.1.1.1: where a row runs to, where a column runs to
@pytest.mark.parametrize(
    ("said", "turns"),
    [("L\\F", 0), ("R\\F", 0), ("A\\F", 0), ("PL\\FA", 0), ("L\\H", 2), ("F\\L", 3), ("H\\A", 1), ("L\\HP", 2)],
)
def test_a_film_whose_columns_do_not_run_to_the_feet_is_turned_until_they_do(tmp_path, said, turns):
    path = dicom(tmp_path / "a.dcm", PatientOrientation=said.split("\\"), PixelSpacing=[0.2, 0.4])
    picture = read_picture(path)
    np.testing.assert_array_equal(picture.pixels, np.rot90(PIXELS, turns))
    assert picture.quarter_turns == turns
    assert picture.spacing == read_spacing(path) == ((0.4, 0.2) if turns % 2 else (0.2, 0.4))
    assert picture.aspect == (2 if turns % 2 else 0.5)
    assert picture_size(path) == picture.pixels.shape
    remark = f"turned by {90 * turns} degrees anticlockwise, since PatientOrientation is {said}" if turns else ""
    assert picture.remark == remark


def test_columns_run_to_the_feet_after_the_turn():
    # where rows and columns run to, as steps along [to the left, to the feet]
    steps = {"L": (1, 0), "R": (-1, 0), "F": (0, 1), "H": (0, -1)}
    for columns, rows, turns in [("L", "F", 3), ("L", "H", 1), ("H", "R", 2), ("F", "R", 0)]:
        down, along = np.array(steps[columns]), np.array(steps[rows])
        grid = np.arange(5)[:, None, None] * down + np.arange(4)[None, :, None] * along
        turned = np.rot90(grid, turns)
        np.testing.assert_array_equal(turned[1, 0] - turned[0, 0], steps["F"])


def test_an_orientation_across_the_body_is_remarked_only(tmp_path):
    picture = read_picture(dicom(tmp_path / "a.dcm", PatientOrientation=["L", "P"]))
    assert picture.remark == "PatientOrientation is L\\P: neither rows nor columns run to the head or the feet"
    np.testing.assert_array_equal(picture.pixels, PIXELS)


def test_a_window_that_shows_nothing_is_remarked(tmp_path):
    picture = read_picture(dicom(tmp_path / "a.dcm", WindowCenter=60000, WindowWidth=10))
    assert picture.remark == "a window (60000, 10) that leaves almost nothing of the film was passed over"


def test_facts_come_from_the_header(tmp_path):
    tags = {"PatientID": "P 12", "StudyDate": "20240131", "AccessionNumber": "A1", "Laterality": "L"}
    facts = read_picture(dicom(tmp_path / "a.dcm", **tags, ImageLaterality="R", ViewPosition="AP")).facts
    assert facts == Facts("P 12", "20240131", "R", "AP", "A1")
    code = pydicom.Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "R-10236", "SRT", "left lateral"
    facts = read_picture(dicom(tmp_path / "b.dcm", **tags, ViewCodeSequence=[code])).facts
    assert (facts.laterality, facts.view_position) == ("L", "left lateral")
    assert read_picture(dicom(tmp_path / "c.dcm", PatientID=None)).facts == Facts()


def test_a_film_without_preamble_or_suffix_is_read(tmp_path):
    path = dicom(tmp_path / "1.2.840.113619.2.1")
    path.write_bytes(path.read_bytes()[132:])
    np.testing.assert_array_equal(read_image(path), PIXELS)


def test_what_the_library_remarks_on_does_not_reach_the_user(tmp_path):
    path = dicom(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 100", StudyDate="20240131")
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 100", b"nonsense  ").replace(b"20240131", b"31.1.24 "))
    program = f"from spinelib.cases.readers import images; print(images.read_picture({str(path)!r}).facts.study_date)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert (done.stdout, done.stderr) == ("31.1.24\n", "")
