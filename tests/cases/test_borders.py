"""Uneven borders: light and collimation that end at a straight edge."""

import numpy as np
import pytest

from spinelib.cases.borders import border, reduced

from .films import film

FILM = film(800, 400, 1).astype(np.float32)


def count(lines):
    small, side = reduced(lines)
    return border(lines, small, side, 1.0)


def uneven(lines, low, high, noise=1.5):
    slope = np.linspace(low, high, 400)[None] + np.linspace(0, 5, lines)[:, None]
    return (slope + np.random.default_rng(0).normal(0, noise, slope.shape)).astype(np.float32)


@pytest.mark.parametrize(("low", "high"), [(0, 30), (205, 250)])
@pytest.mark.parametrize("lines", [30, 151, 300])
def test_a_border_that_changes_slowly_ends_at_its_edge(low, high, lines):
    assert count(np.concatenate([uneven(lines, low, high), FILM])) == pytest.approx(lines, abs=1)


def test_a_film_and_a_gradual_end_are_no_border():
    assert count(FILM) == 0
    fading = uneven(200, 20, 30)
    share = np.linspace(0, 1, 120)[:, None]
    fading[80:] = (1 - share) * fading[80:] + share * FILM[:120]
    assert count(np.concatenate([fading, FILM[120:]])) == 0


def test_texture_outside_the_edge_is_no_border():
    seam = np.concatenate([FILM[:300] * 0.5, FILM[300:] + 60])
    assert count(seam) == 0


def test_a_copy_has_the_means_of_squares():
    plane = np.arange(900 * 410, dtype=np.float32).reshape(900, 410) % 977
    small, side = reduced(plane)
    assert side == 3
    assert small.shape == (300, 136)
    np.testing.assert_allclose(small[5, 7], plane[15:18, 21:24].mean(), rtol=1e-5)
    assert reduced(plane[:50, :40])[1] == 1
