"""One film: the map of the evaluation on its grid, and its mask in the film's own pixels."""

import numpy as np
import pytest
from PIL import Image

from spinelib.apply.film import native_map, outline_film
from spinelib.cases import load_arrays
from spinelib.cases.frame import letterbox
from spinelib.core.errors import BadInput
from spinelib.prediction.predictor import Predictor

from ..cases.films import NAME, film
from .made import bright, finished


@pytest.mark.parametrize("how", [{}, {"flip": True}, {"evaluation": (48, 48), "local": False}])
def test_the_map_on_the_grid_is_that_of_the_evaluation(tmp_path, how):
    run = finished(tmp_path, **how)
    trained, data = Predictor.from_folder(run, "cpu"), tmp_path / "data" / "own"
    expected = trained.labels(load_arrays(data, (64, 32)))
    found = [outline_film(trained, data / "images" / NAME.format(k)).on_grid for k in range(6)]
    assert np.array_equal(expected, found)
    assert expected.any()


def test_what_is_bright_is_outlined_where_it_is_in_the_films_own_pixels(tmp_path, monkeypatch):
    pixels = np.full((640, 400), 40, np.uint8)
    pixels[160:400, 220:260] = 240
    Image.fromarray(pixels).save(tmp_path / "bar.png")
    labels = outline_film(bright(tmp_path / "study", monkeypatch), tmp_path / "bar.png").labels
    rows, columns = np.flatnonzero(labels.any(1)), np.flatnonzero(labels.any(0))
    # One pixel of the grid is 12.5 px of the film.
    assert labels.shape == pixels.shape
    assert np.abs([rows[0] - 160, rows[-1] - 399, columns[0] - 220, columns[-1] - 259]).max() <= 12
    assert np.abs(np.argwhere(labels).mean(0) - [279.5, 239.5]).max() < 1.5


def test_the_native_map_follows_a_ramp_of_logits_exactly():
    frame = letterbox((100, 50), (20, 10))
    # Logits that are 0 at the native row 40.
    rows = np.arange(20.0)[:, None] * np.ones(10)
    scores = (rows - (40 * frame.scale + frame.offset_y))[None].astype(np.float32)
    labels = native_map(scores, frame)
    assert labels[41:].all()
    assert not labels[:40].any()


def test_several_classes_are_told_apart_in_strips_as_at_once(monkeypatch):
    scores = np.random.default_rng(0).normal(size=(4, 20, 10)).astype(np.float32)
    frame = letterbox((97, 41), (20, 10))
    whole = native_map(scores, frame)
    monkeypatch.setattr("spinelib.apply.film.HELD", 41 * 4 * 3)
    assert np.array_equal(whole, native_map(scores, frame))
    assert set(np.unique(whole)) == {0, 1, 2, 3}


def test_the_reading_is_that_of_the_grid_with_corners_in_the_films_own_pixels(tmp_path, monkeypatch):
    pixels = np.asarray(film(640, 300, 3, bend=25))
    # Air that is not of one grey, or it would be taken for a border of the film.
    air = np.random.default_rng(0).integers(20, 40, pixels.shape)
    Image.fromarray(np.where(pixels > 140, 250, air).astype(np.uint8)).save(tmp_path / "spine.png")
    found = outline_film(bright(tmp_path / "study", monkeypatch, evaluation=(256, 128)), tmp_path / "spine.png")
    assert found.on_grid.shape == (256, 128)
    assert found.labels.shape == found.film.picture.shape == (640, 300)
    assert found.answers is None
    # 256 rows show 640: a pixel of the grid is 2.5 of the film.
    for quad in found.reading.corners:
        x, y = quad.mean(0)
        assert found.on_grid[round(y / 2.5), round((x - 150) / 2.5 + 64)]


def test_a_film_of_one_grey_is_refused(tmp_path, monkeypatch):
    Image.new("L", (50, 90), 7).save(tmp_path / "flat.png")
    with pytest.raises(BadInput, match="one grey value only"):
        outline_film(bright(tmp_path / "study", monkeypatch), tmp_path / "flat.png")
