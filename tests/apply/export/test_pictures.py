"""Pictures of films for other programs: as many pixels as the file, upright, and the shape of a pixel is kept."""

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.export.pictures import upright_film
from spinelib.apply.export.results import read_results
from spinelib.cases.readers.images import read_picture

from .made import OBLONG, PLAIN, TURNED


@pytest.fixture(scope="module")
def films(results):
    return {read.image.name: upright_film(read) for read in read_results(results, [])}


def test_pictures_of_known_kinds_are_copied_byte_for_byte(films, results, tmp_path):
    films[PLAIN].save_picture(tmp_path / "a.png")
    assert (tmp_path / "a.png").read_bytes() == (results.parent / "films" / PLAIN).read_bytes()


def test_a_film_that_lies_is_written_upright_with_what_was_found(films, results, tmp_path):
    film = films[TURNED]
    film.save_picture(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert picture.pixels.shape == film.labels.shape == (640, 300)
    assert (
        np.corrcoef(picture.pixels.ravel(), read_picture(results.parent / "films" / TURNED).pixels.ravel())[0, 1]
        > 0.999
    )
    heights = [quad[:, 1].mean() for _, quad in film.vertebrae]
    assert heights == sorted(heights)
    assert picture.pixels[film.labels == 1].mean() > 240


def test_oblong_pixels_stay_oblong(films, tmp_path):
    films[OBLONG].save_picture(tmp_path / "a.png")
    assert Image.open(tmp_path / "a.png").size == (300, 320)
    assert read_picture(tmp_path / "a.png").aspect == pytest.approx(2.0, rel=1e-3)
    assert films[OBLONG].spacing == (1.0, 0.5)
