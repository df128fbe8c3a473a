import numpy as np
import pytest

from spinelib.phantom.surroundings import _KINDS, surround


def film(seed=0, shape=(320, 120)):
    return np.random.default_rng(seed).integers(60, 180, shape).astype(np.uint8)


@pytest.mark.parametrize("kind", _KINDS, ids=lambda kind: kind.__name__.strip("_"))
@pytest.mark.parametrize("shape", [(320, 120), (64, 200), (40, 32)])
def test_the_middle_of_the_film_stays_as_it_is_where_the_picture_says_it_lies(kind, shape):
    given = film(1, shape)
    for seed in range(20):
        picture, (top, left) = kind(given.copy(), np.random.default_rng(seed))
        shown = picture[top : top + shape[0], left : left + shape[1]]
        assert shown.shape == shape
        middle = slice(shape[0] * 2 // 5, shape[0] * 3 // 5), slice(shape[1] * 2 // 5, shape[1] * 3 // 5)
        if shape[0] > 100:
            np.testing.assert_array_equal(shown[middle], given[middle])
        assert (shown == given).mean() > 0.3


def test_one_to_three_things_lie_around_a_film_and_the_same_draw_gives_the_same_picture():
    given = film()
    made = [surround(given, np.random.default_rng(seed)) for seed in range(60)]
    for seed, (picture, start) in enumerate(made):
        again, same = surround(given, np.random.default_rng(seed))
        assert start == same
        np.testing.assert_array_equal(picture, again)
        assert picture.dtype == np.uint8
    changed = [picture.shape != given.shape or (picture != given).any() for picture, _ in made]
    assert np.mean(changed) > 0.9
    assert len({picture.shape for picture, _ in made}) > 30
    assert np.median([picture.size / given.size for picture, _ in made]) > 1.1
    np.testing.assert_array_equal(given, film())
