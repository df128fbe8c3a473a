import contextlib
import io
import tracemalloc

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from spinelib.cases.readers import raster
from spinelib.cases.readers.deep import TURNS
from spinelib.cases.readers.raster import open_picture, raster_size, read_raster
from spinelib.core.errors import BadInput
from tests.cases.readers.pngs import GREY, GREY_ALPHA, RGB, png
from tests.cases.readers.tiffs import RATIONAL, SHORT, tiff

RNG = np.random.default_rng(0)
# (kind of sample, bits); values over the whole range, so that a wrong sign or order of bytes shows
KINDS = [
    ("u1", 1),
    ("u1", 2),
    ("u1", 4),
    ("u1", 8),
    ("i1", 8),
    ("u2", 16),
    ("i2", 16),
    ("u4", 32),
    ("i4", 32),
    ("f4", 32),
]


def samples(kind, bits):
    if kind == "f4":
        return RNG.normal(0, 100, (14, 18)).astype(kind)
    values = RNG.integers(0, 2**bits, (14, 18))
    values[0, :2] = 0, 2**bits - 1
    return (values - (2 ** (bits - 1) if kind[0] == "i" else 0)).astype(kind)


def turned_round(values, bits):
    if values.dtype.kind == "f":
        return values.max() + values.min() - values
    return (2.0**bits - 1 if values.dtype.kind == "u" else -1) - values


@pytest.mark.parametrize(("kind", "bits"), KINDS)
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [1, 8])
@pytest.mark.parametrize("photometric", [0, 1])
def test_grey_tiffs_of_every_depth(tmp_path, kind, bits, order, compression, photometric):
    values = samples(kind, bits)
    said = {"bits": bits, "order": order, "compression": compression, "photometric": photometric}
    pixels, aspect = read_raster(tiff(tmp_path / "a.tif", values, rows_per_strip=5, **said))
    shown = turned_round(values, bits) if photometric == 0 else values.astype(float)
    # Pillow spreads fewer bits over 8
    scale = 255 / (2**bits - 1) if bits < 8 else 1
    np.testing.assert_allclose(pixels, np.asarray(shown * scale, np.float32), rtol=1e-6, atol=1e-4)
    assert aspect == 1


