"""Thumbnails and their page: sizes, colours where something was outlined, and a page that holds its pictures."""

from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageColor

from spinelib.apply.film import OutlinedFilm
from spinelib.apply.picture import (
    AREA,
    HEIGHT,
    SLICES,
    WIDEST,
    film_thumbnail,
    save_jpeg,
    volume_thumbnail,
    write_results_page,
)
from spinelib.apply.volume import OutlinedVolume
from spinelib.cases.film_place import FilmPlace
from spinelib.cases.readers.film import Film
from spinelib.measures.cobb.reading import from_corners
from spinelib.plots.cobb import end_lines
from spinelib.plots.style import PREDICTION, REFERENCE, structure_colour
from tests.measures.cobb.spines import c_curve


def outlined(height, width, reading=None, area=None, aspect=1.0):
    image = np.tile(np.linspace(0, 255, width, dtype=np.float32), (height, 1))
    labels = np.zeros((height, width), np.uint8)
    labels[height // 4 : height // 2, width // 4 : width // 2] = 1
    place = FilmPlace.of((height, width), area or (0, 0, height, width), aspect)
    return OutlinedFilm(
        Film(place.greys(image), place, image), labels, labels, reading, None, labels[None], labels[None]
    )


def colours(picture, colour):
    return (np.asarray(picture) == ImageColor.getrgb(colour)).all(-1)


@pytest.mark.parametrize(("shape", "size"), [((600, 300), (150, HEIGHT)), ((100, 700), (WIDEST, 60))])
def test_a_film_is_fitted_and_its_outline_is_a_line_around_it(shape, size):
    picture = film_thumbnail(outlined(*shape))
    assert picture.size == size
    line = colours(picture, PREDICTION)
    rows, columns = np.nonzero(line)
    wanted = (size[1] / 4, size[1] / 2, size[0] / 4, size[0] / 2)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == pytest.approx(wanted, abs=1)
    assert not line[(rows.min() + rows.max()) // 2, columns.min() + 2 : columns.max() - 1].any(), "only its border"
    grey = np.asarray(picture)[0, :, 0].astype(int)
    assert (np.diff(grey) >= 0).all()


def test_known_angles_have_their_lines_and_unknown_ones_none():
    reading = from_corners(c_curve(40), (0.0, 256.0))
    picture = film_thumbnail(outlined(256, 128, reading))
    middle = (end_lines(reading).mean(1) + 0.5) * (picture.size[1] / 256)
    blue = colours(picture, REFERENCE)
    for x, y in middle:
        assert blue[round(y) - 2 : round(y) + 3, round(x) - 2 : round(x) + 3].any()
    few = from_corners(c_curve(40)[:2], (0.0, 256.0))
    assert not colours(film_thumbnail(outlined(256, 128, few)), REFERENCE).any()


def test_slices_of_a_volume_keep_the_proportions_of_the_body_and_tint_what_was_outlined():
    labels = np.zeros((7, 60, 80), np.uint8)
    labels[2:5, 20:40, 35:45] = 2
    volume = SimpleNamespace(array=np.full(labels.shape, 50, np.int16), spacing=(4.0, 2.0, 1.0))
    volume.array[:, :5] = 200
    picture = volume_thumbnail(OutlinedVolume(volume, labels), ("S", "L5"))
    # The half of 80 columns of 1 mm beside 60 rows of 2 mm.
    assert picture.size[0] / SLICES / picture.size[1] == pytest.approx(40 / 120, rel=0.03)
    pixels = np.asarray(picture).astype(int)
    high, wide = pixels.shape[0], pixels.shape[1] // SLICES
    tint = pixels[high // 2, wide // 2 :: wide]
    assert len(tint) == SLICES
    wanted = 0.45 * np.array(ImageColor.getrgb(structure_colour("L5")))
    np.testing.assert_allclose(tint, np.tile(wanted, (SLICES, 1)), atol=2)
    beside = pixels[high // 2, 1]
    assert beside[0] == beside[1] == beside[2]


def test_the_page_holds_its_pictures_and_escapes_names(tmp_path):
    save_jpeg(Image.new("RGB", (20, 30), "red"), tmp_path / "thumbnails" / "a.jpg")
    with Image.open(tmp_path / "thumbnails" / "a.jpg") as picture:
        assert (picture.format, picture.size) == ("JPEG", (20, 30))
    blank = dict.fromkeys(("slices", "reason", "remedy", "remark", "mm", "words", "thumbnail"), "")
    good = blank | {"file": "a.png", "status": "ok", "height": 30, "width": 20, "words": "Cobb 3", "thumbnail": "a.jpg"}
    bad = blank | {"file": "<b>.png", "status": "failed", "reason": "is empty", "remedy": "Copy it again."}
    write_results_page(tmp_path / "page.html", "Title", ["A fact."], [good, bad], tmp_path / "thumbnails")
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert html.count("data:image/jpeg;base64,") == 1
    assert "&lt;b&gt;.png" in html
    assert "<b>.png" not in html
    for words in ("Title", "A fact.", "Cobb 3", "is empty", "Copy it again."):
        assert words in html


def test_a_line_surrounds_the_film_where_it_is_not_the_whole_picture():
    assert not (np.asarray(film_thumbnail(outlined(600, 300))) == AREA).all(-1).any()
    line = (np.asarray(film_thumbnail(outlined(600, 300, area=(100, 60, 400, 180)))) == AREA).all(-1)
    rows, columns = np.nonzero(line)
    assert (rows.min(), rows.max() + 1, columns.min(), columns.max() + 1) == pytest.approx((50, 250, 30, 120), abs=1)
    assert not line[100:200, 40:110].any()


def test_oblong_pixels_are_shown_as_the_body_is():
    picture = film_thumbnail(outlined(300, 300, aspect=2.0))
    assert picture.size == (HEIGHT // 2, HEIGHT)
