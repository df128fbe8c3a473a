import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels import apply_modality_lut, apply_voi_lut

from spinelib.cases.readers.dicom_header import read_header
from spinelib.cases.readers.dicom_pixels import grey_values
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import PIXELS, bundled, data_set, table, with_text
from tests.cases.readers.dicoms import dicom as file_of


def greys(pixels=PIXELS, windowed=True, **tags):
    return grey_values(data_set(pixels, **tags), windowed=windowed)


def test_stored_values_come_back():
    np.testing.assert_array_equal(greys(), PIXELS)


def test_bits_above_the_high_bit_are_no_part_of_the_pixel():
    np.testing.assert_array_equal(greys(PIXELS | 0xA000), PIXELS)


def test_the_high_bit_says_where_the_pixel_lies():
    overlay = np.uint16(0x000B)
    np.testing.assert_array_equal(greys((PIXELS << 4) | overlay, HighBit=15), PIXELS)


def test_signed_values_of_twelve_bits_keep_their_sign():
    signed = (PIXELS.astype(np.int16) - 1500) & 0x0FFF
    got = greys(signed.astype(np.int16), BitsStored=12, HighBit=11)
    np.testing.assert_array_equal(got, PIXELS.astype(float) - 1500)


@pytest.mark.parametrize("high", [3, 16])
def test_a_high_bit_that_cannot_be_is_refused(high):
    with pytest.raises(BadInput, match="HighBit"):
        greys(HighBit=high)


