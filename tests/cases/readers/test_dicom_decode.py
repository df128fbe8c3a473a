import numpy as np
import pytest
from pydicom.encaps import encapsulate, get_frame
from pydicom.uid import RLELossless

from spinelib.cases.readers.dicom_decode import stored_values, stream_size
from tests.cases.readers.dicoms import bundled, data_set, encoded

HEIGHT, WIDTH = 32, 48
LOSSLESS = [
    "JPEGLosslessProcess14",
    "JPEGLosslessProcess14_1",
    "JPEGLSLossless",
    "JPEGLSNearLossless",
    "JPEG2000Lossless",
    "ExplicitVRBigEndian",
    "DeflatedExplicitVRLittleEndian",
]


def film(bits, signed=False):
    rows, columns = np.mgrid[:HEIGHT, :WIDTH]
    values = np.rint((np.sin(columns / 5) + np.cos(rows / 7) + 2) / 4 * (2**bits - 1)).astype(np.int64)
    values[0, :2] = 0, 2**bits - 1
    kind = f"{'i' if signed else 'u'}{1 if bits <= 8 else 2}"
    return (values - signed * 2 ** (bits - 1)).astype(kind)


def stored(bits):
    return {"BitsStored": bits, "HighBit": bits - 1}


@pytest.mark.parametrize("syntax", LOSSLESS)
@pytest.mark.parametrize(("bits", "signed"), [(8, False), (12, False), (16, True)])
def test_lossless_encodings_give_every_value_back(tmp_path, syntax, bits, signed):
    pixels = film(bits, signed)
    header = encoded(tmp_path, pixels, syntax, **stored(bits))
    np.testing.assert_array_equal(stored_values(header), pixels)


@pytest.mark.parametrize("syntax", ["JPEGLSLossless", "JPEGLosslessProcess14_1"])
def test_signed_values_of_twelve_bits_keep_their_sign(tmp_path, syntax):
    pixels = film(12, signed=True)
    values = stored_values(encoded(tmp_path, pixels, syntax, **stored(12)))
    np.testing.assert_array_equal((values << 4) >> 4, pixels)


def test_colours_come_back(tmp_path):
    rgb = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 3), np.uint8)
    for syntax in ("JPEGLosslessProcess14_1", "JPEGLSLossless"):
        np.testing.assert_array_equal(stored_values(encoded(tmp_path, rgb, syntax, **stored(8))), rgb)


@pytest.mark.parametrize(("bits", "syntax"), [(8, "JPEGBaselineProcess1"), (12, "JPEGExtendedProcess2_4")])
def test_lossy_jpeg_comes_back_nearly(tmp_path, bits, syntax):
    pixels = film(bits)
    pixels[0, :2] = pixels[0, 2]
    # GDCM sets bits above those of the pixel
    got = stored_values(encoded(tmp_path, pixels, syntax, **stored(bits))).astype(int) & (2**bits - 1)
    assert np.abs(got - pixels).max() <= 2


def test_run_lengths_come_back():
    header = data_set(film(12))
    header.compress(RLELossless)
    np.testing.assert_array_equal(stored_values(header), film(12))


def test_the_size_lies_in_the_stream():
    header = bundled("JPGExtended.dcm")
    assert stream_size(get_frame(header.PixelData, 0, number_of_frames=1)) == (12, 1024, 256, 1)
    with pytest.raises(ValueError, match="no JPEG"):
        stream_size(b"\xff\xd8 and so on, for a while")


@pytest.mark.parametrize("syntax", ["JPEG2000Lossless", "JPEGLSLossless"])
def test_a_stream_of_another_size_is_refused_before_it_is_unpacked(tmp_path, syntax):
    header = encoded(tmp_path, film(12), syntax, **stored(12))
    header.Rows = 2 * HEIGHT
    with pytest.raises(ValueError, match=r"holds 48 x 32 pixels, the header says 48 x 64"):
        stored_values(header)


def test_a_damaged_stream_never_ends_the_program(tmp_path):
    header = encoded(tmp_path, film(12), "JPEGLosslessProcess14_1", **stored(12))
    frame = get_frame(header.PixelData, 0, number_of_frames=1)
    # no table of codes: GDCM ends its process
    header.PixelData = encapsulate([frame.replace(b"\xff\xc4", b"\xff\xfe")])
    with pytest.raises(ValueError, match="is damaged"):
        stored_values(header)
    header.PixelData = encapsulate([frame[: len(frame) // 2]])
    with pytest.raises(ValueError, match="has no end"):
        stored_values(header)


def test_an_encoding_without_a_decoder_is_named():
    header = data_set(film(8), syntax="1.2.840.10008.1.2.4.100")
    header.PixelData = encapsulate([b"\0" * 64])
    with pytest.raises(ValueError, match="no decoder for MPEG2"):
        stored_values(header)
