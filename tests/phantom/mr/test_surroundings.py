"""What lies around the spine: air beyond the skin, fat under it, muscle behind, and equal draws give equal bits."""

import numpy as np
import pytest
import torch

from spinelib.phantom.mr.surroundings import surrounding_signal

from .made import scanned


@pytest.fixture(scope="module")
def made():
    return scanned()


def around(made, seed=0):
    draw, g = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    return surrounding_signal(made.grid, made.c, made.way, draw, g)


@pytest.fixture(scope="module")
def found(made):
    return around(made)


def near(made, course, low, high):
    """Voxels that lie `low` to `high` mm behind a course."""
    w = made.grid.axis(2)
    behind = w - getattr(made.way, course)[:, None]
    return ((behind > low) & (behind < high)).expand(made.grid.shape)


def test_fat_is_a_part_of_the_signal(made, found):
    signal, fat = found
    assert signal.shape == fat.shape == made.grid.shape
    assert fat.min() >= 0
    assert (fat <= signal + 1e-6).all()


def test_there_is_no_signal_beyond_the_skin_of_back_and_belly(made, found):
    signal, _ = found
    assert signal[near(made, "skin", 3, 400)].max() < 0.01
    assert signal[near(made, "belly", -400, -15)].max() < 0.01
    assert signal[near(made, "skin", -400, -3) & near(made, "belly", 15, 400)].mean() > 0.1


def test_under_the_skin_of_the_back_lies_fat(made, found):
    signal, fat = found
    spines = made.way.spines + 12 < made.way.skin
    layer = near(made, "skin", -8, -4) & spines[:, None]
    assert layer.any()
    assert fat[layer].sum() > 0.8 * signal[layer].sum()
    assert signal[layer].median() > 0.5 * made.c.fat


def test_behind_the_canal_lies_muscle_between_spine_and_fat(made, found):
    signal, _ = found
    d = made.grid.axis(0)[:, None, None]
    beside = (d - made.way.middle[:, None]).abs()
    muscle = near(made, "canal", 8, 18) & (beside > 14) & (made.way.at < 19)[:, None]
    assert signal[muscle].median().item() == pytest.approx(made.c.muscle, rel=0.5)


def test_equal_draws_give_equal_bits_and_others_another_belly(made, found):
    again, other = around(made)[0], around(made, 1)[0]
    assert torch.equal(found[0], again)
    assert not torch.equal(found[0], other)
