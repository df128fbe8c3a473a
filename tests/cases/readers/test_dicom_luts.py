import numpy as np
import pytest
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi_lut

from spinelib.cases.readers.dicom_luts import modality, palette, through_window, values_of_interest
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import data_set, table

STORED = np.arange(-40, 220, dtype=np.int16).reshape(20, 13)
EVERYWHERE = np.ones(STORED.shape, bool)


def colours(count, first, bits, **more):
    rng = np.random.default_rng(0)
    tags = {}
    for colour in ("Red", "Green", "Blue"):
        entries = rng.integers(0, 2**bits, count).astype(f"<u{bits // 8}")
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [count % 65536, first, bits]
        tags[f"{colour}PaletteColorLookupTableData"] = entries.tobytes()
    return data_set(PhotometricInterpretation="PALETTE COLOR", **tags, **more)


def luminance(rgb):
    return rgb[..., :3].astype(float) @ [0.299, 0.587, 0.114]


@pytest.mark.parametrize(("count", "first", "bits"), [(256, 0, 16), (256, 0, 8), (100, 30, 16), (200, 5, 8)])
def test_palettes_give_the_luminance_of_their_colours(count, first, bits):
    header, stored = colours(count, first, bits), np.arange(256, dtype=np.uint8).reshape(16, 16)
    np.testing.assert_allclose(palette(header, stored), luminance(apply_color_lut(stored, header)), rtol=1e-5)


def test_a_palette_of_many_entries_of_eight_bits_is_looked_up_to_its_end():
    header, stored = colours(1000, 0, 8), np.arange(1000, dtype=np.uint16).reshape(20, 50)
    rgb = [np.frombuffer(header[f"{c}PaletteColorLookupTableData"].value, np.uint8) for c in ("Red", "Green", "Blue")]
    np.testing.assert_allclose(palette(header, stored).ravel(), luminance(np.stack(rgb, 1)), rtol=1e-5)


def test_a_segmented_palette_is_unfolded():
    header = data_set(PhotometricInterpretation="PALETTE COLOR")
    # 0: two entries as they stand; 1: a line of four more to 900
    segments = np.array([0, 2, 10, 100, 1, 4, 900], "<u2").tobytes()
    for colour in ("Red", "Green", "Blue"):
        setattr(header, f"{colour}PaletteColorLookupTableDescriptor", [6, 0, 16])
        setattr(header, f"Segmented{colour}PaletteColorLookupTableData", segments)
    got = palette(header, np.array([[0, 1, 2, 3, 5, 9]], np.uint8))
    np.testing.assert_allclose(got, [[10, 100, 300, 500, 900, 900]])


def test_slope_and_intercept_are_those_of_pydicom():
    header = data_set(STORED, RescaleSlope="-2.5", RescaleIntercept="7")
    values, ends = modality(header, STORED, (-32768, 32767))
    np.testing.assert_allclose(values, apply_modality_lut(STORED, header))
    assert ends == (32767 * -2.5 + 7, 32768 * 2.5 + 7)


@pytest.mark.parametrize(("first", "bits"), [(0, 16), (-20, 16), (30, 16)])
def test_a_modality_table_is_that_of_pydicom(first, bits):
    entries = np.random.default_rng(1).integers(0, 60000, 150)
    header = data_set(STORED, ModalityLUTSequence=[table(entries, first, bits)])
    np.testing.assert_array_equal(modality(header, STORED, (0, 1))[0], apply_modality_lut(STORED, header))


def test_a_slope_of_zero_is_refused():
    with pytest.raises(BadInput, match="RescaleSlope is '0'"):
        modality(data_set(RescaleSlope=0, RescaleIntercept=0), STORED, (0, 1))


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
@pytest.mark.parametrize(("center", "width"), [(60, 100), (0.5, 41), (100, 1000)])
def test_windows_are_those_of_pydicom(function, center, width):
    tags = {"WindowCenter": center, "WindowWidth": width, "VOILUTFunction": function}
    header = data_set(STORED, RescaleSlope="2", RescaleIntercept="3", **tags)
    greys = modality(header, STORED, (-32768, 32767))
    values, _ = values_of_interest(header, greys, EVERYWHERE, [])
    np.testing.assert_allclose(values, apply_voi_lut(apply_modality_lut(STORED, header), header), atol=1e-6)


def test_the_window_is_that_of_the_standard():
    # PS3.3 C.11.2.1.2.1: center 2048, width 4096 maps 0 to 4095 onto themselves; width 1 is a step at center - 0.5
    grid = np.arange(4096.0)
    np.testing.assert_allclose(through_window(grid, 2048, 4096, "LINEAR", (0, 4095)), grid, atol=1e-9)
    np.testing.assert_array_equal(through_window(np.array([9.0, 10.0]), 10, 1, "LINEAR", (0, 255)), [0, 255])


def test_a_table_of_values_of_interest_is_preferred_and_is_that_of_pydicom():
    entries = np.sqrt(np.arange(200) * 20000).astype(int)
    header = data_set(STORED, VOILUTSequence=[table(entries, -10)], WindowCenter=0, WindowWidth=10)
    values, ends = values_of_interest(header, (STORED.astype(float), (-9, 9)), EVERYWHERE, [])
    np.testing.assert_array_equal(values, apply_voi_lut(STORED, header))
    assert ends == (0, 65535)


def test_the_first_of_several_windows_is_taken_and_one_that_shows_nothing_passed_over():
    greys = (STORED.astype(float), (-40.0, 219.0))
    first = data_set(STORED, WindowCenter=[50, 100], WindowWidth=[100, 50])
    np.testing.assert_allclose(
        values_of_interest(first, greys, EVERYWHERE, [])[0], through_window(greys[0], 50, 100, "LINEAR", greys[1])
    )
    remarks = []
    second = data_set(STORED, WindowCenter=[5000, 100], WindowWidth=[100, 50])
    np.testing.assert_allclose(
        values_of_interest(second, greys, EVERYWHERE, remarks)[0], through_window(greys[0], 100, 50, "LINEAR", greys[1])
    )
    assert remarks == ["a window (5000, 100) that leaves almost nothing of the film was passed over"]
    neither = data_set(STORED, WindowCenter=[5000, 0], WindowWidth=[100, 0])
    assert values_of_interest(neither, greys, EVERYWHERE, remarks)[0] is greys[0]


def test_an_unknown_function_of_a_window_is_an_error():
    with pytest.raises(ValueError, match="'CUBIC' is unknown"):
        through_window(np.zeros((1, 1)), 0, 9, "CUBIC", (0, 1))
