"""One picture in many valid encodings, drawn by chance: all of them are read as the same picture.

The picture has sixteen greys from black to white, which 4, 8, 12 and 16 bits hold without rounding; what is read must
be those greys up to one scale and offset.
"""

import gzip
import struct
import tempfile
from pathlib import Path

import nibabel
import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nibabel import orientations
from PIL import Image
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    RLELossless,
)

from spinelib.cases.readers.deep import TURNS
from spinelib.cases.readers.images import picture_size, read_picture
from spinelib.cases.volume import read_volume
from spinelib.core.errors import BadInput
from tests.cases.readers.dicoms import data_set, encoded
from tests.cases.readers.pngs import GREY as GREY_ONLY
from tests.cases.readers.pngs import GREY_ALPHA, PALETTE, RGB, RGBA, chunk, png
from tests.cases.readers.tiffs import RATIONAL, SHORT, tiff

LEVELS = 15
rows, columns = np.mgrid[:32, :48]
FILM = np.rint((np.sin(columns / 5) + np.cos(rows / 4) + 2) / 4 * LEVELS).astype(np.int64)
FILM[0, :16] = FILM[:16, 0] = np.arange(16)
# what makes a stored picture upright undoes what this does to an upright one
UNDONE = {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 8, 7: 7, 8: 6}
drawn = settings(
    max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)


def lying(orientation):
    """The film as a file stores it whose orientation says how to make it upright."""
    return TURNS.get(UNDONE[orientation], np.asarray)(FILM)


