"""The signs of an answer: what each says of a column that is as it should be, and of one that is not."""

import numpy as np
import pytest

from spinelib.apply.film import outline_film
from spinelib.apply.gate.signs import SIGNS, measure_signs

from ...cases.films import film
from ..made import bright
from .shown import save_film


@pytest.fixture
def signs(tmp_path, monkeypatch):
    """Signs of a film by a network that outlines what is bright."""
    predictor = bright(tmp_path / "study", monkeypatch, grid=[320, 160], local=False)

    def measure(pixels):
        return measure_signs(predictor, outline_film(predictor, save_film(tmp_path / "film.png", pixels)))

    return measure


def growing(height=640, width=300, factor=1.0):
    """A film of 17 boxes that grow `factor` times wider from the top to the bottom."""
    pixels = np.zeros((height, width), np.uint8)
    for k, y in enumerate(np.linspace(0.08, 0.9, 17) * height):
        half = 20 * factor ** (k / 16)
        pixels[int(y) - 11 : int(y) + 11, int(width / 2 - half) : int(width / 2 + half)] = 255
    return pixels


def test_every_sign_is_a_number(signs):
    found = signs(film(640, 300, 3, bend=25))
    assert tuple(found) == tuple(SIGNS)
    assert np.isfinite(list(found.values())).all()
    assert all(words.format(found[name]) for name, words in SIGNS.items())


def test_growth_from_top_to_bottom_changes_its_sign_when_the_film_is_turned(signs):
    upright, turned = signs(growing(factor=1.8)), signs(growing(factor=1.8)[::-1])
    assert upright["taper"] == pytest.approx(np.log(1.8), rel=0.25)
    assert turned["taper"] == pytest.approx(-upright["taper"], rel=0.2)
    assert abs(signs(growing())["taper"]) < 0.1


def test_bodies_are_counted_and_placed(signs):
    found = signs(growing())
    assert found["bodies"] == 17
    assert found["spacing"] < 0.1
    assert found["aside"] < 0.02
    assert found["reach"] == pytest.approx(0.85, abs=0.04)
    assert found["above"] == pytest.approx(0.063, abs=0.02)
    assert found["aspect"] == pytest.approx(np.log(640 / 300))
    cut = signs(growing()[:330])
    assert cut["bodies"] < 13
    assert cut["below"] < 0.1


def test_what_lies_beside_the_column_is_stray(signs):
    plain, beside = growing(), growing()
    beside[300:380, 240:290] = 255
    assert signs(beside)["stray"] > signs(plain)["stray"] + 0.5


def test_a_film_on_which_nothing_is_read_has_no_signs(signs):
    pixels = np.zeros((640, 300), np.uint8)
    pixels[300:340, 130:170] = 255
    assert signs(pixels) is None
