"""Where a film lies in its file: points and planes there and back, and a plain film that stays as it is."""

import numpy as np
import pytest

from spinelib.cases.film_place import FilmPlace

PLACES = [
    FilmPlace.of((90, 60), (0, 0, 90, 60)),
    FilmPlace.of((90, 60), (10, 5, 70, 40)),
    FilmPlace.of((90, 60), (10, 5, 70, 40), 2.0),
    FilmPlace.of((90, 60), (10, 5, 70, 40), 0.7),
    FilmPlace.of((90, 60), (0, 0, 90, 60), 1.0, 1),
    FilmPlace.of((90, 60), (10, 5, 70, 40), 1.5, 3),
    FilmPlace.of((90, 60), (10, 5, 70, 40), 1.0, 2),
]


def test_a_plain_film_stays_as_it_is_to_the_last_bit():
    place = FilmPlace.of((90, 60), (0, 0, 90, 60), 1.001)
    plane = np.random.default_rng(0).normal(size=(90, 60)).astype(np.float32)
    points = np.random.default_rng(0).uniform(0, 60, (3, 4, 2)).astype(np.float32)
    assert place.film == place.file == (90, 60)
    assert place.whole
    assert np.shares_memory(place.greys(plane), plane)
    for same in (place.to_film(points), place.to_file(points)):
        assert same.dtype == points.dtype
        assert np.array_equal(same, points)
    assert np.array_equal(place.labels(plane), plane)
    assert np.array_equal(place.back(plane), plane)


@pytest.mark.parametrize("place", PLACES)
def test_points_go_there_and_back_and_a_row_keeps_the_place(place):
    points = np.random.default_rng(0).uniform(0, 60, (3, 4, 2))
    np.testing.assert_allclose(place.to_file(place.to_film(points)), points, atol=1e-9)
    assert FilmPlace.from_row(np.array(place.row(), np.float32)) == place


@pytest.mark.parametrize("place", PLACES)
def test_what_is_marked_is_where_its_points_are(place):
    top, left = place.in_file[:2]
    mask = np.zeros(place.file, np.uint8)
    mask[top + 8 : top + 20, left + 6 : left + 30] = 3
    found = place.labels(mask)
    assert found.shape == place.film
    rows, columns = np.nonzero(found)
    x, y = place.to_film(np.array([left + 17.5, top + 13.5]))
    np.testing.assert_allclose((columns.mean(), rows.mean()), (x, y), atol=0.51)
    np.testing.assert_array_equal(place.back(found), mask)
    assert place.lost(mask) == 0


def test_pixels_twice_as_high_as_wide_become_two_rows():
    place = FilmPlace.of((4, 3), (1, 0, 2, 3), 2.0)
    assert place.film == (4, 3)
    assert place.stretch == (2.0, 1.0)
    np.testing.assert_allclose(place.to_film(np.array([2.0, 1.0])), (2, 0.5))
    picture = np.outer(np.arange(4.0), np.ones(3)).astype(np.float32)
    # Rows 1 and 2 of the file; centres of four rows lie at a quarter and three quarters of a row.
    np.testing.assert_allclose(place.greys(picture)[:, 0], (1, 1.25, 1.75, 2), atol=1e-6)
    assert place.greys(np.dstack([picture] * 3)).shape == (4, 3, 3)
    np.testing.assert_array_equal(place.labels(picture)[:, 0], (1, 1, 2, 2))


def test_the_longer_side_of_a_pixel_is_divided():
    assert FilmPlace.of((100, 80), (0, 0, 100, 80), 1.3).film == (130, 80)
    assert FilmPlace.of((100, 80), (0, 0, 100, 80), 0.8).film == (100, 100)


def test_outside_the_film_nothing_is_marked_and_what_lies_there_is_lost():
    place = FilmPlace.of((10, 8), (2, 1, 6, 5))
    back = place.back(np.ones((6, 5), np.uint8))
    assert back.sum() == 30
    assert back[2:8, 1:6].all()
    assert place.lost(np.ones((10, 8))) == pytest.approx(50 / 80)
    assert place.lost(np.zeros((10, 8))) == 0


def test_a_lying_film_is_turned_as_its_pixels_are():
    place = FilmPlace.of((60, 90), (10, 20, 30, 50), 1.0, 1)
    assert place.file == (90, 60)
    assert place.upright == (60, 90)
    stored = np.zeros(place.file, np.uint8)
    stored[25, 7] = 1
    ((row, column),) = np.argwhere(np.rot90(stored))
    np.testing.assert_array_equal(place.to_upright(np.array([7, 25])), (column, row))
    top, left, height, width = place.in_file
    marked = place.back(np.ones(place.film, np.uint8))
    assert marked[top : top + height, left : left + width].all()
    assert marked.sum() == height * width