@pytest.mark.parametrize("compression", [1, 8])
@pytest.mark.parametrize(("kind", "photometric"), [("u1", 1), ("u1", 0), ("u2", 1), ("u2", 0), ("f4", 0), ("i2", 1)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_turned_tiffs_come_out_upright(tmp_path, compression, kind, photometric, orientation):
    values = samples(kind, 8 * np.dtype(kind).itemsize)
    said = {"compression": compression, "photometric": photometric, "tags": {274: (SHORT, [orientation])}}
    path = tiff(tmp_path / "a.tif", values, **said)
    shown = turned_round(values, 8 * values.dtype.itemsize) if photometric == 0 else values
    upright = TURNS.get(orientation, np.asarray)(shown)
    np.testing.assert_array_equal(read_raster(path)[0], upright.astype(np.float32))
    np.testing.assert_array_equal(np.asarray(open_picture(path), np.float32), upright.astype(np.float32))
    assert raster_size(path) == upright.shape


@pytest.mark.parametrize("compression", ["packbits", "tiff_lzw", "tiff_adobe_deflate", "group4"])
def test_compressed_tiffs_of_pillow(tmp_path, compression):
    grey = np.where(samples("u1", 8) > 120, 255, 0).astype(np.uint8)
    picture = Image.fromarray(grey).convert("1") if compression == "group4" else Image.fromarray(grey)
    picture.save(tmp_path / "a.tif", compression=compression)
    np.testing.assert_array_equal(read_raster(tmp_path / "a.tif")[0], grey)


def test_twelve_packed_bits(tmp_path):
    values = RNG.integers(0, 4096, (14, 18)).astype(np.uint16)
    np.testing.assert_array_equal(read_raster(tiff(tmp_path / "a.tif", values, bits=12))[0], values)


@pytest.mark.parametrize("planar", [1, 2])
@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("compression", [1, 8])
def test_colours_of_tiffs(tmp_path, planar, order, compression):
    rgb = RNG.integers(0, 256, (14, 18, 3)).astype(np.uint8)
    said = {"order": order, "compression": compression, "planar": planar, "photometric": 2, "rows_per_strip": 5}
    np.testing.assert_array_equal(read_raster(tiff(tmp_path / "a.tif", rgb, **said))[0], rgb)


def test_deep_colours_palettes_and_inks_of_tiffs(tmp_path):
    deep = RNG.integers(0, 4096, (14, 18, 3)).astype(np.uint16)
    np.testing.assert_array_equal(read_raster(tiff(tmp_path / "a.tif", deep, photometric=2))[0], deep)
    palette, index = RNG.integers(0, 256, (3, 256)), RNG.integers(0, 256, (14, 18)).astype(np.uint8)
    tags = {320: (SHORT, [int(part) * 257 for part in palette.ravel()])}
    path = tiff(tmp_path / "b.tif", index, photometric=3, tags=tags)
    np.testing.assert_array_equal(read_raster(path)[0], palette.T[index])
    inks = RNG.integers(0, 256, (14, 18, 4)).astype(np.uint8)
    shown = (255 - inks[..., :3].astype(int)) * (255 - inks[..., 3:].astype(int)) / 255
    assert np.abs(read_raster(tiff(tmp_path / "c.tif", inks, photometric=5))[0] - shown).max() <= 1


def test_the_smaller_copy_beside_a_film_is_passed_over(tmp_path):
    film, small = Image.fromarray(samples("u1", 8)), Image.fromarray(samples("u1", 8)[::2, ::2])
    for pages in ([film, small], [small, film]):
        target = io.BytesIO()
        with TiffImagePlugin.AppendingTiffWriter(target) as writer:
            for page in pages:
                page.save(writer, format="TIFF", tiffinfo={254: int(page is small)})
                writer.newFrame()
        (tmp_path / "a.tif").write_bytes(target.getvalue())
        np.testing.assert_array_equal(read_raster(tmp_path / "a.tif")[0], np.asarray(film))
        assert raster_size(tmp_path / "a.tif") == (14, 18)


def test_the_resolution_turns_with_the_film(tmp_path):
    tags = {282: (RATIONAL, [(200, 1)]), 283: (RATIONAL, [(100, 1)]), 296: (SHORT, [1])}
    assert read_raster(tiff(tmp_path / "a.tif", samples("u1", 8), tags=tags))[1] == 2
    lying = tags | {274: (SHORT, [6])}
    assert read_raster(tiff(tmp_path / "b.tif", samples("u1", 8), tags=lying))[1] == 0.5
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.fromarray(samples("u1", 8)).save(tmp_path / "a.jpg", dpi=(100, 50), exif=exif)
    assert read_raster(tmp_path / "a.jpg")[1] == 0.5


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg", "jp2"])
def test_turned_pictures_come_out_upright(tmp_path, suffix):
    grey = np.repeat(np.repeat(np.arange(6, dtype=np.uint8).reshape(2, 3) * 40, 16, 0), 16, 1)
    exif = Image.Exif()
    exif[0x0112] = 6
    path = tmp_path / f"a.{suffix}"
    options = {"jpg": {"quality": 100}, "webp": {"lossless": True}}.get(suffix, {})
    Image.fromarray(grey).save(path, **options, **({} if suffix == "jp2" else {"exif": exif}))
    pixels = read_raster(path)[0]
    grey = grey if suffix == "jp2" else np.rot90(grey, -1)
    assert pixels.shape[:2] == raster_size(path) == grey.shape
    assert np.abs((pixels if pixels.ndim == 2 else pixels[..., 0]) - grey).max() <= 3


def test_jpeg_2000_of_sixteen_bits(tmp_path):
    deep = RNG.integers(0, 65536, (20, 30)).astype(np.uint16)
    for suffix in ("jp2", "j2k"):
        Image.fromarray(deep).save(tmp_path / f"a.{suffix}")
        np.testing.assert_array_equal(read_raster(tmp_path / f"a.{suffix}")[0], deep)


def test_colours_of_sixteen_bits_can_be_looked_at(tmp_path):
    for colour, channels in ((RGB, 3), (GREY_ALPHA, 2)):
        deep = RNG.integers(0, 65536, (5, 6, channels)).astype(np.uint16)
        path = png(tmp_path / "a.png", deep, bits=16, colour=colour)
        assert open_picture(path).size == (6, 5)
        np.testing.assert_array_equal(read_raster(path)[0], deep[..., 0] if channels == 2 else deep)


@pytest.mark.parametrize("suffix", ["png", "webp"])
def test_an_animation_is_refused(tmp_path, suffix):
    pictures = [Image.fromarray(RNG.integers(0, 255, (9, 9), np.uint8)) for _ in range(2)]
    pictures[0].save(tmp_path / f"a.{suffix}", save_all=True, append_images=pictures[1:])
    with pytest.raises(BadInput, match="holds several pictures"):
        read_raster(tmp_path / f"a.{suffix}")


def test_other_formats_are_named(tmp_path):
    Image.new("L", (4, 4)).save(tmp_path / "a.png", format="GIF")
    for read in (read_raster, raster_size, open_picture):
        with pytest.raises(BadInput, match="is a GIF, which is not read here"):
            read(tmp_path / "a.png")


def test_a_piece_that_claims_to_be_long_takes_no_memory(tmp_path):
    path = png(tmp_path / "a.png", RNG.integers(0, 255, (9, 9), np.uint8), bits=8, colour=GREY)
    content = bytearray(path.read_bytes())
    content[content.index(b"IDAT") - 4] = 0x7F
    path.write_bytes(content)
    tracemalloc.start()
    with contextlib.suppress(BadInput):
        read_raster(path)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10 << 20


def test_a_file_too_large_for_a_film_is_not_opened(tmp_path, monkeypatch):
    Image.fromarray(RNG.integers(0, 255, (9, 9), np.uint8)).save(tmp_path / "a.png")
    monkeypatch.setattr(raster, "MAX_BYTES", 10)
    with pytest.raises(BadInput, match="is larger than 0 MB"):
        read_raster(tmp_path / "a.png")
