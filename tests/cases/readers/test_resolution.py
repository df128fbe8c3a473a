from fractions import Fraction

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.readers.resolution import pixel_aspect, stated_resolutions
from spinelib.core.errors import BadInput
from tests.cases.readers.pngs import GREY, png

FILM = np.arange(60, dtype=np.uint8).reshape(6, 10) * 4


@pytest.mark.parametrize(
    ("stated", "aspect"),
    [
        ([], 1),
        ([None, (200, 100)], 2),
        ([(Fraction(100), Fraction(200))], 0.5),
        ([(300, 299)], 1),
        ([(0, 72), (100, 200)], 0.5),
        ([(float("nan"), 1), ("a", 2), (1, 2, 3)], 1),
    ],
)
def test_a_pixel_is_as_many_times_as_high_as_wide_as_more_of_them_lie_along_x(tmp_path, stated, aspect):
    assert pixel_aspect(tmp_path, stated) == aspect


def test_an_absurd_shape_is_refused(tmp_path):
    with pytest.raises(BadInput, match="says that its pixels are 72 times as high as wide"):
        pixel_aspect(tmp_path, [(72, 1)])


def aspect_of(path):
    with Image.open(path) as picture:
        return pixel_aspect(path, stated_resolutions(picture))


@pytest.mark.parametrize("suffix", ["jpg", "png", "bmp"])
def test_dots_per_inch_that_differ_give_the_shape(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.fromarray(FILM).save(path, dpi=(300, 150))
    assert aspect_of(path) == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("unit", [0, 1, 2])
def test_jfif_density_counts_in_every_unit(tmp_path, unit):
    path = tmp_path / "a.jpg"
    Image.fromarray(FILM).save(path, dpi=(50, 100))
    content = bytearray(path.read_bytes())
    content[content.index(b"JFIF\0") + 7] = unit
    path.write_bytes(content)
    assert aspect_of(path) == 0.5


def test_png_may_say_the_ratio_alone(tmp_path):
    size = (3).to_bytes(4, "big") + (2).to_bytes(4, "big") + b"\0"
    assert aspect_of(png(tmp_path / "a.png", FILM, bits=8, colour=GREY, more=[(b"pHYs", size)])) == 1.5


def test_exif_resolution_counts_where_there_is_no_other(tmp_path):
    exif = Image.Exif()
    exif[282], exif[283] = 100.0, 200.0
    path = tmp_path / "a.webp"
    Image.fromarray(FILM).save(path, exif=exif)
    assert aspect_of(path) == 0.5


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp"])
def test_resolution_in_exif_counts_where_nothing_else_is_stated(tmp_path, suffix):
    exif = Image.Exif()
    exif[282], exif[283], exif[296] = 300.0, 150.0, 2
    Image.new("L", (8, 6), 9).save(tmp_path / f"a.{suffix}", exif=exif)
    assert aspect_of(tmp_path / f"a.{suffix}") == 2.0
