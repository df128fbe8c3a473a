import tracemalloc

import numpy as np
import pytest

from spinelib.cases import registration
from spinelib.cases.registration import MEDIUM, SMALL, Resolution, correlate, nearest, register

PAIRS = np.array([[0, 1], [0, 2], [1, 2]])
COARSE = Resolution(24, 1.2, np.exp(np.arange(-2, 3) * 0.02))


def unrelated(count, size=(12, 6), seed=0):
    rng = np.random.default_rng(seed)
    blocks = [np.kron(100 + 30 * rng.normal(size=size), np.ones((16, 16))) for _ in range(count)]
    return [(block + rng.normal(size=block.shape)).clip(1).astype(np.float32) for block in blocks]


@pytest.fixture(scope="module")
def films():
    return unrelated(3)


def test_exposure_and_a_shift_do_not_hide_the_same_film(films):
    darker = 0.3 * np.roll(films[0], 8, 0) + 5
    similarity, scale = correlate([films[0], darker, films[1]], PAIRS, MEDIUM)
    assert similarity[0] > 0.8
    assert scale[0] == pytest.approx(1, abs=0.07)
    assert (similarity[1:] < 0.6).all()


def test_the_order_and_number_of_pairs_change_nothing(films, monkeypatch):
    whole = correlate(films, PAIRS, MEDIUM)
    monkeypatch.setattr(registration, "BLOCK", 1)
    monkeypatch.setattr(registration, "KEPT", 1)
    for order in ([2, 0, 1], [0]):
        for part, expected in zip(correlate(films, PAIRS[order], MEDIUM), whole, strict=True):
            assert part.tolist() == pytest.approx(expected[order].tolist())


@pytest.mark.parametrize("block", [2, 256])
def test_the_most_promising_others_hold_the_same_film_shifted_and_scaled(monkeypatch, block):
    monkeypatch.setattr(registration, "BLOCK", block)
    films = unrelated(12)
    films += [0.5 * np.roll(films[3], 10, 0) + 9, np.kron(films[5], np.ones((2, 2)))[:300, :170]]
    pairs = nearest(films, SMALL, 2, 0.65)
    assert {(3, 12), (5, 13)} <= set(map(tuple, pairs.tolist()))
    assert (pairs[:, 0] < pairs[:, 1]).all()
    assert len(pairs) <= 2 * len(films)
    assert pairs.tolist() == sorted(pairs.tolist(), key=lambda pair: (pair[1], pair[0]))


def test_what_is_promising_is_an_upper_bound_of_the_correlation(films):
    near = nearest(films, MEDIUM, 2, 0.0)
    best, _ = correlate(films, near, MEDIUM)
    for floor in best - 1e-4:
        assert set(map(tuple, near[best >= floor].tolist())) <= set(map(tuple, nearest(films, MEDIUM, 2, floor)))


def peak(count):
    """Peak of what is allocated while `count` films are compared, each with the two before it; bytes."""
    films = [film for film in unrelated(4, (3, 2)) for _ in range(count // 4)]
    pairs = [(i - k, i, 1.0) for i in range(2, count) for k in (2, 1)]
    tracemalloc.start()
    try:
        assert sum(1 for _ in register(films, pairs, COARSE)) == len(pairs)
        correlate(films, np.array(pairs)[:, :2].astype(int), COARSE)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_what_is_held_does_not_grow_with_the_films(monkeypatch):
    monkeypatch.setattr(registration, "KEPT", 12)
    assert peak(48) < 1.5 * peak(16)
