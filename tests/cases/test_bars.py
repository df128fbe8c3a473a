"""Bars seen from one side of a picture: where they end, and what is none."""

import numpy as np
import pytest

from spinelib.cases.bars import bar, blank

from .films import film

FILM = film(400, 200, 1).astype(np.float32)


def beside(lines, film=FILM):
    return np.concatenate([np.asarray(lines, np.float32), film])


@pytest.mark.parametrize("grey", [0, 90, 255])
@pytest.mark.parametrize("count", [1, 2, 7, 90])
def test_a_bar_ends_where_the_film_begins(grey, count):
    assert bar(beside(np.full((count, 200), grey)), 1.0) == count


def test_noise_of_its_own_does_not_hide_a_bar():
    noise = np.random.default_rng(0).integers(-3, 4, (60, 200))
    assert bar(beside(30 + noise), 1.0) == 60


def test_text_and_ticks_belong_to_the_bar():
    lines = np.zeros((80, 200))
    lines[20:32, 10:80:4] = 255
    lines[72:, ::10] = 255
    assert bar(beside(lines), 1.0) == 80


def test_something_broad_ends_the_search():
    lines = np.zeros((120, 200))
    lines[40:60, 50:90] = 200
    assert bar(beside(lines), 1.0) == 0
    assert blank(beside(lines), 1.0) == 40


def test_the_greys_of_a_film_are_no_bar():
    assert bar(FILM, 1.0) == 0
    assert blank(FILM, 1.0) == 0


def test_levels_are_relative():
    lines = beside(np.full((50, 200), 128))
    assert bar(lines * 200 + 1000, 200.0) == 50


def test_lines_of_one_grey_count_from_three_on():
    assert blank(beside(np.zeros((2, 200))), 1.0) == 0
    assert blank(beside(np.zeros((3, 200))), 1.0) == 3
    assert blank(np.zeros((50, 200), np.float32), 1.0) == 0