def levels(bits, film=FILM):
    return film * ((2**bits - 1) // LEVELS)


def assert_is_the_film(path, aspect=None, film=FILM):
    picture = read_picture(path)
    pixels = picture.pixels.astype(float)
    assert pixels.shape == film.shape == picture_size(path)
    greys = (pixels - pixels.min()) / np.ptp(pixels) * LEVELS
    np.testing.assert_allclose(greys, film, atol=0.01)
    if aspect:
        assert picture.aspect == pytest.approx(aspect, rel=1e-6)


@st.composite
def dicom_files(draw):
    """Tags of a film and its stored values, drawn backwards from what is to be seen."""
    bits = draw(st.sampled_from([8, 12, 16]))
    signed, inverted, falling = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    film = FILM if inverted == falling else LEVELS - FILM
    values = levels(bits, film) - signed * 2 ** (bits - 1)
    tags = {"BitsStored": bits, "HighBit": bits - 1, "PixelRepresentation": int(signed)}
    tags["PhotometricInterpretation"] = "MONOCHROME1" if inverted else "MONOCHROME2"
    slope = draw(st.sampled_from([1, 0.25, 3])) * (-1 if falling else 1)
    tags |= {"RescaleSlope": slope, "RescaleIntercept": draw(st.integers(-1000, 1000))}
    if draw(st.booleans()):
        ends = sorted(slope * end + tags["RescaleIntercept"] for end in (values.min(), values.max()))
        tags |= {"WindowCenter": float(np.mean(ends)), "WindowWidth": 2 * (ends[1] - ends[0])}
        tags["VOILUTFunction"] = draw(st.sampled_from(["LINEAR", "LINEAR_EXACT"]))
    seen = FILM
    if draw(st.booleans()):
        tags["PixelPaddingValue"] = int(np.sort(np.unique(values))[7]) + 1
        values, seen = values.copy(), FILM.copy()
        values[20:], seen[20:] = tags["PixelPaddingValue"], 0
    spacing = draw(st.tuples(*[st.sampled_from([0.1, 0.15, 0.2])] * 2))
    name = draw(st.sampled_from(["PixelSpacing", "ImagerPixelSpacing", "NominalScannedPixelSpacing"]))
    kind = f"{'i' if signed else 'u'}{1 if bits == 8 else 2}"
    return values.astype(kind), tags | {name: list(spacing)}, spacing[0] / spacing[1], seen


@drawn
@given(dicom_files(), st.data())
def test_dicom_that_is_not_compressed(file, data):
    values, tags, aspect, seen = file
    bits = tags["BitsStored"]
    if bits == 12:
        # the pixel's twelve bits wherever they lie in sixteen, with those of an overlay around them
        tags["HighBit"] = data.draw(st.integers(11, 15))
        lowest = tags["HighBit"] - 11
        around = data.draw(st.integers(0, 0xFFFF)) & ~(0x0FFF << lowest)
        stored = ((values.astype(np.int64) & 0x0FFF) << lowest) | around
        values = stored.astype(np.uint16).view(values.dtype)
    syntax = data.draw(
        st.sampled_from(
            [
                ImplicitVRLittleEndian,
                ExplicitVRLittleEndian,
                ExplicitVRBigEndian,
                DeflatedExplicitVRLittleEndian,
                RLELossless,
            ]
        )
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film"
        header = data_set(values, **tags)
        if syntax == RLELossless:
            header.compress(RLELossless)
        header.file_meta.TransferSyntaxUID = syntax
        if syntax == ExplicitVRBigEndian:
            header.PixelData = values.astype(values.dtype.newbyteorder(">")).tobytes()
        little = syntax != ExplicitVRBigEndian
        pydicom.dcmwrite(path, header, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=little)
        assert_is_the_film(path, aspect, seen)


@settings(drawn, max_examples=20)
@given(dicom_files(), st.sampled_from(["JPEGLosslessProcess14_1", "JPEGLSLossless", "JPEG2000Lossless"]))
def test_dicom_that_is_compressed(file, syntax):
    values, tags, _, seen = file
    with tempfile.TemporaryDirectory() as folder:
        # GDCM writes another spacing
        encoded(Path(folder), values, syntax, **tags)
        assert_is_the_film(Path(folder) / "encoded.dcm", film=seen)


@settings(drawn, max_examples=20)
@given(st.permutations(range(16)), st.sampled_from([8, 16]), st.integers(0, 100))
def test_dicom_with_a_palette(order, bits, first):
    """Any numbers for the greys, which the palette brings back; it starts at any number."""
    greys = (np.argsort(order) * ((2**bits - 1) // LEVELS)).astype(f"<u{bits // 8}").tobytes()
    tags = {"PhotometricInterpretation": "PALETTE COLOR"}
    for colour in ("Red", "Green", "Blue"):
        tags[f"{colour}PaletteColorLookupTableDescriptor"] = [16, first, bits]
        tags[f"{colour}PaletteColorLookupTableData"] = greys
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "film.dcm"
        data_set((np.array(order)[FILM] + first).astype(np.uint8), **tags).save_as(path)
        assert_is_the_film(path)


@settings(drawn, max_examples=150)
@given(
    st.sampled_from([("u", 4), ("u", 8), ("i", 8), ("u", 12), ("u", 16), ("i", 16), ("u", 32), ("i", 32), ("f", 32)]),
    st.sampled_from("<>"),
    st.sampled_from([1, 8]),
    st.booleans(),
    st.integers(1, 8),
    st.integers(1, 40),
    st.sampled_from([(1, 1), (2, 1), (1, 3)]),
)
def test_tiff(kind, order, compression, white_is_zero, orientation, strip, density):
    letter, bits = kind
    film = lying(orientation)
    values = levels(bits, LEVELS - film if white_is_zero else film) - (2 ** (bits - 1) if letter == "i" else 0)
    stored = values.astype(f"{letter}{max(1, -(-bits // 8))}" if bits != 12 else "u2")
    tags = {274: (SHORT, [orientation]), 282: (RATIONAL, [(density[0], 1)]), 283: (RATIONAL, [(density[1], 1)])}
    said = {"bits": bits, "order": order, "compression": compression, "rows_per_strip": strip, "tags": tags}
    with tempfile.TemporaryDirectory() as folder:
        path = tiff(Path(folder) / "film.tif", stored, photometric=int(not white_is_zero), **said)
        aspect = density[0] / density[1]
        try:
            assert_is_the_film(path, 1 / aspect if orientation > 4 else aspect)
        except BadInput as error:
            # neither library reads these: said, not guessed
            assert "is a TIFF of a kind that cannot be read" in str(error)  # noqa: PT017
            assert bits != 8 or letter == "i"


@drawn
@given(
    st.sampled_from([(GREY_ONLY, 4), (GREY_ONLY, 8), (GREY_ONLY, 16), (RGB, 8), (RGB, 16), (GREY_ALPHA, 8)])
    | st.sampled_from([(GREY_ALPHA, 16), (RGBA, 8), (RGBA, 16), (PALETTE, 4), (PALETTE, 8)]),
    st.booleans(),
    st.integers(1, 8),
    st.permutations(range(16)),
)
def test_png(kind, interlaced, orientation, order):
    colour, bits = kind
    film = levels(bits, lying(orientation))
    palette = None
    if colour == PALETTE:
        film, palette = np.array(order)[lying(orientation)], np.repeat(np.argsort(order)[:, None] * 17, 3, 1)
    channels = {RGB: [film] * 3, RGBA: [film] * 4, GREY_ALPHA: [film, 1 + 0 * film]}.get(colour)
    samples = film if channels is None else np.stack(channels, 2)
    exif = Image.Exif()
    exif[0x0112] = orientation
    with tempfile.TemporaryDirectory() as folder:
        said = {"bits": bits, "colour": colour, "interlaced": interlaced, "palette": palette}
        path = png(Path(folder) / "a.png", samples, **said, more=[(b"eXIf", exif.tobytes()[6:])])
        assert chunk(b"eXIf", exif.tobytes()[6:]) in path.read_bytes()
        assert_is_the_film(path)


@settings(drawn, max_examples=30)
@given(
    st.sampled_from([("webp", 8), ("jp2", 8), ("jp2", 16), ("j2k", 16), ("bmp", 8), ("npy", 16)]),
    st.sampled_from(["L", "RGB"]),
)
def test_other_lossless_pictures(kind, mode):
    suffix, bits = kind
    film = levels(bits).astype(np.uint8 if bits == 8 else np.uint16)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{suffix}"
        if suffix == "npy":
            np.save(path, film if mode == "L" else np.stack([film] * 3, 2))
        else:
            picture = Image.fromarray(film)
            options = {"lossless": True, "exact": True} if suffix == "webp" else {}
            (picture.convert(mode) if bits == 8 else picture).save(path, **options)
        assert_is_the_film(path)


@settings(drawn, max_examples=60)
@given(
    st.sampled_from([*("LIP", "RIA", "ILP", "SRA"), *("LPS", "RAS", "RSA", "LAI", "PIR", "AIL")]),
    st.sampled_from([np.uint8, np.int16, np.uint16, np.int32, np.float32, np.float64]),
    st.sampled_from([(1.0, 0.0), (0.25, 7.0), (3.0, -40.0)]),
    st.sampled_from("<>"),
    st.sampled_from(["nii", "nii.gz"]),
    st.sampled_from([nibabel.Nifti1Image, nibabel.Nifti2Image]),
)
def test_nifti_of_a_plane_and_of_a_volume(axes, kind, scaled, order, ending, version):
    """However the axes run and the numbers are kept: an upright film, and a volume in canonical orientation.

    A file whose last axis runs from front to back holds the film, any other one three of them as sagittal slices.
    """
    plane = axes[2] in "PA"
    film = FILM.T[:, :, None] if plane else FILM + np.arange(3)[:, None, None]
    turn = orientations.ornt_transform(orientations.axcodes2ornt("LIP"), orientations.axcodes2ornt(tuple(axes)))
    # Left, down and back in millimetres to the right, front and top.
    affine = np.array([[-1, 0, 0, 5], [0, 0, -1, 9], [0, -1, 0, 30], [0, 0, 0, 1]]) @ np.diag([1.5, 1.5, 1.5, 1.0])
    affine = affine @ orientations.inv_ornt_aff(turn, film.shape)
    stored = np.ascontiguousarray(orientations.apply_orientation(film, turn)).astype(kind)
    header = version.header_class(endianness=order)
    header.set_data_dtype(kind)
    image = version(stored, affine, header)
    # The numbers are stored as they are, the scale is another matter.
    image.header.set_slope_inter(1, 0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"film.{ending}"
        nibabel.save(image, path)
        state_scale(path, scaled, order)
        if plane:
            assert_is_the_film(path)
        else:
            np.testing.assert_allclose(read_volume(path).array, film * scaled[0] + scaled[1], atol=0.01)


def state_scale(path, scaled, order):
    """Write scl_slope and scl_inter into the header of a NIfTI file."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        data = bytearray(file.read())
    start, numbers = (112, "2f") if struct.unpack_from(f"{order}i", data)[0] == 348 else (176, "2d")
    struct.pack_into(order + numbers, data, start, *scaled)
    with opened(path, "wb") as file:
        file.write(data)
