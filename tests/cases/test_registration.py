import numpy as np
import pytest

from spinelib.cases.registration import MEDIUM, correlate


@pytest.fixture(scope="module")
def films():
    rng = np.random.default_rng(0)
    coarse = rng.normal(size=(3, 12, 6))
    blocks = [np.kron(100 + 30 * one, np.ones((16, 16))) for one in coarse]
    return [(block + rng.normal(size=block.shape)).clip(1).astype(np.float32) for block in blocks]


def test_exposure_and_a_shift_do_not_hide_the_same_film(films):
    darker = 0.3 * np.roll(films[0], 8, 0) + 5
    similarity, scale = correlate([films[0], darker, films[1]], MEDIUM, np.ones((3, 3), bool))
    assert similarity[0, 1] > 0.8
    assert scale[0, 1] == pytest.approx(1, abs=0.07)
    assert similarity[0, 2] < 0.6
    assert similarity[1, 2] < 0.6


def test_only_the_pairs_asked_for_are_looked_at(films):
    wanted = np.zeros((3, 3), bool)
    wanted[0, 2] = True
    similarity, _ = correlate(films, MEDIUM, wanted)
    assert similarity[0, 1] == similarity[1, 2] == -1
    assert similarity[0, 2] > -1