def test_monochrome1_is_turned_round_about_the_range_of_its_bits():
    np.testing.assert_array_equal(greys(PhotometricInterpretation="MONOCHROME1"), 4095.0 - PIXELS)
    slices = [greys(PIXELS // k, windowed=False, PhotometricInterpretation="MONOCHROME1") for k in (1, 2)]
    np.testing.assert_array_equal(slices[1], 4095.0 - PIXELS // 2)


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
def test_presentation_shape_inverse_turns_round_once(kind):
    np.testing.assert_array_equal(
        greys(PhotometricInterpretation=kind, PresentationLUTShape="INVERSE"), 4095.0 - PIXELS
    )


@pytest.mark.parametrize("kind", ["MONOCHROME1", "MONOCHROME2"])
@pytest.mark.parametrize(("value", "limit"), [(0, 10), (10, 0), (4095, 4090), (4095, None)])
def test_padding_is_black_over_its_whole_range(kind, value, limit):
    padded = PIXELS + 100
    padded[0], padded[1] = value, value if limit is None else (value + limit) // 2
    tags = {"PixelPaddingValue": value} | ({} if limit is None else {"PixelPaddingRangeLimit": limit})
    got = greys(padded, PhotometricInterpretation=kind, **tags)
    assert (got[:2] == got[2:].min()).all()
    assert len(np.unique(got[2:])) == 32


def test_negative_padding_written_as_unsigned_is_understood():
    padded = PIXELS.astype(np.int16)
    padded[0] = -2000
    header = data_set(padded)
    header.add_new("PixelPaddingValue", "US", 65536 - 2000)
    assert (grey_values(header, windowed=True)[0] == PIXELS[1].min()).all()


def test_padding_does_not_decide_on_a_window():
    padded = np.full((40, 40), 4000, np.uint16)
    padded[0, :8] = PIXELS[0]
    got = greys(padded, PixelPaddingValue=4000, WindowCenter=210, WindowWidth=421)
    assert len(np.unique(got[0, :8])) == 8


def test_modality_window_and_photometric_interpretation_come_in_this_order():
    tags = {"RescaleSlope": "2", "RescaleIntercept": "-100", "WindowCenter": "2000", "WindowWidth": "3000"}
    header = data_set(**tags, PhotometricInterpretation="MONOCHROME1")
    shown = apply_voi_lut(apply_modality_lut(PIXELS, header), header)
    low, high = -100, 2 * 4095 - 100
    np.testing.assert_allclose(grey_values(header, windowed=True), low + high - shown, rtol=1e-6)
    np.testing.assert_allclose(grey_values(header, windowed=False), low + high - (2.0 * PIXELS - 100), rtol=1e-6)


def test_a_table_after_a_table():
    first, second = np.arange(4096)[::-1], np.arange(4096) // 2
    header = data_set(ModalityLUTSequence=[table(first, 0)], VOILUTSequence=[table(second, 0)])
    np.testing.assert_array_equal(grey_values(header, windowed=True), (4095 - PIXELS) // 2)


def test_functional_groups_hold_the_same_attributes():
    groups, rescale, shown = Dataset(), Dataset(), Dataset()
    rescale.RescaleSlope, rescale.RescaleIntercept = "3", "-7"
    shown.WindowCenter, shown.WindowWidth = "4000", "8000"
    groups.PixelValueTransformationSequence, groups.FrameVOILUTSequence = [rescale], [shown]
    header = data_set(SharedFunctionalGroupsSequence=[groups])
    np.testing.assert_array_equal(grey_values(header, windowed=False), 3.0 * PIXELS - 7)
    plain = data_set(RescaleSlope="3", RescaleIntercept="-7", WindowCenter="4000", WindowWidth="8000")
    np.testing.assert_array_equal(grey_values(header, windowed=True), grey_values(plain, windowed=True))


def test_floats_and_colours_are_read():
    exact = PIXELS / np.float32(7)
    header = data_set(exact.astype(np.float32), PixelData=None, BitsStored=None, HighBit=None)
    header.FloatPixelData = exact.astype("<f4").tobytes()
    np.testing.assert_array_equal(grey_values(header, windowed=True), exact)
    rgb = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    np.testing.assert_allclose(greys(rgb), rgb @ [0.299, 0.587, 0.114], rtol=1e-5)
    planes = np.ascontiguousarray(rgb.transpose(2, 0, 1))
    header = data_set(rgb, PlanarConfiguration=1, PixelData=planes.tobytes())
    np.testing.assert_allclose(grey_values(header, windowed=True), rgb @ [0.299, 0.587, 0.114], rtol=1e-5)


@pytest.mark.parametrize("kind", ["YBR_PARTIAL_422", "YBR_RCT", "HSV"])
def test_other_colour_spaces_are_refused(kind):
    with pytest.raises(BadInput, match=rf"{kind}"):
        greys(np.zeros((6, 8, 3), np.uint8), PhotometricInterpretation=kind)


@pytest.mark.parametrize("name", ["NumberOfFrames", "RescaleSlope", "RescaleIntercept", "WindowCenter"])
def test_a_broken_number_is_one_refusal(tmp_path, name):
    path = with_text(file_of(tmp_path / "a.dcm", WindowWidth="900"), name, "1A")
    with pytest.raises(BadInput, match=f"{name} is '1A'"):
        grey_values(read_header(path), windowed=True)


def test_a_decimal_comma_is_a_point(tmp_path):
    path = with_text(file_of(tmp_path / "a.dcm"), "RescaleSlope", "2,5")
    np.testing.assert_array_equal(grey_values(read_header(path), windowed=True), 2.5 * PIXELS)


def test_what_is_no_image_is_named():
    with pytest.raises(BadInput, match=r"is a DICOM file \(Basic Text SR Storage\) without an image"):
        grey_values(data_set(PixelData=None, SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11"), windowed=True)


@pytest.mark.parametrize(
    ("name", "values"),
    # stored values that the library's own tests give for its files, through each file's rescaling
    [
        ("JPGExtended.dcm", {(420, 140): 244, (230, 120): 95}),
        ("JPEG-lossy.dcm", {(420, 140): 244, (230, 120): 95}),
    ],
)
def test_jpeg_of_twelve_bits(name, values):
    got = grey_values(bundled(name), windowed=False)
    assert {place: got[place] for place in values} == values


@pytest.mark.parametrize(
    "name", ["MR_small_RLE", "MR_small_jp2klossless", "MR_small_jpeg_ls_lossless", "MR_small_expb"]
)
def test_one_picture_in_every_lossless_encoding_of_the_library(name):
    plain, other = (grey_values(bundled(f"{part}.dcm"), windowed=False) for part in ("MR_small", name))
    np.testing.assert_array_equal(other, plain)


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_rle",
        "SC_rgb_dcmtk_+eb+cy+n1",
        "SC_rgb_dcmtk_+eb+cr",
        "SC_ybr_full_422_uncompressed",
        "SC_rgb_jls_lossy_line",
    ],
)
def test_one_picture_in_colours_of_every_encoding(name):
    # bars of red, green, blue and greys, as the library's tests give them (row: red, green, blue)
    bars = {5: (255, 0, 0), 25: (0, 255, 0), 45: (0, 0, 255), 65: (0, 0, 0), 75: (64, 64, 64), 95: (255, 255, 255)}
    got = grey_values(bundled(f"{name}.dcm"), windowed=True)
    for row, colour in bars.items():
        assert got[row, 50] == pytest.approx(np.dot(colour, [0.299, 0.587, 0.114]), abs=8)


def test_colours_of_jpeg_2000_are_those_of_the_library():
    header = bundled("examples_jpeg2k.dcm")
    np.testing.assert_allclose(
        grey_values(header, windowed=True), header.pixel_array @ [0.299, 0.587, 0.114], rtol=1e-5
    )
