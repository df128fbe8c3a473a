"""Discs: between their bodies, under their names, bright where they are young."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from spinelib.phantom.mr.discs import make_discs

from .made import canvas, scanned


@pytest.fixture(scope="module")
def made():
    return scanned()


def discs(made, wear=None, seed=0):
    chain = made.chain if wear is None else replace(made.chain, wear=np.full(len(made.chain), wear))
    draw, g = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
    return make_discs(chain, made.bodies, made.c, made.grid, draw, g)


def painted(made, some):
    shown = canvas(made.grid)
    for disc in some:
        disc.paint(shown)
    return shown


def place(made, body):
    return next(k for k, other in enumerate(made.bodies) if other is body)


def test_every_disc_lies_between_its_bodies_under_the_name_of_the_chain(made):
    shown = painted(made, discs(made))
    for disc in (one for one in discs(made) if 11 <= one.label <= 15):
        middle = (shown.labels == disc.label).nonzero().double().mean(0).numpy() * made.grid.spacing
        up, down = ((middle - body.centre) @ body.frame[2] for body in (disc.upper, disc.lower))
        assert -disc.upper.half[2] - 12 < up < -0.8 * disc.upper.half[2]
        assert 0.8 * disc.lower.half[2] < down < disc.lower.half[2] + 12
        assert made.chain.disc[place(made, disc.upper)] == disc.label


def test_rests_of_discs_within_the_sacrum_count_as_sacrum(made):
    labels = {disc.label for disc in discs(made) if made.chain.sacral[place(made, disc.upper)]}
    assert labels <= {0, 1}
    assert {disc.label for disc in discs(made)} >= {11, 12, 13}


def test_a_young_nucleus_is_brighter_than_a_worn_one_and_than_its_ring(made):
    young, worn = (discs(made, wear) for wear in (0.0, 1.0))
    for one, other in zip(young, worn, strict=True):
        assert one.nucleus[0] > 3 * other.nucleus[0]
        assert one.nucleus[1] > other.nucleus[1]
        assert other.bulge >= one.bulge - 1
    means = []
    for some in (young, worn):
        shown = painted(made, some)
        means.append(shown.signal[(shown.labels >= 11) & (shown.labels <= 15)].mean().item())
    assert means[0] > 1.5 * means[1]
    assert means[1] > made.c.fibre


def test_only_worn_discs_have_slipped_out(made):
    assert not any(disc.hernia[2] for seed in range(5) for disc in discs(made, 0.2, seed))
    depths = [disc.hernia[2] for seed in range(8) for disc in discs(made, 1.0, seed) if disc.hernia[2]]
    assert depths
    assert min(depths) >= 2
    assert max(depths) <= 7


def test_discs_are_no_fat(made):
    shown = painted(made, discs(made))
    assert not shown.fat.any()
    assert shown.signal.min() >= 0
