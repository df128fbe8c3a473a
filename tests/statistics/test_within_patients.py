import numpy as np
import pytest

from spinelib.statistics.within_patients import films_alike


def test_equal_numbers_of_films_give_the_textbook_value():
    # Shrout & Fleiss 1979, table 2: six targets, four judges, ICC(1) = 0.17.
    table = np.array([[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float)
    found = films_alike(table.ravel(), np.repeat(np.arange(6), 4))
    assert found.icc == pytest.approx(0.17, abs=0.005)
    assert found[1:4] == (24, 6, 4.0)
    assert found.effective == pytest.approx(24 / (1 + 3 * found.icc))


def test_the_share_that_made_the_values_is_found_and_the_effective_number_with_it():
    rng = np.random.default_rng(0)
    counts = rng.integers(1, 6, 3000)
    patients = np.repeat(np.arange(len(counts)), counts)
    values = np.sqrt(0.7) * rng.normal(size=len(counts))[patients] + np.sqrt(0.3) * rng.normal(size=len(patients))
    found = films_alike(values, patients)
    assert found.icc == pytest.approx(0.7, abs=0.02)
    n0 = (len(patients) - (counts**2).sum() / len(patients)) / (len(counts) - 1)
    assert found.each == pytest.approx(n0)
    # The variance of the mean over these films is that of so many independent ones, but for unequal counts.
    means = [films_alike(rng.permutation(values), patients).icc for _ in range(5)]
    assert np.abs(means).max() < 0.05


def test_one_film_each_needs_no_correlation_and_equal_films_have_none():
    one = films_alike([1.0, 2.0, np.nan, 4.0], ["a", "b", "c", "d"])
    assert np.isnan(one.icc)
    assert (one.films, one.patients, one.effective) == (3, 3, 3.0)
    same = films_alike([0.3] * 4, list("aabb"))
    assert np.isnan(same.icc)
    assert np.isnan(same.effective)
    assert films_alike([1.0, 1.0, 5.0, 5.0], list("aabb"))[::4] == (1.0, 2.0)
    # Less alike than strangers: worth no more than their number.
    assert films_alike([1.0, 5.0, 5.0, 1.0], list("aabb")).effective == 4
    assert np.isnan(films_alike([1.0, 2.0], ["a", "a"]).icc)
    with pytest.raises(ValueError, match="one shape"):
        films_alike([1.0, 2.0], ["a"])
