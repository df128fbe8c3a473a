"""The one reader of films: bars are cut off, pixels are square, millimetres are those of the body."""

import numpy as np
import pytest
from PIL import Image

from spinelib.cases.readers.film import read_film
from spinelib.cases.readers.images import read_image
from spinelib.cases.readers.picture import to_grey
from spinelib.core.errors import BadInput

from ..films import film
from ..framed import square
from .dicoms import dicom

PIXELS = film(200, 120, 4)


def save(folder, pixels, **options):
    path = folder / "film.png"
    Image.fromarray(pixels).save(path, **options)
    return path


def test_a_plain_film_is_what_its_file_holds(tmp_path):
    found = read_film(save(tmp_path, PIXELS))
    assert found.place.whole
    assert found.place.square
    np.testing.assert_array_equal(found.pixels, read_image(tmp_path / "film.png"))
    assert found.spacing is found.file_spacing is None
    assert found.remark == ""


@pytest.mark.parametrize("grey", [0, 128, 255])
def test_bars_are_cut_off_and_the_picture_is_kept(tmp_path, grey):
    found = read_film(save(tmp_path, square(PIXELS, grey).pixels))
    np.testing.assert_array_equal(found.pixels, PIXELS)
    assert found.picture.shape == found.place.file == (200, 200)
    assert found.place.area == (0, 40, 200, 120)


def test_a_film_in_colours_keeps_them(tmp_path):
    colours = np.dstack([square(PIXELS, 0).pixels] * 3)
    colours[20:30, 60:70, 0] = 255
    found = read_film(save(tmp_path, colours))
    assert found.pixels.shape == (200, 120, 3)
    np.testing.assert_array_equal(found.pixels, colours[:, 40:160])


@pytest.mark.parametrize(("rows", "columns", "shape"), [(0.4, 0.2, (400, 120)), (0.15, 0.2, (200, 160))])
def test_oblong_pixels_of_a_header_become_square_ones(tmp_path, rows, columns, shape):
    found = read_film(dicom(tmp_path / "film.dcm", PIXELS, PixelSpacing=[rows, columns]))
    assert found.place.film == found.pixels.shape == shape
    assert found.spacing == pytest.approx((min(rows, columns),) * 2)
    assert found.file_spacing == (rows, columns)
    assert found.facts.patient == "P7"
    assert to_grey(found.pixels).mean() == pytest.approx(PIXELS.mean(), rel=0.01)


def test_the_shape_of_a_pixel_without_millimetres_counts_alike(tmp_path):
    found = read_film(dicom(tmp_path / "film.dcm", PIXELS, PixelAspectRatio=["3", "2"]))
    assert found.place.film == (300, 120)
    assert found.spacing is None
    twice = read_film(save(tmp_path, PIXELS, dpi=(200, 100)))
    assert twice.place.film == (400, 120)


def test_what_a_manifest_states_stands_above_the_file(tmp_path):
    path = dicom(tmp_path / "film.dcm", PIXELS, PixelSpacing=[0.4, 0.2])
    found = read_film(path, (0.3, 0.3))
    assert found.place.square
    assert found.spacing == found.file_spacing == (0.3, 0.3)
    assert read_film(save(tmp_path, PIXELS), (0.4, 0.2)).place.film == (400, 120)


@pytest.mark.parametrize("spacing", [(9.0, 1.0), (1.0, 9.0)])
def test_absurd_pixels_are_refused(tmp_path, spacing):
    with pytest.raises(BadInput, match="times as high as wide"):
        read_film(save(tmp_path, PIXELS), spacing)
