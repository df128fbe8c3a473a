import numpy as np
import pydicom
import pytest
from pydicom.uid import DeflatedExplicitVRLittleEndian

from spinelib.cases.readers import dicom_header
from spinelib.cases.readers.dicom_header import (
    begins_with_elements,
    first_number,
    first_whole,
    numbers,
    read_header,
    text,
)
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import data_set, dicom, with_text


@pytest.mark.parametrize(
    ("words", "values"), [("0,14\\0,15", (0.14, 0.15)), ("1.5e-1", (0.15,)), (" .2 \\-3", (0.2, -3)), ("", ())]
)
def test_numbers_are_read_with_points_and_commas(tmp_path, words, values):
    header = read_header(with_text(dicom(tmp_path / "a.dcm"), "PixelSpacing", words))
    assert numbers(header, "PixelSpacing") == values


@pytest.mark.parametrize("words", ["0.1.4", "1,234.5", "a", "nan", "inf", "1e999", "1_0", "0.1;0.2", "3\\"])
def test_what_is_no_number_is_refused_by_name(tmp_path, words):
    header = read_header(with_text(dicom(tmp_path / "a.dcm"), "PixelSpacing", words))
    with pytest.raises(BadInput, match=r"a\.dcm: has a header that cannot be read: PixelSpacing is"):
        numbers(header, "PixelSpacing")


def test_a_number_has_a_default_and_a_whole_one_no_fraction():
    header = data_set(RescaleSlope="2.5", NumberOfFrames="1")
    assert (first_number(header, "RescaleSlope", 1), first_number(header, "RescaleIntercept", 7)) == (2.5, 7)
    assert first_whole(header, "NumberOfFrames", 3) == 1
    with pytest.raises(BadInput, match=r"RescaleSlope is '2\.5'"):
        first_whole(header, "RescaleSlope", 1)


def test_binary_numbers_are_read_as_such():
    assert numbers(data_set(), "Rows") == (6,)


def test_a_file_without_preamble_and_meta_is_read(tmp_path):
    whole_file = dicom(tmp_path / "a.dcm")
    header = pydicom.dcmread(whole_file)
    for implicit in (True, False):
        path = tmp_path / f"1.2.{implicit}"
        pydicom.dcmwrite(path, _bare(header), implicit_vr=implicit, little_endian=True)
        assert begins_with_elements(path)
        assert read_header(path).Rows == 6
        assert read_header(path).file_meta.TransferSyntaxUID.is_implicit_VR == implicit


def _bare(header):
    bare = pydicom.Dataset()
    for element in header:
        bare.add(element)
    return bare


@pytest.mark.parametrize(
    "start", [b"\x89PNG\r\n\x1a\n", b"II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"\\\x01\0\0\0\0\0\0", b"\x08\0"]
)
def test_other_formats_do_not_begin_with_elements(tmp_path, start):
    (tmp_path / "a").write_bytes(start)
    assert not begins_with_elements(tmp_path / "a")


@pytest.mark.parametrize("charset", ["ISO_IR 192", "ISO 2022 IR 87", "nonsense", "ISO_IR 999\\x"])
def test_strange_character_sets_never_raise(tmp_path, charset):
    path = dicom(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 100", PatientID="Mülle")
    content = path.read_bytes()
    padded = charset.ljust(10).encode()[:10]
    path.write_bytes(content.replace(b"ISO_IR 100", padded))
    assert text(read_header(path), "PatientID").startswith("M")


def test_an_element_of_a_kind_that_does_not_exist_never_raises(tmp_path):
    path = dicom(tmp_path / "a.dcm", AccessionNumber="A 17")
    path.write_bytes(path.read_bytes().replace(b"SH\x04\0A 17", b"QX\x04\0A 17"))
    assert text(read_header(path), "AccessionNumber") == "A 17"


def test_several_values_are_divided_by_backslashes_and_absent_ones_are_empty():
    header = data_set(PatientOrientation=["L", "F"])
    assert (text(header, "PatientOrientation"), text(header, "AccessionNumber")) == ("L\\F", "")


def test_words_are_no_dicom(tmp_path):
    (tmp_path / "a.dcm").write_bytes(b"These are words. " * 20)
    with pytest.raises(BadInput, match="is not a readable DICOM file"):
        read_header(tmp_path / "a.dcm")


def test_a_deflated_file_that_would_fill_the_memory_is_refused(tmp_path, monkeypatch):
    path = dicom(tmp_path / "a.dcm", np.zeros((600, 600), np.uint16), syntax=DeflatedExplicitVRLittleEndian)
    assert read_header(path).Rows == 600
    monkeypatch.setattr(dicom_header, "MOST_INFLATED", 1 << 19)
    with pytest.raises(BadInput, match="unpacks to more than 0 MB"):
        read_header(path)
