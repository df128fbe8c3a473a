"""Posterior parts: the distance to a bar, the depth of the canal, and where arches lie and what they are called."""

import numpy as np
import pytest
import torch

from spinelib.phantom.mr.arch import Bar, canal_depth, make_arches
from spinelib.phantom.mr.sampling import Grid

from .made import canvas, scanned

GRID = Grid((21, 21, 21), (1.0, 1.0, 1.0), 1.0, np.eye(3), np.zeros(3))
WHOLE = (slice(0, 21),) * 3
MARROW, FATTY = 0.5, 0.3


@pytest.fixture(scope="module")
def made():
    return scanned()


def arches(made, labelled=True):
    grain = torch.zeros(made.grid.shape)
    return make_arches(made.chain, made.bodies, made.grid, MARROW, FATTY, labelled, np.random.default_rng(1), grain)


def test_the_distance_to_a_round_bar_is_that_to_its_line():
    start, stop = np.array([5.0, 10, 10]), np.array([15.0, 10, 10])
    found = Bar(start, stop, np.eye(3), np.full(3, 4.0), 1, WHOLE).distance(GRID, 0.0)
    points = np.stack(np.meshgrid(*(np.arange(21.0),) * 3, indexing="ij"), -1)
    nearest = points.copy()
    nearest[..., 0], nearest[..., 1:] = points[..., 0].clip(5, 15), 10
    np.testing.assert_allclose(found, 4 - np.linalg.norm(points - nearest, axis=-1), atol=1e-4)


def test_a_sub_slice_off_the_middle_moves_the_bar_back():
    start = np.array([10.0, 10, 10])
    bar = Bar(start, start, np.eye(3), np.array([6.0, 4.0, 3.0]), 1, WHOLE)
    plain, moved = bar.distance(GRID, 0.0), bar.distance(GRID, 2.0)
    torch.testing.assert_close(moved[:-2], plain[2:])
    # On its surface the distance is 0, along each of the unequal half-axes.
    for axis, half in enumerate((6, 4, 3)):
        place = [10, 10, 10]
        place[axis] += half
        assert plain[tuple(place)].item() == pytest.approx(0, abs=1e-5)


def test_the_canal_is_deeper_lower_down():
    assert [canal_depth(level) for level in (0, 16, 21)] == [7.0, 8.0, 8.5]
    assert 8.0 < canal_depth(18) < 8.5


def test_every_labelled_body_of_the_field_has_an_arch_behind_it(made):
    here = arches(made)
    shown = canvas(made.grid)
    here.paint(shown, made.c.fibre)
    free = [k for k in range(made.chain.first, len(made.chain)) if 2 <= made.chain.label[k] <= 6]
    for k in free:
        body, label = made.bodies[k], int(made.chain.label[k])
        found = (shown.labels == label).nonzero().double().mean(0).numpy() * made.grid.spacing
        back = (found - body.centre) @ body.frame[1]
        assert back < -body.half[1], f"label {label} lies behind its body"
    assert shown.signal.min() >= 0
    assert shown.signal.max() <= MARROW + 1e-5
    assert (shown.fat <= FATTY * shown.signal + 1e-5).all()


def test_without_labels_the_picture_is_the_same(made):
    pair = []
    for labelled in (True, False):
        shown = canvas(made.grid)
        arches(made, labelled).paint(shown, made.c.fibre)
        pair.append(shown)
    torch.testing.assert_close(pair[0].signal, pair[1].signal, rtol=0, atol=0)
    assert pair[0].labels.any()
    assert not pair[1].labels.any()


def test_a_grid_that_shows_no_arch_has_none(made):
    far = Grid(made.grid.shape, made.grid.spacing, made.grid.thick, made.grid.turn, made.grid.shift + 5000)
    away = [type(body)(**{**vars(body), "centre": body.centre + 5000}) for body in made.bodies]
    assert make_arches(made.chain, away, far, MARROW, FATTY, True, made.draw, torch.zeros(far.shape)) is None
