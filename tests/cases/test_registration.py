import tracemalloc

import numpy as np
import pytest

from spinelib.cases import neighbours, registration
from spinelib.cases.registration import MEDIUM, SMALL, Match, Resolution, Spectra, correlate, nearest, register

PAIRS = np.array([[0, 1], [0, 2], [1, 2]])
COARSE = Resolution(24, 1.2, np.exp(np.arange(-2, 3) * 0.02))


def unrelated(count, size=(12, 6), seed=0):
    rng = np.random.default_rng(seed)
    blocks = [np.kron(100 + 30 * rng.normal(size=size), np.ones((16, 16))) for _ in range(count)]
    return [(block + rng.normal(size=block.shape)).clip(1).astype(np.float32) for block in blocks]


@pytest.fixture(scope="module")
def films():
    return unrelated(3)


def correlated(films, pairs, level):
    """Best correlation and its scale of each of `pairs`."""
    spectra = Spectra(films, level)
    found = [correlate(spectra, [first], second) for first, second in pairs]
    return np.array([best[0] for best, _ in found]), np.array([scale[0] for _, scale in found])


def test_exposure_and_a_shift_do_not_hide_the_same_film(films):
    darker = 0.3 * np.roll(films[0], 8, 0) + 5
    similarity, scale = correlated([films[0], darker, films[1]], PAIRS, MEDIUM)
    assert similarity[0] > 0.8
    assert scale[0] == pytest.approx(1, abs=0.07)
    assert (similarity[1:] < 0.6).all()


def test_what_stands_beside_a_pair_changes_nothing(films, monkeypatch):
    alone, scale = correlated(films, PAIRS[1:], MEDIUM)
    monkeypatch.setattr(registration, "KEPT", 1)
    both = correlate(Spectra(films, MEDIUM), [0, 1], 2)
    assert both[0] == pytest.approx(alone)
    assert both[1].tolist() == scale.tolist()


@pytest.mark.parametrize("whole", [2, 256])
def test_the_most_promising_others_hold_the_same_film_shifted_and_scaled(monkeypatch, whole):
    monkeypatch.setattr(neighbours, "WHOLE", whole)
    monkeypatch.setattr(neighbours, "CELL", 2)
    films = unrelated(12)
    films += [0.5 * np.roll(films[3], 10, 0) + 9, np.kron(films[5], np.ones((2, 2)))[:300, :170]]
    pairs = nearest(films, SMALL, 2, 0.65)
    assert {(3, 12), (5, 13)} <= set(map(tuple, pairs.tolist()))
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(pairs) <= 2 * len(films)
    # Those of one second film follow each other.
    assert (np.diff(pairs[:, 1]) != 0).sum() == len(set(pairs[:, 1].tolist())) - 1


def test_a_table_on_the_disk_gives_the_same_pairs(films, tmp_path):
    table = np.lib.format.open_memmap(tmp_path / "t.npy", "w+", np.float32, (len(films), SMALL.numbers))
    assert nearest(films, SMALL, 2, 0.0, table).tolist() == nearest(films, SMALL, 2, 0.0).tolist()
    assert np.linalg.norm(table, axis=1) == pytest.approx(1, abs=1e-4)


def test_what_is_promising_is_an_upper_bound_of_the_correlation(films):
    near = nearest(films, MEDIUM, 2, 0.0)
    best, _ = correlated(films, near, MEDIUM)
    for floor in best - 1e-4:
        assert set(map(tuple, near[best >= floor].tolist())) <= set(map(tuple, nearest(films, MEDIUM, 2, floor)))


def peak(count):
    """Peak of what is allocated while `count` films are compared, each with the two before it; bytes."""
    films = [film for film in unrelated(4, (3, 2)) for _ in range(count // 4)]
    spectra = Spectra(films, COARSE)
    tracemalloc.start()
    try:
        for second in range(2, count):
            correlate(spectra, [second - 2, second - 1], second)
            assert register(spectra, second - 1, second, 1.0).overlap > 0
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_held_does_not_grow_with_the_films(monkeypatch):
    monkeypatch.setattr(registration, "KEPT", 12)
    assert peak(48) < 1.5 * peak(16)


def test_a_match_in_a_row_is_the_same_match():
    match = Match(0.8, 0.9, 1.1, (0.01, -0.02))
    assert Match.of(*match.numbers) == match
