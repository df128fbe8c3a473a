import numpy as np
import pytest
from PIL import Image

from spinelib.cases.readers.deep import TURNS, deep_png, through_itk
from tests.cases.readers.pngs import GREY, GREY_ALPHA, RGB, RGBA, png
from tests.cases.readers.tiffs import tiff

RNG = np.random.default_rng(0)


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize(("colour", "channels"), [(RGB, 3), (RGBA, 4), (GREY_ALPHA, 2)])
def test_sixteen_bits_of_colours_stay_sixteen(tmp_path, colour, channels, interlaced):
    samples = RNG.integers(0, 4096, (13, 18, channels)).astype(np.uint16)
    path = png(tmp_path / "a.png", samples, bits=16, colour=colour, interlaced=interlaced)
    with Image.open(path) as picture:
        pixels = deep_png(path, picture)
    np.testing.assert_array_equal(pixels, samples[..., 0] if channels == 2 else samples[..., :3])


def test_others_are_left_to_pillow(tmp_path):
    path = png(tmp_path / "a.png", RNG.integers(0, 65536, (5, 6)).astype(np.uint16), bits=16, colour=GREY)
    with Image.open(path) as picture:
        assert deep_png(path, picture) is None
    Image.new("L", (5, 5)).save(tmp_path / "a.bmp")
    with Image.open(tmp_path / "a.bmp") as picture:
        assert deep_png(tmp_path / "a.bmp", picture) is None


@pytest.mark.parametrize("kind", ["i1", "i2", "u4", "i4", "f4"])
def test_itk_gives_samples_as_stored(tmp_path, kind):
    samples = RNG.integers(-100, 100, (7, 9)).astype(kind)
    path = tiff(tmp_path / "a.tif", samples, order=">", compression=8, rows_per_strip=3)
    np.testing.assert_array_equal(through_itk(path, "TIFF", 7, 9), samples)
    with pytest.raises(ValueError, match="samples of shape"):
        through_itk(path, "TIFF", 9, 7)


def test_turns_are_those_of_exif():
    # EXIF 2.32: where row 0 and column 0 of the stored picture lie when it is seen upright
    sides = {2: ("top", "right"), 3: ("bottom", "right"), 4: ("bottom", "left"), 5: ("left", "top")}
    sides |= {6: ("right", "top"), 7: ("right", "bottom"), 8: ("left", "bottom")}
    stored = np.zeros((4, 6), int)
    stored[0], stored[1:, 0] = 1, 2
    for orientation, (row, column) in sides.items():
        upright = TURNS[orientation](stored)
        edges = {"top": upright[0], "bottom": upright[-1], "left": upright[:, 0], "right": upright[:, -1]}
        assert (edges[row] == 1).all()
        assert (edges[column] >= 1).all()
