"""The film's area in a picture: in every kind of frame, and the whole picture where there is none."""

import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from spinelib.cases.area import find_area
from spinelib.phantom import films, sample_anatomy
from spinelib.sources import prepare

from .films import film
from .framed import padded, square, ways

WAYS = tuple(ways(np.zeros((400, 160), np.uint8)))


def area(pixels):
    return find_area(np.asarray(pixels, np.float32))


@pytest.fixture(scope="module")
def phantoms(tmp_path_factory):
    """Films of three patients as their files have them; none is as bright at its border as a light box."""
    folder = tmp_path_factory.mktemp("phantoms")
    prepare("phantom", folder, patients=3, size=(512, 256), seed=78, test_fraction=0)
    return [np.asarray(Image.open(path)) for path in sorted((folder / "images").iterdir())]


@pytest.fixture(scope="module")
def pictures(phantoms):
    """Each of them in every kind of frame."""
    return [(pixels, ways(pixels, number)) for number, pixels in enumerate(phantoms)]


def test_no_frame_is_found_around_a_plain_film(phantoms):
    for pixels in phantoms:
        assert area(pixels) == (0, 0, *pixels.shape)


@pytest.mark.parametrize("way", WAYS)
def test_the_film_is_found_in_any_frame(pictures, way):
    for pixels, frames in pictures:
        framed = frames[way]
        wanted = (*framed.start, len(pixels) / framed.aspect, pixels.shape[1])
        near = np.array([len(pixels), pixels.shape[1]] * 2) / 100
        assert (np.abs(np.subtract(area(framed.pixels), wanted)) <= near).all()


@pytest.mark.parametrize("seed", range(5))
def test_a_film_that_stands_alone_is_the_whole_picture(seed):
    for pixels in (film(640, 300, seed), film(300, 120, seed), film(1000, 400, seed, 25)):
        assert area(pixels) == (0, 0, *pixels.shape)


def test_a_cropped_film_in_bars_is_the_cropped_film(phantoms):
    part = phantoms[0][60:430, 20:-15]
    assert area(square(part, 90).pixels) == (0, (370 - part.shape[1]) // 2, *part.shape)


def test_markers_within_the_film_stay():
    pixels = film(500, 240, 3)
    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).text((5, 5), "L", fill=255, font_size=40)
    assert area(picture) == (0, 0, 500, 240)
    found = area(padded(np.asarray(picture), 0, 0, 100, 0, 0).pixels)
    assert found == (0, 100, 500, 240)


def test_air_of_one_grey_goes_and_faint_anatomy_in_it_stays():
    dark = np.zeros((600, 300))
    dark[100:] = film(500, 300, 2) * np.clip(np.arange(500) / 200, 0, 1)[:, None]
    top, left, height, width = area(np.floor(dark))
    assert 95 <= top <= 135
    assert (left, top + height, width) == (0, 600, 300)
    # A few faint lines above, as of a neck whose soft parts are black.
    dark[60:100:6, 130:170] = 30
    assert area(np.floor(dark)) == (60, 0, 540, 300)


def test_a_row_of_boxes_on_smooth_ground_is_no_film_in_a_frame():
    random = np.random.default_rng(0)
    pixels = 60 + 8 * np.sin(np.arange(640)[:, None] / 90) + random.normal(0, 2, (640, 300))
    for k in range(17):
        pixels[30 + 34 * k : 50 + 34 * k, 120:180] += 90
    assert area(pixels) == (0, 0, 640, 300)


@pytest.mark.parametrize("pixels", [np.full((200, 100), 7), np.eye(20), np.zeros((1, 1))])
def test_what_is_no_film_is_left_as_it_is(pixels):
    assert area(pixels) == (0, 0, *pixels.shape)


def test_a_ramp_is_not_taken_for_bars():
    assert area(np.tile(np.arange(100), (200, 1)))[3] > 90


def test_what_is_too_small_for_a_film_is_not_one():
    pixels = np.zeros((600, 500), np.uint8)
    pixels[200:250, 200:250] = film(50, 50, 1)
    assert area(pixels) == (0, 0, 600, 500)


def test_a_large_film_is_searched_in_a_blink():
    pixels = films(sample_anatomy(1, 3), "coronal", (2000, 1000), seed=3).images[0].astype(np.float32)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        find_area(pixels)
        seconds.append(time.process_time() - start)
    # About 0.03 s where it is the only one on its core.
    assert min(seconds) < 0.3
