"""Films as they should not be: where their pixels go."""

import numpy as np
import pytest

from spinelib.apply.gate.spoiled import SPOILED, STILL_FILMS, spoil_film

FILM = np.add.outer(np.arange(300), np.arange(120)).astype(np.uint8)


def spoiled(kind, seed=0, film=FILM):
    return spoil_film(kind, film, np.random.default_rng(seed))


@pytest.mark.parametrize("kind", SPOILED)
def test_every_kind_is_a_picture_that_depends_on_its_seed_alone(kind):
    assert spoiled(kind).dtype == np.uint8
    assert np.array_equal(spoiled(kind), spoiled(kind))


def test_turned_and_cut_films_hold_the_films_own_pixels():
    assert any(np.array_equal(spoiled("upside down", seed), np.rot90(FILM, 2)) for seed in range(8))
    assert any(np.array_equal(spoiled("upside down", seed), FILM[::-1]) for seed in range(8))
    assert spoiled("lying").shape == FILM.shape[::-1]
    assert np.array_equal(spoiled("mirrored")[:, ::-1], FILM)
    part = spoiled("a part")
    assert len(FILM) * 0.25 - 1 <= len(part) <= len(FILM) * 0.5
    assert any(np.array_equal(part, FILM[top : top + len(part)]) for top in range(len(FILM)))
    thorax = spoiled("thorax")
    assert 135 <= len(thorax) <= 186
    assert np.array_equal(thorax, FILM[: len(thorax)])
    # The middle third, where the spine lies, is gone.
    assert spoiled("beside the spine").shape == (300, 40)


def test_a_photograph_holds_the_film_askew():
    film = np.zeros((300, 120), np.uint8)
    film[100:200, 50:70] = 255
    lit = spoiled("photograph", film=film) > 170
    assert lit.shape == (375, 192)
    assert 0.5 * 2000 < lit.sum() < 2.5 * 2000


def test_those_that_can_still_be_read_are_kinds():
    assert set(STILL_FILMS) < set(SPOILED)
